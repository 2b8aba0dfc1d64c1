import { expect, test } from 'vitest'
import { CsCartError } from '../../src/errors.ts'
import { CS_CART_FAILURES, failureOf, ORDER_FAILURES } from '../../src/failures.ts'
import {
  closedAs,
  detailOf,
  durationOf,
  endingOf,
  messageOf,
  nextStepOf,
  type Run,
  remainingOf,
  resultLine,
} from '../../src/runs/run.ts'

const run = (values: Partial<Run> = {}): Run => ({
  id: 1,
  shopId: 1,
  kind: 'import',
  trigger: 'manual',
  state: 'succeeded',
  accountId: null,
  request: {},
  startedAt: 1_000_000,
  finishedAt: 1_060_000,
  dryRun: false,
  cancelRequested: false,
  found: null,
  created: 0,
  changed: 0,
  unchanged: 0,
  done: 0,
  skipped: 0,
  failed: 0,
  reason: null,
  detail: null,
  repeats: 1,
  lastRepeatAt: null,
  continuesRunId: null,
  ...values,
})

test('an import is one line with all its counts and its result', () => {
  expect(resultLine(run({ state: 'partial', created: 12, changed: 3, unchanged: 240, failed: 1 }))).toBe(
    '新規 12件・変更 3件・変更なし 240件・失敗 1件（一部失敗）',
  )
  expect(resultLine(run())).toBe('新規 0件・変更 0件・変更なし 0件（成功）')
})

test('an export is one line that names what was written and what was left', () => {
  expect(resultLine(run({ kind: 'export', done: 1_234, skipped: 2 }))).toBe('書出 1,234件・見送り 2件（成功）')
  expect(resultLine(run({ kind: 'export', done: 1, dryRun: true }))).toBe('【試運転】書出 1件（成功）')
})

test('a run that was not made says why', () => {
  expect(resultLine(run({ kind: 'export', state: 'skipped', reason: 'not_contracted' }))).toBe(
    '実行せず: APIオプションの契約期間外のため、自動書き出しを行いませんでした。',
  )
})

test.each([
  ['nothing failed', { created: 2 }, { how: 'completed' } as const, 'succeeded', null],
  ['nothing was found', {}, { how: 'completed' } as const, 'succeeded', null],
  ['one failed, others went through', { unchanged: 1, failed: 1 }, { how: 'completed' } as const, 'partial', null],
  ['all failed', { failed: 3 }, { how: 'completed' } as const, 'failed', null],
  ['the shop failed at once', {}, { how: 'failed', reason: 'unauthorized' } as const, 'failed', 'unauthorized'],
  ['the shop failed midway', { created: 9 }, { how: 'failed', reason: 'timeout' } as const, 'partial', 'timeout'],
  ['somebody stopped it', { created: 9, failed: 1 }, { how: 'cancelled' } as const, 'cancelled', 'cancelled_by_staff'],
  ['the process stopped', { created: 9 }, { how: 'interrupted' } as const, 'interrupted', 'interrupted'],
])('when %s, the run is closed truthfully', (_, counts, ending, state, reason) => {
  expect(closedAs(run(counts), ending)).toEqual({ state, reason })
})

test('a duration is never negative, also after the clock was set back', () => {
  expect(durationOf(run(), 0)).toBe(60_000)
  expect(durationOf(run({ finishedAt: null, state: 'running' }), 400_000)).toBe(0)
})

test('the time left follows from the pace so far and is unknown without one', () => {
  const running = { state: 'running', finishedAt: null, found: 100 } as const
  expect(remainingOf(run({ ...running, created: 25 }), 1_050_000)).toBe(150_000)
  expect(remainingOf(run(running), 1_050_000)).toBeUndefined()
  expect(remainingOf(run({ ...running, found: null, created: 5 }), 1_050_000)).toBeUndefined()
  expect(remainingOf(run({ created: 25, found: 100 }), 1_050_000)).toBeUndefined()
})

test('what the work throws becomes a reason, with what CS-Cart said as detail', () => {
  expect(endingOf(new CsCartError('rejected', { status: 400, said: 'No shipping' }))).toEqual({
    how: 'failed',
    reason: 'rejected',
    detail: 'HTTP 400 / No shipping',
  })
  expect(detailOf(new CsCartError('unexpected_shape', { path: 'products.7.amount' }))).toBe('項目 products.7.amount')
  expect(detailOf(new CsCartError('timeout'))).toBeUndefined()
  expect(endingOf(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }))).toEqual({
    how: 'failed',
    reason: 'no_room',
  })
  expect(endingOf(new TypeError('x is undefined'))).toEqual({ how: 'failed', reason: 'unexpected' })
  expect(endingOf('a string')).toEqual({ how: 'failed', reason: 'unexpected' })
})

test.each(Object.keys({ ...CS_CART_FAILURES, ...ORDER_FAILURES }))(
  'the reason %s has a sentence and a next step in Japanese, on the run too',
  (reason) => {
    const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/
    expect(failureOf(reason).sentence).toMatch(/。$/)
    expect(failureOf(reason).nextStep).toMatch(/。|）$/)
    const failed = run({ state: 'failed', reason })
    expect(messageOf(failed)).toMatch(japanese)
    expect(nextStepOf(failed)).toMatch(japanese)
  },
)

test('a run whose single orders failed says how many, and what to do', () => {
  expect(messageOf(run({ state: 'partial', created: 1, failed: 2 }))).toContain('2件が失敗しました')
  expect(messageOf(run({ kind: 'export', done: 1, skipped: 2 }))).toContain('2件を見送りました')
  expect(messageOf(run({ kind: 'export', skipped: 2, dryRun: true }))).toBe('')
  const cutShort = messageOf(run({ kind: 'export', state: 'cancelled', found: 4, done: 1 }))
  expect(cutShort).toContain('対象 4件のうち 3件は行っていません')
  expect(messageOf(run({ kind: 'export', found: 4, done: 3, skipped: 1 }))).not.toContain('行っていません')
  expect(nextStepOf(run({ state: 'partial', created: 1, failed: 2 }))).toContain('失敗分を再実行')
  expect(messageOf(run())).toBe('')
  expect(nextStepOf(run())).toBe('')
})

test('no next step promises a shop without 自動取得 and 自動書き出し that something happens by itself', () => {
  for (const [reason, { nextStep }] of Object.entries({ ...CS_CART_FAILURES, ...ORDER_FAILURES })) {
    if (!/自動で(再試行|再開)/.test(nextStep)) continue
    expect(nextStep, reason).toMatch(
      /もう一度(実行して|行って)ください（自動取得・自動書き出しは自動で(再試行|再開)します）。/,
    )
  }
  expect(failureOf('timeout').nextStep).toContain('もう一度実行してください')
})
