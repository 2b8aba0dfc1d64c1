import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { commandsOf } from '../../src/commands.ts'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { AppError } from '../../src/errors.ts'
import type { Run } from '../../src/runs/run.ts'
import { type Clock, frozenClock, START, type TestApp, testApp } from '../support/app.ts'

const MINUTE = 60_000

let shop: PretendShop
let clock: Clock
let app: TestApp

beforeEach(async () => {
  clock = frozenClock()
  shop = await startPretendShop({ profile: 'jp413', now: clock.now })
  app = await testApp({ clock, client: { attempts: 1, sleep: async () => {} } })
})
afterEach(async () => {
  await app.close()
  await shop.close()
})

/** Lets the clock tick once, and waits until what it started is over. */
async function tick(): Promise<void> {
  app.services.automation.tick()
  await settled()
}

async function settled(): Promise<void> {
  while (app.services.runs.allRunning().length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A tick a minute for so many minutes. */
async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    clock.advance(MINUTE)
    await tick()
  }
}

const runs = (shopId: number, kind: Run['kind']) => app.services.runs.newest(shopId, kind, 1_000).reverse()

/** How often the clock started a job: folded runs count each. */
const starts = (shopId: number, kind: Run['kind']) =>
  runs(shopId, kind).reduce((sum, run) => sum + (run.state === 'skipped' ? 0 : run.repeats), 0)

const contract = (startsOn: string, endsOn: string | null = null) =>
  app.services.contract.record({ startsOn, endsOn, contractNumber: 'A-1', note: '' }, null, clock.now().getTime())

/** What staff do before an export, for every order. */
const makeDue = (trackingNumber = '401234567891') =>
  app.db.$client
    .prepare("update orders set status_id = 4, ship_date = '2026-11-24', carrier = 'yamato', tracking_number = ?")
    .run(trackingNumber)

const jobOf = (shopId: number, kind: Run['kind']) =>
  app.services.automation.jobs().find((job) => job.shopId === shopId && job.kind === kind)

test('自動取得 runs at its interval without a restart after the settings were saved, and not when it is off', async () => {
  const shopId = app.connectShop(shop, { autoImport: false })
  shop.addOrder({ status: 'P' })
  await minutes(15)
  expect(starts(shopId, 'import')).toBe(0)

  app.db.$client.prepare('update shops set auto_import = 1, auto_import_minutes = 5').run()
  await minutes(20)
  expect(starts(shopId, 'import')).toBe(4)
  expect(app.db.$client.prepare('select count(*) from orders').pluck().get()).toBe(1)
})

test.each([
  [5, 5],
  [360, 10],
])(
  'the clock leaves a new shop (every %i minutes) alone for %i, so that its first import can be looked at before',
  async (every, until) => {
    const createdAt = clock.now().getTime()
    const shopId = app.connectShop(shop, { autoImport: true, autoImportMinutes: every, createdAt })
    expect(jobOf(shopId, 'import')?.nextAt).toBe(createdAt + until * MINUTE)
    await minutes(until - 1)
    expect(starts(shopId, 'import')).toBe(0)
    await minutes(1)
    expect(starts(shopId, 'import')).toBe(1)
  },
)

test.each([
  { mode: 'period', from: START - 3_600_000, to: START },
  { mode: 'ids', ids: [10_001], force: true },
] as const)('a look for single orders of a new shop ($mode) does not begin it', async (request) => {
  const shopId = app.connectShop(shop, { autoImport: true, createdAt: clock.now().getTime() })
  const stored = app.services.shops.find(shopId)
  if (!stored) throw new Error('no shop')
  const some = request.mode === 'ids' ? { ...request, ids: [...request.ids] } : request
  const manual = app.services.importing.start(stored, some, { trigger: 'manual' })
  if (manual.started) await manual.done
  await minutes(9)
  expect(runs(shopId, 'import').map((run) => run.trigger)).toEqual(['manual'])
  await minutes(1)
  expect(runs(shopId, 'import').map((run) => run.trigger)).toEqual(['manual', 'schedule'])
})

test('once a person has begun to fetch from a new shop the clock goes on at once', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, createdAt: clock.now().getTime() })
  const stored = app.services.shops.find(shopId)
  if (!stored) throw new Error('no shop')
  const manual = app.services.importing.start(stored, { mode: 'days' }, { trigger: 'manual' })
  if (manual.started) await manual.done
  await minutes(1)
  expect(runs(shopId, 'import').map((run) => run.trigger)).toEqual(['manual', 'schedule'])
})

