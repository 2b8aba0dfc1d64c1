import { describe, expect, it } from 'vitest'
import type { Profile } from '../../src/demo/shop/index.ts'
import { json } from './shop-client.ts'
import { NOON, shopsOfTest } from './shops.ts'

const start = shopsOfTest()

/** Order 1: three of item 11 and one downloadable 12 in group 0, two of item 21 in group 1. */
async function threeLines(profile: Profile = 'jp413') {
  const { shop, client } = await start({ profile, firstOrderId: 1 })
  shop.addOrder({
    status: 'P',
    lines: [
      { itemId: '11', amount: 3 },
      { itemId: '12', amount: 1, downloadable: true },
      { itemId: '21', amount: 2, groupKey: 1 },
    ],
    groups: [{ shippingId: 12 }, { shippingId: 13 }],
  })
  const parcel = { order_id: 1, shipping_id: 12, carrier: 'yamato', tracking_number: '4011' }
  return { shop, client, parcel }
}

describe('POST /shipments', () => {
  it('asks for order_id, then shipping_id, then number or carrier', async () => {
    const { client } = await threeLines('v420')
    const text = async (body: object): Promise<string> => json(await client.post('shipments', body)).messages[0]
    expect(await text({ comments: 'x' })).toBe('order_idフィールドを指定してください')
    expect(await text({ order_id: 1, shipping_id: 0 })).toBe('shipping_idフィールドを指定してください')
    expect(await text({ order_id: 1, shipping_id: 12 })).toContain('carrier / tracking_number')
  })

  it('speaks English when asked', async () => {
    const { client } = await threeLines()
    expect(json(await client.post('shipments?sl=en', { comments: 'x' })).message).toBe(
      'Bad Request: The order_id field is required',
    )
  })

  it('takes all of group 0, downloadable lines too, when no products are named', async () => {
    const { shop, client, parcel } = await threeLines()
    await client.post('shipments', parcel)
    expect(shop.ledger.order(1).shipments).toEqual([
      { id: 1, number: '4011', carrier: 'yamato', status: 'P', products: { '11': 3, '12': 1 } },
    ])
  })

  it('cuts an amount to what remains and still says 201', async () => {
    const { shop, client, parcel } = await threeLines()
    expect((await client.post('shipments', { ...parcel, products: { '11': 2 } })).status).toBe(201)
    expect((await client.post('shipments', { ...parcel, products: { '11': 9, '21': 1 } })).status).toBe(201)
    expect(shop.ledger.order(1).shipments.map((shipment) => shipment.products)).toEqual([
      { '11': 2 },
      { '11': 1, '21': 1 },
    ])
  })

  it('writes a line for an item that the order does not have', async () => {
    const { shop, client, parcel } = await threeLines()
    expect((await client.post('shipments', { ...parcel, products: { '999': 4 } })).status).toBe(201)
    expect(shop.ledger.order(1).shipments[0]?.products).toEqual({ '999': 4 })
  })

  it('writes an orphan for an unknown order with products, and refuses one without', async () => {
    const { shop, client, parcel } = await threeLines()
    expect((await client.post('shipments', { ...parcel, order_id: 77, products: { '5': 1 } })).status).toBe(201)
    expect(shop.ledger.snapshot().orders['77']).toMatchObject({ status: null, shipments: [{ id: 1 }] })
    expect(json(await client.get('shipments/1'))).toMatchObject({ order_id: '77', order_timestamp: null })
    const refused = await client.post('shipments', { ...parcel, order_id: 78 })
    expect([refused.status, json(refused).errors]).toEqual([400, ['配送する商品が選択されていません']])
  })

  it('keeps any letter, the comments and the time that it is given', async () => {
    const { shop, client, parcel } = await threeLines()
    await client.post('shipments', { ...parcel, status: 'X', comments: '2個口', timestamp: '1700000000' })
    expect(shop.shipments(1)).toMatchObject([{ status: 'X', comments: '2個口', timestamp: 1_700_000_000 }])
    expect(shop.order(1)?.updatedAt).toBe(NOON.getTime() / 1000)
  })

  it('leaves the order as it was, updated_at too', async () => {
    let now = NOON
    const { shop, client } = await start({ firstOrderId: 1, now: () => now })
    shop.addOrder({ status: 'P' })
    now = new Date(NOON.getTime() + 3_600_000)
    await client.post('shipments', { order_id: 1, shipping_id: 12, carrier: 'yamato', tracking_number: '1' })
    expect(shop.order(1)).toMatchObject({ status: 'P', updatedAt: NOON.getTime() / 1000 })
  })

  it('sets order_status with a mail that cannot be silenced, and not without the right', async () => {
    const { shop, client, parcel } = await threeLines()
    await client.post('shipments', { ...parcel, order_status: 'C' })
    expect(shop.order(1)?.status).toBe('C')
    expect(shop.ledger.mails.map((mail) => mail.kind)).toEqual(['shipment', 'order-status'])
    shop.setPrivileges(['edit_order'])
    await client.post('shipments', { ...parcel, products: { '21': 1 }, order_status: 'O' })
    expect(shop.order(1)?.status).toBe('C')
  })

  it('mails nothing where the store turned the mail for shipments off', async () => {
    const { shop, client, parcel } = await threeLines()
    shop.setNotifications({ shipment: false })
    await client.post('shipments', parcel)
    expect(shop.ledger.mails).toEqual([])
  })

  it('puts a notice before its JSON where PHP shows them and a field is missing', async () => {
    const { shop, client, parcel } = await threeLines()
    shop.configure({ displayErrors: true })
    const { carrier: _, ...half } = parcel
    const answer = await client.post('shipments', half)
    expect(answer.text).toMatch(/^<br \/>\n<b>Notice<\/b>:.*carrier/)
    expect(answer.text.endsWith('{"shipment_id":1}')).toBe(true)
  })
})

