import { afterEach, describe, expect, it } from 'vitest'
import { DAY, type ImportWorld, importWorld, MINUTE, PROFILES } from './world.ts'

let world: ImportWorld

afterEach(() => world.close())

describe.each(PROFILES)('from a shop like %s', (profile) => {
  it('an order that is paid weeks after it was placed arrives all the same, by button and by clock', async () => {
    world = await importWorld({ profile, settings: { fetchStatuses: ['P'] } })
    world.shop.addOrder({ status: 'P' })
    const transfer = world.shop.addOrder({ status: 'O' })
    const konbini = world.shop.addOrder({ status: 'N' })
    await world.import()
    expect(world.numbers()).toHaveLength(1)
    world.clock.advance(25 * DAY)
    await world.import()

    world.clock.advance(5 * MINUTE)
    world.shop.setStatus(transfer.id, 'P')
    expect(await world.import()).toMatchObject({ state: 'succeeded', created: 1 })
    expect(world.numbers()).toContain(transfer.id)

    world.clock.advance(70 * MINUTE)
    world.shop.setStatus(konbini.id, 'P')
    expect(await world.import({ mode: 'scheduled' })).toMatchObject({ state: 'succeeded', created: 1 })
    expect(world.numbers()).toContain(konbini.id)
  })

  it('what waited already when the shop was connected stays out until it moves', async () => {
    world = await importWorld({ profile, settings: { fetchStatuses: ['O', 'P'] } })
    world.shop.addOrder({ status: 'P' })
    const old = world.shop.addOrder({ status: 'O', timestamp: world.ago(40 * DAY) })
    const moving = world.shop.addOrder({ status: 'O', timestamp: world.ago(40 * DAY) })
    await world.import()
    world.clock.advance(DAY)
    await world.import()
    expect(world.numbers()).toHaveLength(1)

    world.shop.setStatus(moving.id, 'P')
    world.clock.advance(MINUTE)
    await world.import()

    expect(world.numbers()).toContain(moving.id)
    expect(world.numbers()).not.toContain(old.id)
  })

  it('a cancellation is marked loudly, and what staff typed is not touched', async () => {
    world = await importWorld({ profile })
    const { id } = world.shop.addOrder({ status: 'P' })
    await world.import()
    const order = world.stored(id)
    world.services.orders.update(
      order?.id ?? 0,
      order?.version ?? 0,
      { memo: '急ぎ', shipDate: '2026-11-25', trackingNumber: '123456789012', carrier: 'sagawa', statusId: 3 },
      { accountId: null, at: world.clock.now().getTime() },
    )
    world.clock.advance(MINUTE)
    world.shop.cancel(id)

    const run = await world.import({ mode: 'scheduled' })

    expect(run).toMatchObject({ state: 'succeeded', changed: 1, created: 0 })
    expect(world.stored(id)).toMatchObject({
      csCartStatus: 'I',
      cancelledInCsCartAt: world.clock.now().getTime(),
      memo: '急ぎ',
      shipDate: '2026-11-25',
      trackingNumber: '123456789012',
      carrier: 'sagawa',
      statusId: 3,
    })
    expect(world.services.orders.historyOf(order?.id ?? 0)[0]).toMatchObject({
      event: 'cancelled_in_cs_cart',
      runId: run.id,
    })
    expect(world.items(run)).toMatchObject([{ outcome: 'changed', orderId: order?.id, csCartOrderId: id }])
  })

  it('an order that the shop has no longer is marked, once', async () => {
    world = await importWorld({ profile })
    const { id } = world.shop.addOrder({ status: 'P' })
    world.shop.addOrder({ status: 'P' })
    await world.import()
    world.clock.advance(MINUTE)
    world.shop.removeOrder(id)

    const run = await world.import()

    expect(run).toMatchObject({ state: 'succeeded', changed: 1, unchanged: 1 })
    expect(world.items(run)[0]).toMatchObject({ outcome: 'changed', reason: 'not_in_shop', csCartOrderId: id })
    expect(world.stored(id)?.cancelledInCsCartAt).toBe(world.clock.now().getTime())
    world.clock.advance(MINUTE)
    expect(await world.import()).toMatchObject({ state: 'succeeded', changed: 0, unchanged: 1 })
  })

  it('of more stored orders than are read in one step, each that the shop lacks is marked', async () => {
    world = await importWorld({ profile })
    // Placed in the same second, so that the steps part them by their number here alone.
    const timestamp = world.ago(MINUTE)
    const ids = Array.from({ length: 1_003 }, () => world.shop.addOrder({ status: 'P', timestamp }).id)
    await world.import()
    const gone = [0, 1, 499, 500, 501, 999, 1_000, 1_002].map((at) => ids[at] ?? 0)
    for (const id of gone) world.shop.removeOrder(id)
    world.clock.advance(MINUTE)

    expect(await world.import()).toMatchObject({ state: 'succeeded', changed: gone.length })
    expect(ids.filter((id) => world.stored(id)?.cancelledInCsCartAt !== null)).toEqual(gone)
  })

  it('an order that was edited is brought up to date with what CS-Cart owns', async () => {
    world = await importWorld({ profile })
    const { id } = world.shop.addOrder({ status: 'P', total: 5000 })
    await world.import()
    world.clock.advance(MINUTE)
    world.shop.editOrder(id, { total: 6200, shipping: { address: '北一条西9丁目' } })

    expect(await world.import({ mode: 'scheduled' })).toMatchObject({ state: 'succeeded', changed: 1 })

    expect(world.stored(id)).toMatchObject({ totalCents: 620_000, shipping: { address1: '北一条西9丁目' } })
    expect(world.stored(id)?.changedInCsCartAt).toBe(world.clock.now().getTime())
  })

  it('a note that moves nothing a list shows is found by the next import by hand', async () => {
    world = await importWorld({ profile })
    const { id } = world.shop.addOrder({ status: 'P' })
    await world.import()
    world.clock.advance(MINUTE)
    world.shop.editOrder(id, { details: '電話あり' }, { bumpUpdatedAt: false })

    expect(await world.import()).toMatchObject({ changed: 1 })
    expect(world.stored(id)?.staffNotes).toBe('電話あり')
  })

  it.each([-5, 5])('nothing is lost while its clock is %i minutes off', async (minutes) => {
    world = await importWorld({ profile })
    world.shop.setClockOffset(minutes * MINUTE)
    const early = world.shop.addOrder({ status: 'P' })
    await world.import()
    world.clock.advance(MINUTE)
    const next = world.shop.addOrder({ status: 'P' })
    await world.import({ mode: 'scheduled' })
    expect(world.numbers()).toEqual([early.id, next.id])
  })
})