test.each([false, true])(
  'a run that was cut off is gone on with, one that was told to stop before (%s) is not',
  async (stopped) => {
    const shopId = app.connectShop(shop)
    const at = clock.now().getTime()
    const start = { shopId, kind: 'import', trigger: 'manual', request: { mode: 'days' } } as const
    const claim = app.services.runs.claim(start, at)
    if (claim.claimed && stopped) app.services.runs.requestCancel(claim.run.id)
    app.services.runs.interruptRunning(at)
    app.services.automation.start()
    await minutes(2)
    expect(runs(shopId, 'import').map(({ trigger, state }) => [trigger, state])).toEqual([
      ['manual', 'interrupted'],
      ...(stopped ? [] : [['recovery', 'succeeded']]),
    ])
  },
)

test('what was missed while the process was down is caught up by exactly one run', async () => {
  const shopId = app.connectShop(shop, { autoImport: true })
  await tick()
  shop.addOrder({ status: 'P' })
  clock.advance(6 * 60 * MINUTE)
  await tick()
  await minutes(5)
  expect(starts(shopId, 'import')).toBe(2)
  expect(app.db.$client.prepare('select count(*) from orders').pluck().get()).toBe(1)
})

test('a manual run in the way is said and the job comes at a later tick', async () => {
  const shopId = app.connectShop(shop, { autoImport: true })
  shop.faults.add({ kind: 'late', on: 'orders.list', ms: 150 })
  const stored = app.services.shops.find(shopId)
  if (!stored) throw new Error('no shop')
  const manual = app.services.importing.start(stored, { mode: 'days' }, { trigger: 'manual' })
  expect(manual.started).toBe(true)
  app.services.automation.tick()
  expect(runs(shopId, 'import')).toHaveLength(1)
  expect(jobOf(shopId, 'import')?.state).toBe('running')
  await settled()
  await minutes(1)
  expect(runs(shopId, 'import').map((run) => run.trigger)).toEqual(['manual', 'schedule'])
})

test('a shop that is away is tried again at growing pauses, and its recovery is said', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoImportMinutes: 5 })
  shop.faults.add({ kind: 'unavailable', on: 'any', times: 1_000_000 })
  await minutes(60)
  const failed = runs(shopId, 'import')
  expect(failed.every((run) => run.state === 'failed' && run.reason === 'unavailable')).toBe(true)
  // 1 + 2 + 5 + 10 + 30 minutes fit into the hour: far fewer tries than the twelve of its interval.
  expect(failed.length).toBeGreaterThanOrEqual(5)
  expect(failed.length).toBeLessThanOrEqual(7)
  const gaps = failed.slice(1).map((run, index) => run.startedAt - (failed[index]?.startedAt ?? 0))
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b))
  expect(jobOf(shopId, 'import')?.state).toBe('paused')
  const home = await app.merchant.get('/')
  expect(home.text).toContain('再試行待ち')
  expect(home.text).toContain('ショップが一時的に利用できません')

  shop.faults.clear()
  await minutes(61)
  expect(runs(shopId, 'import').at(-1)?.state).toBe('succeeded')
  expect(jobOf(shopId, 'import')?.state).toBe('waiting')
})

test('right after a recovery ホーム says that it failed and is well again', async () => {
  const shopId = app.connectShop(shop, { autoImport: true })
  shop.faults.add({ kind: 'unavailable', on: 'any' })
  await tick()
  await minutes(2)
  expect(runs(shopId, 'import').map((run) => run.state)).toEqual(['failed', 'succeeded'])
  expect((await app.merchant.get('/')).text).toContain('復旧しました')
})

test.each([
  ['unauthorized', '停止中'],
  ['forbidden-html', '停止中'],
  ['redirect', '停止中'],
  ['html-200', '停止中'],
] as const)('a job that waiting cannot mend (%s) rests until the settings are saved', async (kind, badge) => {
  const shopId = app.connectShop(shop, { autoImport: true, autoImportMinutes: 5 })
  shop.faults.add({ kind, on: 'any', times: 1_000_000 })
  await minutes(120)
  expect(runs(shopId, 'import')).toHaveLength(1)
  const home = await app.merchant.get('/')
  expect(home.text).toContain(badge)
  expect(home.text).toContain('設定を保存すると再開します')

  shop.faults.clear()
  await minutes(10)
  expect(runs(shopId, 'import')).toHaveLength(1)
  app.db.$client.prepare('update shops set settings_saved_at = ?').run(clock.now().getTime())
  await minutes(1)
  expect(runs(shopId, 'import').map((run) => run.state)).toEqual(['failed', 'succeeded'])
})