describe('PUT and DELETE /shipments', () => {
  it('changes four fields from 4.16 on, without a mail', async () => {
    const { shop, client, parcel } = await threeLines('v416')
    await client.post('shipments', parcel)
    const mails = shop.ledger.mails.length
    await client.put('shipments/1', { status: 'S', tracking_number: '9', comments: 'c', timestamp: 1000 })
    expect(shop.shipments(1)).toMatchObject([{ status: 'S', trackingNumber: '9', comments: 'c', timestamp: 1000 }])
    expect(shop.ledger.mails).toHaveLength(mails)
  })

  it('frees the amounts again', async () => {
    const { shop, client, parcel } = await threeLines()
    await client.post('shipments', { ...parcel, products: { '11': 3 } })
    expect(json(await client.get('orders/1')).products['11']).toMatchObject({ shipped_amount: '3', shipment_amount: 0 })
    const gone = await client.delete('shipments/1')
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect(json(await client.get('orders/1')).products['11']).toMatchObject({ shipped_amount: 0, shipment_amount: '3' })
    expect((await client.delete('shipments/1')).status).toBe(404)
    expect(shop.ledger.writes.map((write) => write.kind)).toEqual(['shipment-created', 'shipment-deleted'])
  })

  it('refuses a DELETE that calls its nothing JSON', async () => {
    const { shop, client, parcel } = await threeLines()
    await client.post('shipments', parcel)
    const answer = await client.delete('shipments/1', { headers: { 'content-type': 'application/json' } })
    expect([answer.status, shop.shipments(1)]).toMatchObject([400, [{ id: 1 }]])
  })
})

describe('GET /shipments', () => {
  it('finds those of an order, an empty list for none, 404 for an unknown id', async () => {
    const { shop, client } = await threeLines()
    expect(json(await client.get('shipments?order_id=1')).shipments).toEqual([])
    shop.addOrder()
    shop.addShipment({ orderId: 1, status: 'S' })
    shop.addShipment({ orderId: 2 })
    const found = json(await client.get('shipments?order_id=1')).shipments
    expect(found.map((shipment: { shipment_id: string }) => shipment.shipment_id)).toEqual(['1'])
    expect(json(await client.get('shipments?status=S')).shipments).toHaveLength(1)
    expect((await client.get('shipments/99')).status).toBe(404)
  })

  it('repeats the last page past the end', async () => {
    const { shop, client } = await threeLines('v420')
    for (let count = 0; count < 5; count += 1) shop.addShipment({ orderId: 1, products: { '11': 1 } })
    const { shipments, params } = json(await client.get('shipments?items_per_page=2&page=9'))
    expect([shipments.length, shipments[0].shipment_id, params.page]).toEqual([1, '1', 3])
  })

  it('leaves number and products away with advanced_info=0', async () => {
    const { shop, client } = await threeLines()
    shop.addShipment({ orderId: 1, trackingNumber: '1' })
    const [row] = json(await client.get('shipments?advanced_info=0')).shipments
    expect(['tracking_number' in row, 'products' in row]).toEqual([false, false])
  })

  it('has no products key for an empty shipment and no carrier_info without a carrier', async () => {
    const { shop, client } = await threeLines()
    shop.addShipment({ orderId: 1, products: {}, carrier: '', trackingNumber: '5' })
    const body = json(await client.get('shipments/1'))
    expect(['products' in body, 'carrier_info' in body]).toEqual([false, false])
  })

  it('tells what it knows of a carrier', async () => {
    const { shop, client } = await threeLines()
    shop.addShipment({ orderId: 1, products: {}, carrier: 'yamato', trackingNumber: '' })
    shop.addShipment({ orderId: 1, products: {}, carrier: 'seino', trackingNumber: '5' })
    expect(json(await client.get('shipments/1')).carrier_info.tracking_url).toContain('%s')
    expect(json(await client.get('shipments/2')).carrier_info).toEqual({ name: 'carrier_seino', tracking_url: '' })
  })

  it("computes group_key and one_full of a whole list against the first row's order", async () => {
    const { shop, client } = await threeLines()
    shop.addOrder({ lines: [{ itemId: '31' }] })
    shop.addShipment({ orderId: 1, products: { '21': 2 } })
    shop.addShipment({ orderId: 2, products: { '31': 1 } })
    const garbage = json(await client.get('shipments?sort_order=desc')).shipments
    expect(garbage.map((row: { group_key: number }) => row.group_key)).toEqual([0, 0])
    expect(json(await client.get('shipments?order_id=1')).shipments[0].group_key).toBe(1)
  })
})
