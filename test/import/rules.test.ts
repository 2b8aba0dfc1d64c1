import { afterEach, expect, it, vi } from 'vitest'
import type { CsCartClient } from '../../src/cscart/client.ts'
import { importService } from '../../src/import/start-import.ts'
import { DAY, type ImportWorld, importWorld, MINUTE, PROFILES } from './world.ts'

let world: ImportWorld

afterEach(() => world.close())

const quiet = { info() {}, warn() {}, error() {} }

it.each(PROFILES)('what a shop like %s can do is seen in its answers and remembered', async (profile) => {
  world = await importWorld({ profile, settings: { fetchStatuses: ['P'] } })
  // Nothing of it is imported, so some other order must show it.
  world.shop.addOrder({ status: 'C' })
  await world.import()
  expect(world.ourShop().capabilities).toMatchObject({
    updatedAt: profile !== 'jp410',
    mailsOnlyWhenAsked: profile === 'v420',
  })
})

it('an order lands in the landing status with the carrier that its shipping method names', async () => {
  world = await importWorld({ settings: { landingStatusId: 4 } })
  const sent = world.shop.addOrder({ status: 'P', groups: [{ module: 'sagawa' }] })
  const other = world.shop.addOrder({ status: 'P', groups: [{ module: null }] })
  await world.import()
  expect(world.stored(sent.id)).toMatchObject({ statusId: 4, carrier: 'sagawa' })
  expect(world.stored(other.id)).toMatchObject({ statusId: 4, carrier: null })
})

it('a carrier that staff chose is not proposed anew', async () => {
  world = await importWorld()
  const { id } = world.shop.addOrder({ status: 'P', groups: [{ module: 'sagawa' }] })
  await world.import()
  const order = world.stored(id)
  const at = world.clock.now().getTime()
  world.services.orders.update(order?.id ?? 0, order?.version ?? 0, { carrier: 'jpost' }, { accountId: null, at })
  world.clock.advance(MINUTE)
  world.shop.editOrder(id, { total: 9999 })
  expect(await world.import()).toMatchObject({ changed: 1 })
  expect(world.stored(id)?.carrier).toBe('jpost')
})

it('orders by number are imported whatever their status, and those that cannot be are named', async () => {
  world = await importWorld()
  const done = world.shop.addOrder({ status: 'C', timestamp: world.ago(90 * DAY) })
  const parent = world.shop.addOrder({ status: 'P', isParent: true })
  const ids = [done.id, parent.id, 77]

  const run = await world.import({ mode: 'ids', ids, force: true })

  expect(run).toMatchObject({ state: 'partial', created: 1, skipped: 1, failed: 1 })
  expect(world.numbers()).toEqual([done.id])
  const items = world.items(run)
  expect(items.find((item) => item.outcome === 'skipped')).toMatchObject({
    csCartOrderId: parent.id,
    detail: expect.stringContaining('親注文'),
  })
  expect(items.find((item) => item.outcome === 'failed')).toMatchObject({ csCartOrderId: 77, reason: 'not_in_shop' })
})

it('numbers that nobody insists on come in only under the rules of every import', async () => {
  world = await importWorld()
  const done = world.shop.addOrder({ status: 'C' })
  const open = world.shop.addOrder({ status: 'P' })
  const run = await world.import({ mode: 'ids', ids: [done.id, open.id], force: false })
  expect(run).toMatchObject({ created: 1, skipped: 1 })
  expect(world.numbers()).toEqual([open.id])
})

it('a shop that ignores the filter by updated_at does not flood us with its old orders', async () => {
  world = await importWorld()
  world.shop.addOrder({ status: 'P' })
  for (let days = 20; days < 25; days += 1) world.shop.addOrder({ status: 'P', timestamp: world.ago(days * DAY) })
  await world.import()
  world.clock.advance(MINUTE)
  const client = world.services.clientFor(world.ourShop())
  const deaf: CsCartClient = {
    ...client,
    listOrders: ({ updatedFrom: _, ...query }, signal) => client.listOrders(query, signal),
  }
  const importing = importService({ ...world.services, log: quiet, clientFor: () => deaf })

  const started = importing.start(world.ourShop(), { mode: 'days' }, { trigger: 'manual' })

  expect(started.started && (await started.done)).toMatchObject({ state: 'succeeded', created: 0 })
  expect(world.numbers()).toHaveLength(1)
})