test('an automatic export that waiting cannot mend rests too, and one whose shop is away is tried at growing pauses', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoExport: true, autoExportMinutes: 5 })
  contract('2026-01-01')
  shop.addOrder({ status: 'P' })
  await tick()
  makeDue()
  const before = starts(shopId, 'export')
  shop.faults.add({ kind: 'unavailable', on: 'any', times: 1_000_000 })
  await minutes(60)
  expect(starts(shopId, 'export') - before).toBeGreaterThanOrEqual(5)
  expect(starts(shopId, 'export') - before).toBeLessThanOrEqual(7)
  expect(jobOf(shopId, 'export')?.state).toBe('paused')

  shop.faults.clear()
  shop.faults.add({ kind: 'unauthorized', on: 'any', times: 1_000_000 })
  await minutes(120)
  const tried = starts(shopId, 'export')
  expect(jobOf(shopId, 'export')?.state).toBe('stopped')
  shop.faults.clear()
  await minutes(120)
  expect(starts(shopId, 'export')).toBe(tried)
  expect(shop.ledger.writes).toEqual([])
  app.db.$client.prepare('update shops set settings_saved_at = ?').run(clock.now().getTime())
  await minutes(1)
  expect(shop.ledger.of('shipments.post')).toHaveLength(1)
})

test('a tampered form gives no automatic export without the contract, and the command line has none to give', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoExport: false })
  shop.addOrder({ status: 'P' })
  await tick()
  makeDue()
  await app.merchant.get(`/shops/${shopId}`)
  const sent = await app.merchant.post(`/shops/${shopId}`, {
    name: 'うつわ工房',
    url: shop.url,
    email: shop.email,
    landingStatusId: '1',
    fetchStatuses: ['O', 'P'],
    fetchDays: '7',
    autoExport: '1',
    autoExportMinutes: '5',
    exportScope: 'processed_only',
  })
  expect(sent.status).toBeLessThan(500)
  await minutes(30)
  expect(shop.ledger.writes).toEqual([])
  const commands = commandsOf(app.services)
  for (const words of [['--auto'], ['schedule'], [String(shopId), 'schedule']]) {
    await Promise.resolve(words)
      .then(commands.export)
      .catch((error: unknown) => expect(error).toBeInstanceOf(AppError))
    await settled()
  }
  const automatic = runs(shopId, 'export').filter((run) => run.trigger !== 'manual')
  expect(automatic).toEqual([])
  expect(app.services.shops.find(shopId)?.autoExport).toBe(false)
})

test('without the contract no writing request reaches the shop by the clock', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoExport: true })
  shop.addOrder({ status: 'P' })
  await tick()
  makeDue()
  await minutes(60)
  expect(starts(shopId, 'export')).toBe(0)
  expect(shop.ledger.writes).toEqual([])
  expect(jobOf(shopId, 'export')?.state).toBe('not_allowed')

  contract('2026-11-24')
  await minutes(1)
  expect(starts(shopId, 'export')).toBe(1)
  expect(shop.ledger.writes.length).toBeGreaterThan(0)
})

test('on the day after its end automatic export stops by itself, says so once, and import goes on', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoExport: true })
  contract('2026-01-01', '2026-11-24')
  // 23:59 in Tokyo on the last day.
  clock.set('2026-11-24T14:59:00Z')
  await tick()
  expect(starts(shopId, 'export')).toBe(1)

  await minutes(90)
  expect(starts(shopId, 'export')).toBe(1)
  const said = runs(shopId, 'export').filter((run) => run.state === 'skipped')
  expect(said.map((run) => [run.reason, run.repeats])).toEqual([['not_contracted', 1]])
  expect(starts(shopId, 'import')).toBeGreaterThan(5)
  const home = await app.merchant.get('/')
  expect(home.text).toContain('APIオプションの契約期間外のため、自動書き出しは止まっています')
  expect(home.links().get('APIオプションを開く')).toBe('/contract')

  contract('2026-01-01', null)
  await minutes(1)
  expect(starts(shopId, 'export')).toBe(2)
})