it('the clock compares by rows in between and everything now and then', async () => {
  world = await importWorld({ profile: 'jp413' })
  const { id } = world.shop.addOrder({ status: 'P', timestamp: world.ago(DAY) })
  await world.import()
  world.shop.editOrder(id, { details: '電話あり' }, { bumpUpdatedAt: false })
  world.clock.advance(30 * MINUTE)
  expect(await world.import({ mode: 'scheduled' })).toMatchObject({ changed: 0, unchanged: 1 })
  world.clock.advance(6 * 60 * MINUTE)
  expect(await world.import({ mode: 'scheduled' })).toMatchObject({ changed: 1 })
})

it('a shop whose clock was set back loses no update', async () => {
  world = await importWorld({ profile: 'jp413', settings: { fetchStatuses: ['P'] } })
  world.shop.setClockOffset(3 * DAY)
  const waiting = world.shop.addOrder({ status: 'O', timestamp: world.ago(20 * DAY) })
  world.shop.addOrder({ status: 'P' })
  await world.import()
  world.shop.setClockOffset(0)
  world.clock.advance(MINUTE)
  world.shop.setStatus(waiting.id, 'P')

  expect(await world.import({ mode: 'scheduled' })).toMatchObject({ created: 1 })
  expect(world.numbers()).toContain(waiting.id)
})

it('a cancellation counts although the shop dates it before its own last change', async () => {
  world = await importWorld({ profile: 'jp413' })
  world.shop.setClockOffset(DAY)
  const { id } = world.shop.addOrder({ status: 'P' })
  await world.import()
  world.shop.setClockOffset(0)
  world.clock.advance(MINUTE)
  world.shop.cancel(id)

  expect(await world.import()).toMatchObject({ changed: 1 })
  expect(world.stored(id)).toMatchObject({ csCartStatus: 'I', cancelledInCsCartAt: world.clock.now().getTime() })
})
