import { afterEach, beforeEach, expect, test } from 'vitest'
import { runs as runsTable } from '../../src/db/schema.ts'
import { CsCartError } from '../../src/errors.ts'
import type { RunStart } from '../../src/runs/run.ts'
import { type RunHandle, startRun, stopAll } from '../../src/runs/start-run.ts'
import { frozenClock, type TestApp, testApp } from '../support/app.ts'
import { gate } from './support.ts'

const MINUTE = 60_000
let bench: TestApp
let shopId: number
beforeEach(async () => {
  bench = await testApp({ clock: frozenClock() })
  shopId = bench.connectShop({ url: 'http://127.0.0.1:9', email: 'api@example.jp', apiKey: 'key' })
})
afterEach(() => bench.close())

const deps = () => ({ runs: bench.services.runs, now: bench.clock.now, log: bench.app.log })
const start = (more: Partial<RunStart>, work: (run: RunHandle) => Promise<void>) => {
  const started = startRun(deps(), { shopId, kind: 'import', trigger: 'manual', ...more }, work)
  if (!started.started) throw new Error('another run is running')
  return started
}
const ended = async (more: Partial<RunStart>, work: (run: RunHandle) => Promise<void> = async () => {}) => {
  bench.clock.advance(MINUTE)
  return start(more, work).done
}
/** Many finished runs without working for them; `minutesAgo` grows with the index. */
const manyRuns = (count: number) => {
  const at = bench.clock.now().getTime()
  bench.db.transaction((tx) => {
    for (let i = 0; i < count; i += 1) {
      const time = at - i * MINUTE
      const row = { shopId, kind: 'import', trigger: 'schedule', state: 'succeeded', request: {} } as const
      tx.insert(runsTable)
        .values({ ...row, created: 1, startedAt: time, finishedAt: time + 900 })
        .run()
    }
  })
}
/** The first column of the list: when each run began. */
const begins = (rows: string[][]) => rows.slice(1).map((row) => row[0])

test('a run stands in the list with when, how long, where, what, by whom, result, counts and message', async () => {
  await ended({}, async (run) => {
    bench.clock.advance(4_200)
    run.record([
      { outcome: 'created', count: 12 },
      { outcome: 'failed', reason: 'unexpected_shape' },
    ])
  })
  const page = await bench.staff.get('/runs')
  expect(page.status).toBe(200)
  expect(page.title).toContain('自動処理ログ')
  expect(page.rows()[0]).toEqual(['開始', '所要時間', '店舗', '種類', '手動/自動', '結果', '件数', '内容'])
  expect(page.rows()[1]).toEqual([
    '2026/11/24 09:32:50',
    '4.2秒',
    'うつわ工房',
    '取込',
    '手動',
    '一部失敗',
    '新規 12・変更 0・変更なし 0・失敗 1',
    '1件が失敗しました。理由は実行結果に出ています。',
  ])
  expect(page.links().get('自動処理ログ')).toBe('/runs')
})

test('an empty log says what will come here', async () => {
  expect((await bench.merchant.get('/runs')).text).toContain('実行はまだありません')
})

test('each filter keeps what it names, and together they narrow', async () => {
  const other = bench.connectShop({ url: 'http://127.0.0.1:9', email: 'b', apiKey: 'k' }, { name: '茶の間' })
  await ended({ trigger: 'schedule' }, () => Promise.reject(new CsCartError('timeout')))
  await ended({ kind: 'export' })
  await ended({ shopId: other })
  const shown = async (query: string) => {
    const page = await bench.merchant.get(`/runs?${query}`)
    expect(page.status).toBe(200)
    return page
      .rows()
      .slice(1)
      .map((row) => row.slice(2, 6).join(' '))
  }
  expect(await shown('kind=export')).toEqual(['うつわ工房 書出 手動 成功'])
  expect(await shown('trigger=schedule')).toEqual(['うつわ工房 取込 自動 失敗'])
  expect(await shown('state=failed')).toEqual(['うつわ工房 取込 自動 失敗'])
  expect(await shown(`shop=${other}`)).toEqual(['茶の間 取込 手動 成功'])
  expect(await shown('kind=import&trigger=manual')).toEqual(['茶の間 取込 手動 成功'])
  expect(await shown('kind=export&state=failed')).toEqual([])
  const page = await bench.merchant.get('/runs?kind=export&state=&shop=')
  expect(page.field('種類').value).toBe('export')
  expect(page.links().get('条件を消す')).toBe('/runs')
})