it('a full disk stops the run by name, and the next one finds the rest', async () => {
  world = await importWorld()
  world.shop.addOrders(130, { from: world.ago(DAY), statuses: ['P'] })
  const { orders } = world.services
  let saved = 0
  const full = {
    ...orders,
    saveImported: (...args: Parameters<typeof orders.saveImported>) => {
      saved += 1
      if (saved > 110) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
      return orders.saveImported(...args)
    },
  }
  const importing = importService({ ...world.services, log: quiet, orders: full })

  const started = importing.start(world.ourShop(), { mode: 'days' }, { trigger: 'manual' })

  // The first hundred are kept; of the others none is, not even those that still had room.
  expect(started.started && (await started.done)).toMatchObject({ state: 'partial', reason: 'no_room', created: 100 })
  expect(world.numbers()).toHaveLength(100)
  expect(await world.import()).toMatchObject({ state: 'succeeded', created: 30 })
})

it('a first import that fails loses nothing of what becomes due meanwhile', async () => {
  world = await importWorld({ settings: { fetchStatuses: ['P'], requestsAtOnce: 1 } })
  const transfer = world.shop.addOrder({ status: 'O', timestamp: world.ago(20 * DAY) })
  world.shop.addOrders(3, { from: world.ago(DAY), statuses: ['P'] })
  world.shop.faults.add({ kind: 'unauthorized', on: 'orders.get', nth: 1 })
  expect(await world.import()).toMatchObject({ state: 'failed' })
  world.clock.advance(DAY)
  world.shop.setStatus(transfer.id, 'P')
  world.clock.advance(DAY)

  expect(await world.import()).toMatchObject({ state: 'succeeded', created: 4 })
  expect(world.numbers()).toContain(transfer.id)
})

it('while people ask for pages, fewer orders are written at once', async () => {
  world = await importWorld()
  for (let order = 0; order < 70; order += 1) world.shop.addOrder({ status: 'P' })
  const { services } = world
  let ms = world.clock.now().getTime()
  const largest = services.db.$client
    .prepare<[], number>('select max(orders) from (select count(*) as orders from orders group by imported_at)')
    .pluck()
  const batchOf = async (isWatched: boolean) => {
    // Each transaction asks once what time it is.
    const now = () => {
      ms += 1
      return new Date(ms)
    }
    const importing = importService({
      ...services,
      log: quiet,
      now,
      pace: { isWatched: () => isWatched, giveWay: async () => {}, rest() {} },
    })
    const started = importing.start(world.ourShop(), { mode: 'days' }, { trigger: 'manual' })
    if (started.started) await started.done
    const most = largest.get()
    services.db.$client.exec('delete from orders')
    return most
  }
  expect(await batchOf(true)).toBe(5)
  expect(await batchOf(false)).toBe(70)
})

it('who opens a page is a person who looks, for a second', async () => {
  world = await importWorld()
  for (let order = 0; order < 70; order += 1) world.shop.addOrder({ status: 'P' })
  const transactions = vi.spyOn(world.services.db, 'transaction')
  const written = async () => {
    transactions.mockClear()
    await world.import()
    world.services.db.$client.exec('delete from orders')
    return transactions.mock.calls.length
  }
  // The first one learns what the shop can do, and writes that too.
  await written()
  const alone = await written()
  await world.app.app.inject('/login')
  expect(await written()).toBe(alone + 13)
  world.clock.advance(MINUTE)
  expect(await written()).toBe(alone)
})

it('orders that say nothing new are only counted: comparing them waits for the disk no more often while people look', async () => {
  world = await importWorld()
  for (let order = 0; order < 70; order += 1) world.shop.addOrder({ status: 'P' })
  await world.import()
  const transactions = vi.spyOn(world.services.db, 'transaction')
  const compared = async () => {
    transactions.mockClear()
    expect(await world.import()).toMatchObject({ state: 'succeeded', unchanged: 70, created: 0, changed: 0 })
    return transactions.mock.calls.length
  }
  const alone = await compared()
  await world.app.app.inject('/login')
  expect(await compared()).toBe(alone)
})