test('an automatic export at work when the contract ends writes no further order', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoExport: true, requestsAtOnce: 1 })
  for (let n = 0; n < 6; n += 1) shop.addOrder({ status: 'P', timestamp: clock.now() })
  await tick()
  app.db.$client
    .prepare(
      "update orders set status_id = 4, ship_date = '2026-11-24', tracking_number = '4012345' || (10000 + id), carrier = 'yamato'",
    )
    .run()
  contract('2026-01-01', '2026-11-24')
  clock.set('2026-11-24T14:59:00Z')
  shop.faults.add({ kind: 'late', on: 'shipments.post', ms: 150, times: 1 })
  app.services.automation.tick()
  while (shop.ledger.of('shipments.post').length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  clock.set('2026-11-25T00:00:00+09:00')
  app.services.automation.tick()
  await settled()
  expect(shop.ledger.of('shipments.post')).toHaveLength(1)
  expect(runs(shopId, 'export').at(-1)).toMatchObject({ reason: 'not_contracted', done: 1 })
  // It has said so itself; the log says it once.
  await minutes(5)
  expect(runs(shopId, 'export').filter((run) => run.reason === 'not_contracted')).toHaveLength(1)
  contract('2026-01-01', null)
  await minutes(11)
  expect(shop.ledger.of('shipments.post')).toHaveLength(6)
})

test('recovery is said while it is news, and not for as long as the shop stays quiet', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoImportMinutes: 5 })
  shop.faults.add({ kind: 'unavailable', on: 'any' })
  await tick()
  await minutes(2)
  expect(app.services.runs.recoveredAt(shopId, 'import')).toBeDefined()
  await minutes(30)
  expect(app.services.runs.recoveredAt(shopId, 'import')).toBeUndefined()
  expect((await app.merchant.get('/')).text).not.toContain('復旧しました')
})

test('an export that finds nothing to write does not make a shop well that is away', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoExport: true })
  contract('2026-01-01')
  shop.addOrder({ status: 'P' })
  await tick()
  makeDue()
  shop.faults.add({ kind: 'unavailable', on: 'any', times: 1_000_000 })
  await minutes(12)
  expect(app.services.runs.failuresInARow(shopId, 'export')?.count).toBeGreaterThan(0)
  makeDue('')
  const failed = starts(shopId, 'export')
  await minutes(60)
  expect(jobOf(shopId, 'export')?.state).toBe('paused')
  expect(app.services.runs.recoveredAt(shopId, 'export')).toBeUndefined()
  // Not at every tick either.
  expect(starts(shopId, 'export') - failed).toBeLessThanOrEqual(7)

  shop.faults.clear()
  makeDue()
  await minutes(11)
  expect(shop.ledger.of('shipments.post')).toHaveLength(1)
  expect(app.services.runs.recoveredAt(shopId, 'export')).toBeDefined()
})

test('importing one order by hand neither refreshes 「最後の取込」 nor ends a row of failures', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoImportMinutes: 5 })
  const order = shop.addOrder({ status: 'P' })
  await tick()
  const before = app.services.runs.lastSuccess(shopId, 'import')
  shop.faults.add({ kind: 'unavailable', on: 'orders.list', times: 1_000_000 })
  await minutes(30)
  const failures = app.services.runs.failuresInARow(shopId, 'import')?.count ?? 0
  expect(failures).toBeGreaterThan(2)
  const stored = app.services.shops.find(shopId)
  if (!stored) throw new Error('no shop')
  const byHand = app.services.importing.start(
    stored,
    { mode: 'ids', ids: [order.id], force: true },
    { trigger: 'manual' },
  )
  if (!byHand.started) throw new Error('it did not start')
  expect((await byHand.done).state).toBe('succeeded')
  expect(app.services.runs.lastSuccess(shopId, 'import')).toBe(before)
  expect(app.services.runs.failuresInARow(shopId, 'import')?.count).toBe(failures)
})

test('a shop whose key cannot be opened is not called well, and no run is begun for it', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, apiKeySealed: 'v1.sealed.under.anothersecret' })
  await minutes(30)
  expect(runs(shopId, 'import')).toEqual([])
  expect(jobOf(shopId, 'import')).toMatchObject({
    state: 'stopped',
    failures: { latest: { reason: 'key_unreadable' } },
  })
  expect((await app.merchant.get('/')).text).toContain('保存されたAPIキーを開けません')
})

test('a disk without room is said of the jobs that could not begin, and they begin once there is some', async () => {
  const shopId = app.connectShop(shop, { autoImport: true })
  app.db.$client.pragma('query_only = 1')
  await minutes(3)
  expect(jobOf(shopId, 'import')).toMatchObject({ state: 'paused', failures: { latest: { reason: 'no_room' } } })
  app.db.$client.pragma('query_only = 0')
  await minutes(6)
  expect(starts(shopId, 'import')).toBe(1)
  expect(jobOf(shopId, 'import')?.state).toBe('waiting')
})