test('the period is in days of the app’s time zone, both included, and a folded row stands for all its starts', async () => {
  // 2026/11/25 00:00 in Tokyo, and a minute before.
  bench.clock.set('2026-11-24T14:58:00Z')
  await ended({ kind: 'export' })
  await ended({ trigger: 'schedule' })
  bench.clock.set('2026-11-27T00:00:00Z')
  await ended({ trigger: 'schedule' })
  const shown = async (query: string) => begins((await bench.merchant.get(`/runs?${query}`)).rows())
  expect(await shown('from=2026-11-24&to=2026-11-24')).toEqual(['2026/11/24 23:59:00'])
  expect(await shown('from=2026/11/25&to=2026-11-25')).toEqual([expect.stringContaining('2026/11/25 00:00:00')])
  expect(await shown('from=2026-11-27')).toEqual([expect.stringContaining('同じ結果 2回（最後 2026/11/27 09:01:00）')])
  expect(await shown('to=2026-11-23')).toEqual([])
})

test('what a crash cut off is picked up as 自動（再開）, and stands under 自動', async () => {
  await ended({ kind: 'export' })
  await ended({ trigger: 'recovery' })
  await ended({ kind: 'export', trigger: 'schedule' })
  const page = await bench.staff.get('/runs?trigger=schedule')
  expect(
    page
      .rows()
      .slice(1)
      .map((row) => [row[3], row[4]]),
  ).toEqual([
    ['書出', '自動'],
    ['取込', '自動（再開）'],
  ])
  expect(page.html.match(/<select[^>]*name="trigger"[\s\S]*?<\/select>/)?.[0].match(/(?<=value=")\w+/g)).toEqual([
    'manual',
    'schedule',
  ])
})

test('a wrong day of the filter stays in its box', async () => {
  const page = await bench.staff.get('/runs?from=2026/2/30')
  expect(page.field('期間（から）')).toMatchObject({ value: '2026/2/30', attributes: { type: 'text' } })
})

test.each([
  ['from=2026-02-30', '期間（から）', '日付を 2026/11/24 の形で'],
  ['to=9999-12-31', '期間（まで）', '日付を 2026/11/24 の形で'],
  ['from=2026-11-25&to=2026-11-24', '期間（まで）', '始まりの日以降'],
  ['state=sleeping', '結果', '一覧から'],
  ['shop=x', '店舗', '一覧から'],
])('the filter %s is refused beside its field', async (query, label, message) => {
  const page = await bench.merchant.get(`/runs?${query}`)
  expect(page.status).toBe(422)
  expect(page.field(label)).toMatchObject({ invalid: true, error: expect.stringContaining(message) })
})

test('paging shows every run once although new rows arrive meanwhile', async () => {
  manyRuns(120)
  const seen: (string | undefined)[] = []
  let href: string | undefined = '/runs'
  let pages = 0
  while (href) {
    const page = await bench.merchant.get(href)
    seen.push(...begins(page.rows()))
    href = page.links().get('古い実行を見る')
    pages += 1
    await ended({ kind: 'export' })
  }
  expect(pages).toBe(3)
  expect(new Set(seen).size).toBe(120)
  expect(seen).toEqual([...seen].sort().reverse())
})

test('paging keeps the filter, and leads back to the newest', async () => {
  manyRuns(60)
  const first = await bench.merchant.get('/runs?kind=import&from=2026-11-24')
  const href = first.links().get('古い実行を見る') ?? ''
  expect(href).toContain('kind=import')
  const second = await bench.merchant.get(href)
  expect(second.rows()).toHaveLength(11)
  expect(second.links().get('最新に戻る')).toBe('/runs?kind=import&from=2026-11-24')
})

test('what runs now stands on top and asks for itself until it has ended', async () => {
  const wait = gate()
  const running = start({}, async (run) => {
    run.found(10)
    run.record([{ outcome: 'created', count: 4 }])
    await wait.opened
  })
  await new Promise(setImmediate)
  const page = await bench.merchant.get('/runs')
  expect(page.text).toContain('いま実行中 実行中 うつわ工房 取込（手動） 4件 / 10件')
  expect(page.html).toContain('hx-trigger="every 2s"')
  const address = /hx-get="(\/runs\/running[^"]*)"/.exec(page.html)?.[1] ?? ''
  wait.open()
  await running.done
  const part = await bench.merchant.part(address)
  expect(part.html).not.toContain('<html')
  expect(part.text).toContain('新規 4件・変更 0件・変更なし 0件（成功）')
  expect(part.links().get('うつわ工房 取込: 新規 4件・変更 0件・変更なし 0件（成功）')).toBe(`/runs/${running.run.id}`)
  expect(part.html).not.toContain('every 2s')
})

