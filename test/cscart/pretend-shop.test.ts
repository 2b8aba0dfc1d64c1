import { expect, onTestFinished, test } from 'vitest'
import { type FaultKind, type Profile, startPretendShop } from '../../src/demo/shop/index.ts'
import type { CsCartReason } from '../../src/failures.ts'
import { page, shipment } from './calls-to-fail.ts'
import { clientOf } from './raw-shop.ts'

async function shopAndClient(profile: Profile, subdirectory?: string) {
  const shop = await startPretendShop({ profile, seed: 11, ...(subdirectory ? { subdirectory } : {}) })
  onTestFinished(() => shop.close())
  const options = { timeouts: { readMs: 2000, writeMs: 2000 }, maxBodyBytes: 1_000_000, attempts: 1 }
  return { shop, client: clientOf(shop.url, options, { email: shop.email, apiKey: shop.apiKey }) }
}

const PROFILES: Profile[] = ['jp410', 'jp413', 'v416', 'v420']

test.each(PROFILES)('on %s an order is listed, read, shipped and set to 配送済み', async (profile) => {
  const { shop, client } = await shopAndClient(profile, 'sub')
  shop.addOrders(25, { from: new Date('2026-11-01T00:00:00+09:00'), statuses: ['O', 'P', 'I'] })
  const { id } = shop.addOrder({ status: 'P', lines: [{ product: '急須', price: 6600, amount: 2 }] })

  const listed: number[] = []
  for (let number = 1; number <= 3; number += 1) {
    const found = await client.listOrders({ ...page, statuses: ['O', 'P', 'I'], itemsPerPage: 10, page: number })
    expect(found).toMatchObject({ page: number, itemsPerPage: 10, totalItems: 26, faults: [] })
    listed.push(...found.rows.map(({ orderId }) => orderId))
  }
  expect(listed).toEqual(shop.orders().map((order) => order.id))
  const pastEnd = await client.listOrders({ ...page, statuses: ['O', 'P', 'I'], itemsPerPage: 10, page: 9 })
  expect([pastEnd.page, pastEnd.rows.length]).toEqual(profile === 'jp410' ? [3, 6] : [9, 0])

  for (const orderId of listed) {
    const fetched = await client.order(orderId)
    const truth = shop.order(orderId)
    expect(fetched?.order).toMatchObject({
      orderId,
      status: truth?.status,
      totalCents: Math.round((truth?.total ?? 0) * 100),
      firstname: truth?.firstname,
      knowsUpdatedAt: profile !== 'jp410',
      shippingAddress: { postalCode: truth?.shipping.zipcode, city: truth?.shipping.city },
    })
    expect(fetched?.order.lines.map(({ itemId }) => itemId).sort()).toEqual(
      truth?.lines.map(({ itemId }) => itemId).sort(),
    )
  }

  const { order } = (await client.order(id)) ?? {}
  const [group] = order?.groups ?? []
  const [line] = order?.lines ?? []
  expect(line).toMatchObject({ amount: 2, remainingAmount: 2, unitPriceCents: 660_000 })
  const lines = { [line?.itemId ?? '']: 2 }
  const made = await client.createShipment({ ...shipment, orderId: id, shippingId: group?.shippingId ?? 0, lines })
  const stored = {
    shipmentId: made,
    orderId: id,
    status: 'S',
    trackingNumber: '123456789012',
    carrier: 'yamato',
    lines,
  }
  expect(await client.shipment(made)).toMatchObject(stored)
  expect(await client.shipmentsOf(id)).toMatchObject([stored])
  await client.setOrderStatus(id, 'C', { notifyCustomer: false })
  expect((await client.order(id))?.order).toMatchObject({
    status: 'C',
    shipmentIds: [made],
    lines: [{ remainingAmount: 0 }],
  })
  expect(shop.ledger.recalculated()).toEqual([])

  const change = client.updateShipment(made, { status: 'S', comments: '2個口' })
  if (profile === 'jp410' || profile === 'jp413') {
    await expect(change).rejects.toMatchObject({ reason: 'rejected', mayHaveBeenApplied: false })
  } else {
    await change
    expect(await client.shipment(made)).toMatchObject({ comments: '2個口' })
  }
  expect(await client.order(999_999)).toBeUndefined()
  expect((await client.orderStatuses()).map(({ letter }) => letter)).toEqual(expect.arrayContaining(['O', 'P', 'C']))
})

test.each<[FaultKind, CsCartReason]>([
  ['half-body', 'connection_lost'],
  ['reset-before', 'connection_lost'],
  ['reset-after', 'connection_lost'],
  ['never', 'timeout'],
  ['dribble', 'timeout'],
  ['unauthorized', 'unauthorized'],
  ['forbidden-html', 'blocked'],
  ['too-many', 'rate_limited'],
  ['error-html', 'unavailable'],
  ['unavailable', 'unavailable'],
  ['html-200', 'storefront'],
  ['notice-json', 'not_json'],
  ['empty-200', 'empty_answer'],
  ['redirect', 'redirected'],
  ['huge-body', 'too_large'],
  ['huge-headers', 'connection_lost'],
  ['invalid-utf8', 'invalid_text'],
  ['ip-block', 'blocked'],
  ['broken-json', 'not_json'],
  ['no-content', 'empty_answer'],
])('a shop with the fault %s fails with %s, and what it did is never denied', async (kind, reason) => {
  const { shop, client } = await shopAndClient('jp413')
  const { id } = shop.addOrder({ status: 'P', lines: [{ product: '急須', price: 6600, amount: 2 }] })
  const { order } = (await client.order(id)) ?? {}
  shop.faults.add({ kind, on: 'orders.get', ms: 300 })
  await expect(client.order(id)).rejects.toMatchObject({ reason })

  const [line] = order?.lines ?? []
  const shippingId = order?.groups[0]?.shippingId ?? 0
  shop.faults.add({ kind, on: 'shipments.post', ms: 300 })
  const failure = await client
    .createShipment({ ...shipment, orderId: id, shippingId, lines: { [line?.itemId ?? '']: 1 } })
    .then(
      () => undefined,
      (error) => error,
    )
  const applied = shop.ledger.order(id).shipments.length
  expect(failure).toMatchObject({ reason })
  if (applied > 0) expect(failure.mayHaveBeenApplied).toBe(true)
  if (!failure.mayHaveBeenApplied) expect(applied).toBe(0)
})
