/** Clocks that are set, ticks that are late, and a process that was down: no run is lost and none is doubled. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { random } from '../../src/demo/shop/generate/random.ts'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { createServices } from '../../src/services.ts'
import { connectShop, newDataDir, recordContract, removeDataDir, setTimesBack, withDatabase } from '../soak/data-dir.ts'
import { databaseFaults } from '../soak/judge.ts'
import { SECRET_KEY, startServer, until } from '../soak/processes.ts'
import { testConfig } from '../support/app.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let dataDir: string
let shop: PretendShop
beforeEach(() => {
  dataDir = newDataDir()
})
afterEach(async () => {
  await shop?.close()
  removeDataDir(dataDir)
})

/** Lets the real scheduler tick each minute, up to 20 s late, while the wall clock is set now and then. @returns its starts, by job */
async function liveThrough(options: { from: string; minutes: number; jumps: readonly number[]; seed: number }) {
  const chance = random(options.seed)
  let wall = Date.parse(options.from)
  let monotonic = 0
  const starts = new Map<string, number[]>()
  const log = {
    info(fields: object, message: string) {
      if (message !== 'run started') return
      const { shopId, kind } = fields as { shopId: number; kind: string }
      const job = `${kind} of shop ${shopId}`
      starts.set(job, [...(starts.get(job) ?? []), monotonic])
    },
    warn() {},
    error: (fields: object, message: string) => console.error(message, fields),
  }
  shop = await startPretendShop({ profile: 'jp413', now: () => new Date(wall) })
  const services = createServices(testConfig(dataDir, { secretKey: SECRET_KEY }), log, {
    now: () => new Date(wall),
    monotonic: () => monotonic,
  })
  recordContract(services.db)
  connectShop(services.db, shop, { autoImportMinutes: 5, autoExportMinutes: 10 })
  connectShop(services.db, shop, { autoImportMinutes: 30, autoExportMinutes: 60, name: '二号店' })
  let late = 0
  for (let minute = 0; minute < options.minutes; minute += 1) {
    const lateNow = chance.int(0, 20) * SECOND
    const gone = MINUTE + lateNow - late
    late = lateNow
    monotonic += gone
    const [first = 0, ...more] = options.jumps
    wall += gone + (options.jumps.length > 0 && chance.chance(0.03) ? chance.pick([first, ...more]) : 0)
    services.automation.tick()
    while (services.runs.allRunning().length > 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const faults = databaseFaults(services.db, true)
  await services.stopWork()
  services.close()
  return { starts, faults }
}

const INTERVALS: Record<string, number> = {
  'import of shop 1': 5,
  'export of shop 1': 10,
  'import of shop 2': 30,
  'export of shop 2': 60,
}

test.each([
  ['a month that ends', { from: '2026-11-30T22:00:00+09:00', minutes: 240, jumps: [], seed: 1 }],
  ['a year that ends', { from: '2026-12-31T22:00:00+09:00', minutes: 240, jumps: [], seed: 2 }],
  ['a February that ends', { from: '2027-02-28T22:00:00+09:00', minutes: 240, jumps: [], seed: 3 }],
  [
    'a clock that is set by hours and days, back and forth',
    {
      from: '2026-11-24T09:00:00+09:00',
      minutes: 900,
      jumps: [HOUR, -HOUR, DAY, -DAY, 45 * SECOND, -45 * SECOND],
      seed: 4,
    },
  ],
] as const)(
  '%s: every job starts within its interval and a minute after its last start, and never twice for one slot',
  async (_, life) => {
    const { starts, faults } = await liveThrough(life)
    expect(faults).toEqual([])
    expect([...starts.keys()].sort()).toEqual(Object.keys(INTERVALS).sort())
    for (const [job, at] of starts) {
      const interval = (INTERVALS[job] ?? 0) * MINUTE
      const gaps = [at[0] ?? 0, ...at.slice(1).map((start, index) => start - (at[index] ?? 0))]
      expect(gaps[0]).toBeLessThanOrEqual(MINUTE + 20 * SECOND)
      for (const gap of gaps.slice(1)) {
        expect([job, gap >= interval - MINUTE / 2]).toEqual([job, true])
        expect([job, gap <= interval + MINUTE]).toEqual([job, true])
      }
      const most = life.minutes / (interval / MINUTE) + 1
      expect(at.length).toBeGreaterThan(most - 3)
    }
  },
  120_000,
)

test('down for six hours at an interval of ten minutes: one run of each kind catches up within 10 s of ready and covers the gap', async () => {
  shop = await startPretendShop({ profile: 'jp413' })
  shop.addOrder({ status: 'P' })
  withDatabase(dataDir, (db) => {
    recordContract(db)
    connectShop(db, shop, { autoImportMinutes: 10, autoExportMinutes: 10 })
  })
  const runs = () =>
    withDatabase(dataDir, (db) =>
      db.$client
        .prepare<[], { kind: string; trigger: string; state: string; repeats: number; startedAt: number; at: number }>(
          `select kind, trigger, state, repeats, started_at as startedAt, coalesce(last_repeat_at, started_at) as at from runs
           order by id`,
        )
        .all(),
    )
  const over = () => runs().length >= 2 && runs().every(({ state }) => state !== 'running')
  const first = startServer({ dataDir })
  await first.ready
  await until('the first runs are over', over)
  await first.kill()

  withDatabase(dataDir, (db) => setTimesBack(db, 6 * HOUR))
  const gap = shop.addOrders(24, { from: new Date(Date.now() - 6 * HOUR), to: new Date(), statuses: ['P'] })
  const second = startServer({ dataDir })
  try {
    await second.ready
    const readyAt = Date.now()
    const stored = () => withDatabase(dataDir, (db) => db.$client.prepare('select count(*) from orders').pluck().get())
    await until('the gap is covered', () => stored() === gap.length + 1)
    await until('the runs are over', over)
    const caughtUp = runs().filter(({ at }) => at > readyAt - MINUTE)
    expect(caughtUp.map(({ kind, trigger }) => `${kind} ${trigger}`).sort()).toEqual([
      'export schedule',
      'import schedule',
    ])
    for (const { at } of caughtUp) expect(at - readyAt).toBeLessThan(10 * SECOND)
    const starts = runs().reduce((sum, { repeats }) => sum + repeats, 0)
    expect(starts).toBe(4)
  } finally {
    await second.kill()
  }
}, 120_000)