test('a run that is going on shows its progress and asks for it every two seconds; an ended one does not', async () => {
  const wait = gate()
  const running = start({}, async (run) => {
    run.found(200)
    run.record([
      { outcome: 'created', count: 30 },
      { outcome: 'unchanged', count: 20 },
    ])
    await wait.opened
  })
  await new Promise(setImmediate)
  bench.clock.advance(MINUTE)
  const path = `/runs/${running.run.id}/progress`
  const live = await bench.staff.part(path)
  expect(live.html).toContain(`hx-get="${path}" hx-trigger="every 2s" hx-swap="outerHTML"`)
  expect(live.text).toContain('処理済み 50件 / 対象 200件')
  expect(live.text).toContain('残り およそ 3分00秒')
  expect(live.text).toContain('新規 30 件 変更 0 件 変更なし 20 件 失敗 0 件')
  expect(live.html).toMatch(/<progress [^>]*max="200" value="50">/)
  expect(live.labels()[0]).toContain('処理済み')
  expect(live.links().get('最新の状態を見る')).toBe(`/runs/${running.run.id}`)
  wait.open()
  await running.done
  const over = await bench.staff.part(path)
  expect(over.html).not.toContain('hx-trigger')
  expect(over.links().get('新規 30件・変更 0件・変更なし 20件（成功）')).toBe(`/runs/${running.run.id}`)
})

test('「中止」 from the page stops the run, also as a plain form', async () => {
  const abortable = (run: RunHandle) =>
    new Promise<void>((_, no) => run.signal.addEventListener('abort', () => no(run.signal.reason)))
  const plain = start({}, abortable)
  await new Promise(setImmediate)
  const page = await bench.staff.get(`/runs/${plain.run.id}`)
  expect(page.text).toContain('中止')
  const answer = await bench.staff.submit(`/runs/${plain.run.id}/cancel`)
  expect(answer.text).toContain('中止を受け付けました')
  expect(await plain.done).toMatchObject({ state: 'cancelled' })
  expect((await bench.staff.get(`/runs/${plain.run.id}`)).text).toContain('途中で止めました')

  const again = await bench.staff.submit(`/runs/${plain.run.id}/cancel`)
  expect(again.text).toContain('すでに終わっています')

  const live = start({}, abortable)
  await new Promise(setImmediate)
  const part = await bench.staff.post(
    `/runs/${live.run.id}/cancel`,
    {},
    { 'hx-request': 'true', 'hx-request-type': 'partial' },
  )
  expect(part.text).toContain('いまの1件が終わると止まります')
  await live.done
})

test('the program stops with a run in flight: it is 中断', async () => {
  const running = start(
    {},
    (run) => new Promise((_, no) => run.signal.addEventListener('abort', () => no(run.signal.reason))),
  )
  await new Promise(setImmediate)
  await stopAll(deps())
  expect((await running.done).state).toBe('interrupted')
  expect((await bench.merchant.get('/runs?state=interrupted')).rows()).toHaveLength(2)
})
