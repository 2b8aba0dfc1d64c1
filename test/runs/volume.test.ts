/** The log with months of runs in it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Run } from '../../src/runs/run.ts'
import type { RunFilter } from '../../src/runs/run-filter.ts'
import { runsBench } from './support.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const RUNS = 20_000

let bench: ReturnType<typeof runsBench>
let all: Run[]
/** When the newest of the runs was started. */
let newest: number

beforeEach(() => {
  bench = runsBench()
  newest = bench.clock.now().getTime()
  // Ninety days: six minutes apart, two at the same moment now and then, some folded, one in a thousand failed.
  bench.db.$client
    .prepare(
      `with recursive n(i) as (select 0 union all select i + 1 from n where i < @runs - 1)
       insert into runs (shop_id, kind, trigger, state, reason, request, started_at, finished_at, last_repeat_at, repeats)
       select iif(i % 10 = 0, @otherShopId, @shopId), iif(i % 2 = 0, 'import', 'export'),
         case when i % 50 = 0 then 'manual' when i % 333 = 0 then 'recovery' else 'schedule' end,
         iif(i % 1000 = 7, 'failed', 'succeeded'), iif(i % 1000 = 7, 'timeout', null), '{}',
         @newest - (@runs - 1 - i / 7 * 7) * 6 * @minute, @newest - (@runs - 1 - i / 7 * 7) * 6 * @minute + 900,
         iif(i % 13 = 0, @newest - (@runs - 1 - i) * 6 * @minute + 3 * 86400000, null), iif(i % 13 = 0, 3, 1)
       from n`,
    )
    .run({ runs: RUNS, newest, minute: MINUTE, shopId: bench.shopId, otherShopId: bench.otherShopId })
  all = bench.runs.page({}, undefined, RUNS + 1).runs
})
afterEach(() => {
  vi.restoreAllMocks()
  bench.close()
})

const filters = (): [string, RunFilter, (run: Run) => boolean][] => [
  ['nothing', {}, () => true],
  ['書出', { kind: 'export' }, (run) => run.kind === 'export'],
  ['手動', { trigger: 'manual' }, (run) => run.trigger === 'manual'],
  ['自動', { trigger: 'schedule' }, (run) => run.trigger !== 'manual'],
  ['失敗', { state: 'failed' }, (run) => run.state === 'failed'],
  ['一部失敗, of which there is none', { state: 'partial' }, () => false],
  ['a shop', { shopId: bench.otherShopId }, (run) => run.shopId === bench.otherShopId],
  [
    'a period',
    { from: newest - 30 * DAY, to: newest - 20 * DAY },
    (run) => run.startedAt < newest - 20 * DAY && Math.max(run.startedAt, run.lastRepeatAt ?? 0) >= newest - 30 * DAY,
  ],
  [
    'everything at once',
    { kind: 'export', trigger: 'schedule', state: 'failed', shopId: bench.shopId, from: newest - 60 * DAY },
    (run) =>
      run.kind === 'export' &&
      run.trigger !== 'manual' &&
      run.state === 'failed' &&
      run.shopId === bench.shopId &&
      Math.max(run.startedAt, run.lastRepeatAt ?? 0) >= newest - 60 * DAY,
  ],
]

test('page by page each filter shows exactly the runs that it names, newest first, none twice', () => {
  expect(all).toHaveLength(RUNS)
  for (const [name, filter, matches] of filters()) {
    const shown: number[] = []
    let cursor: Parameters<typeof bench.runs.page>[1]
    do {
      const page = bench.runs.page(filter, cursor, 500)
      shown.push(...page.runs.map((run) => run.id))
      cursor = page.next
    } while (cursor)
    const expected = all.filter(matches).sort((a, b) => b.startedAt - a.startedAt || b.id - a.id)
    expect([name, shown]).toEqual([name, expected.map((run) => run.id)])
  }
})

/** How SQLite goes about what `work` asks it: the plan of each statement that is prepared meanwhile. */
function plansOf(work: () => unknown): string[] {
  const { $client } = bench.db
  const prepare = vi.spyOn($client, 'prepare')
  work()
  const asked = prepare.mock.calls.map(([text]) => text)
  prepare.mockRestore()
  return asked.map((text) =>
    $client
      .prepare<unknown[], { detail: string }>(`explain query plan ${text}`)
      .all(...Array.from(text.matchAll(/\?/g), () => 1))
      .map((step) => step.detail)
      .join('\n'),
  )
}

test('whatever the filter, runs are looked through in the index, and only those of the page are read and sorted', () => {
  for (const [name, filter] of filters().slice(1)) {
    for (const cursor of [undefined, { startedAt: newest - 45 * DAY, id: 9 }]) {
      const [plan, ...others] = plansOf(() => bench.runs.page(filter, cursor, 50))
      expect(others).toEqual([])
      expect([name, plan]).toEqual([
        name,
        expect.stringMatching(/(SCAN|SEARCH) runs USING COVERING INDEX runs_started/),
      ])
      expect([name, plan]).toEqual([name, expect.stringContaining('SEARCH runs USING INTEGER PRIMARY KEY')])
      expect([name, plan?.match(/TEMP B-TREE/g)]).toEqual([name, ['TEMP B-TREE']])
    }
  }
})

test('what is too old is found by an index, and the newest of its job by another', () => {
  const [plan] = plansOf(() => bench.runs.deleteOlderThan(newest - 80 * DAY, 20))
  expect(plan).toContain('SEARCH runs USING INDEX runs_started (started_at<?)')
  expect(plan).toContain('SEARCH newer USING COVERING INDEX runs_shop_kind (shop_id=? AND kind=?)')
  expect(plan).not.toMatch(/SCAN|AUTOMATIC/)
})