test("going on with a person's import that was cut off does not take the place of the clock's own", async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoImportMinutes: 1_440 })
  const late = shop.addOrder({ status: 'P' })
  app.services.runs.claim(
    { shopId, kind: 'import', trigger: 'manual', request: { mode: 'ids', ids: [late.id], force: false } },
    clock.now().getTime(),
  )
  app.services.runs.interruptRunning(clock.now().getTime())
  app.services.automation.start()
  await settled()
  await new Promise((resolve) => setTimeout(resolve, 20))
  await settled()
  app.services.automation.stop()
  expect(runs(shopId, 'import').map((run) => [run.trigger, run.request.mode])).toEqual([
    ['manual', 'ids'],
    ['recovery', 'ids'],
    ['schedule', 'scheduled'],
  ])
})

test('a tick that cannot read the database does not end the process, and the next one works', async () => {
  const shopId = app.connectShop(shop, { autoImport: true })
  app.db.$client.exec('alter table shops rename to hidden')
  expect(() => app.services.automation.tick()).not.toThrow()
  app.db.$client.exec('alter table hidden rename to shops')
  await tick()
  expect(starts(shopId, 'import')).toBe(1)
})

test('a run that was cut off is picked up at the next start, also when that start was cut off too', async () => {
  const shopId = app.connectShop(shop, { autoImport: false })
  shop.addOrder({ status: 'P' })
  const claim = app.services.runs.claim(
    { shopId, kind: 'import', trigger: 'manual', request: { mode: 'days' } },
    clock.now().getTime(),
  )
  expect(claim.claimed).toBe(true)
  // As two starts do of which the first died before it could pick anything up.
  app.services.runs.interruptRunning(clock.now().getTime())
  app.services.runs.interruptRunning(clock.now().getTime())
  app.services.automation.start()
  await settled()
  app.services.automation.stop()
  expect(runs(shopId, 'import').map((run) => [run.trigger, run.state])).toEqual([
    ['manual', 'interrupted'],
    ['recovery', 'succeeded'],
  ])
  expect(app.db.$client.prepare('select count(*) from orders').pluck().get()).toBe(1)
})

test('an import of a period that was cut off is picked up although the usual days were imported since', async () => {
  const shopId = app.connectShop(shop, { autoImport: false })
  const old = shop.addOrder({ status: 'P', timestamp: new Date(clock.now().getTime() - 300 * 24 * 60 * MINUTE) })
  const at = clock.now().getTime()
  const request = { mode: 'period', from: at - 301 * 24 * 60 * MINUTE, to: at - 299 * 24 * 60 * MINUTE }
  app.services.runs.claim({ shopId, kind: 'import', trigger: 'manual', request }, at)
  app.services.runs.interruptRunning(at)
  // As the command line does while the server is down.
  const stored = app.services.shops.find(shopId)
  const byHand = stored && app.services.importing.start(stored, { mode: 'days' }, { trigger: 'manual' })
  expect(byHand?.started && (await byHand.done).state).toBe('succeeded')
  for (let start = 0; start < 2; start += 1) {
    app.services.automation.start()
    await settled()
    app.services.automation.stop()
  }
  expect(runs(shopId, 'import').map((run) => [run.trigger, run.request.mode, run.state])).toEqual([
    ['manual', 'period', 'interrupted'],
    ['manual', 'days', 'succeeded'],
    ['recovery', 'period', 'succeeded'],
  ])
  expect(app.services.orders.findByCsCartId(shopId, old.id)).toBeDefined()
})

test('a night in which old runs could not be deleted is made up for at the next tick', async () => {
  app.connectShop(shop, { autoImport: false })
  const failing = vi.spyOn(app.services.runs, 'deleteOlderThan').mockImplementationOnce(() => {
    throw new Error('database is locked')
  })
  const nightly = async () => {
    app.services.automation.tick()
    await new Promise((resolve) => setTimeout(resolve, 5))
    return failing.mock.calls.length
  }
  expect([await nightly(), await nightly(), await nightly()]).toEqual([1, 2, 2])
})

test('old runs are deleted in the night, ninety days after they ended', async () => {
  const shopId = app.connectShop(shop, { autoImport: true, autoImportMinutes: 1440 })
  await tick()
  shop.addOrder({ status: 'P' })
  clock.advance(24 * 60 * MINUTE)
  await tick()
  const first = runs(shopId, 'import')[0]?.id ?? 0
  clock.advance(91 * 24 * 60 * MINUTE)
  await tick()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(runs(shopId, 'import').map((run) => run.id)).not.toContain(first)
})
