import { describe, expect, it } from 'vitest'
import { json } from './shop-client.ts'
import { NOON, shopsOfTest } from './shops.ts'

const start = shopsOfTest()
const seconds = NOON.getTime() / 1000

async function oneOrder(status = 'P') {
  const { shop, client } = await start({ firstOrderId: 1 })
  shop.addOrder({ status, timestamp: 1000, lines: [{ itemId: '11' }, { itemId: '12', productId: 1202 }] })
  return { shop, client }
}

describe('a status change through the API', () => {
  it('moves the status and updated_at and is in the ledger', async () => {
    const { shop, client } = await oneOrder()
    await client.put('orders/1', { status: 'C' })
    expect(json(await client.get('orders/1'))).toMatchObject({
      status: 'C',
      updated_at: String(seconds),
      timestamp: '1000',
    })
    expect(shop.ledger.order(1)).toMatchObject({
      status: 'C',
      mails: [],
      recalculated: [],
      history: [
        { from: null, to: 'P', by: 'staff' },
        { from: 'P', to: 'C', by: 'api' },
      ],
    })
    expect(shop.ledger.writes).toMatchObject([{ kind: 'order-status', request: 1, orderId: 1, from: 'P', to: 'C' }])
  })

  it.each([
    ['true', true, 1],
    ['"Y"', 'Y', 1],
    ['"N", which PHP takes for yes', 'N', 1],
    ['"false", which PHP takes for yes', 'false', 1],
    ['"0"', '0', 0],
    ['""', '', 0],
    ['false', false, 0],
  ])('mails the customer for notify_user %s', async (_, flag, mails) => {
    const { shop, client } = await oneOrder()
    await client.put('orders/1', { status: 'C', notify_user: flag })
    expect(shop.ledger.mails).toHaveLength(mails)
    expect(shop.ledger.recalculated()).toEqual([])
  })

  it('does nothing and says 200 for the status that it has already', async () => {
    const { shop, client } = await oneOrder()
    const answer = await client.put('orders/1', { status: 'P', notify_user: true })
    expect(answer.status).toBe(200)
    expect([shop.ledger.writes, shop.ledger.mails]).toEqual([[], []])
  })

  it('does nothing and says 200 where an add-on swallows the change', async () => {
    const { shop, client } = await oneOrder()
    shop.blockStatusChange(1)
    expect((await client.put('orders/1', { status: 'C' })).status).toBe(200)
    expect(shop.order(1)?.status).toBe('P')
  })

  it('stores the first character of a longer text', async () => {
    const { shop, client } = await oneOrder()
    await client.put('orders/1', { status: 'Complete', notify_user: true })
    expect([shop.order(1)?.status, shop.ledger.mails]).toEqual(['C', []])
  })

  it('lands in B when stock is short and says 200', async () => {
    const { shop, client } = await oneOrder('I')
    shop.setStockShort(1)
    expect((await client.put('orders/1', { status: 'C' })).text).toBe('{"order_id":"1"}')
    expect(shop.order(1)?.status).toBe('B')
  })

  it('takes no stock between P and C, be it short or not', async () => {
    const { shop, client } = await oneOrder('P')
    shop.setStockShort(1)
    await client.put('orders/1', { status: 'C' })
    expect(shop.order(1)?.status).toBe('C')
  })
})

describe('a write that rewrites the order', () => {
  it('is any further key, and lines that were not sent are gone', async () => {
    const { shop, client } = await oneOrder()
    await client.put('orders/1', { status: 'C', notes: 'x', products: { '11': { amount: 1 } } })
    expect(shop.ledger.order(1).recalculated).toEqual(['keys beside the status: notes, products'])
    expect(Object.keys(json(await client.get('orders/1')).products)).toEqual(['11'])
    expect(shop.order(1)?.status).toBe('C')
  })

  it.each([null, 'text/plain', 'application/x-www-form-urlencoded'])('is a body of type %s', async (type) => {
    const { shop, client } = await oneOrder()
    const answer = await client.ask('PUT', '/api/2.0/orders/1', {
      raw: '{"status":"C"}',
      headers: { 'content-type': type },
    })
    expect(answer.status).toBe(200)
    expect(shop.ledger.recalculated()).toEqual([1])
  })

  it('is a form, however little it says', async () => {
    const { shop, client } = await oneOrder()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await client.ask('PUT', '/api/2.0/orders/1', { raw: 'status=C', headers })
    expect(shop.ledger.order(1).recalculated).toEqual(['the body did not come as JSON'])
  })

  it('is a status change without the right to change statuses: 200, and the status stays', async () => {
    const { shop, client } = await oneOrder()
    shop.setPrivileges(['view_orders', 'edit_order'])
    const answer = await client.put('orders/1', { status: 'C' })
    expect([answer.status, shop.order(1)?.status]).toEqual([200, 'P'])
    expect(shop.ledger.order(1).recalculated).toEqual(['the user may not change statuses'])
  })

  it('is refused without a word for an unknown order', async () => {
    const { shop, client } = await oneOrder()
    const answer = await client.put('orders/9', { status: 'C', notes: 'x' })
    expect([answer.status, answer.text]).toEqual([400, '{"message":"Bad Request","status":400}'])
    expect(shop.ledger.recalculated()).toEqual([])
  })

  it('is not a JSON type with a charset', async () => {
    const { shop, client } = await oneOrder()
    await client.ask('PUT', '/api/2.0/orders/1', {
      raw: '{"status":"C"}',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    })
    expect([shop.ledger.recalculated(), shop.order(1)?.status]).toEqual([[], 'C'])
  })
})

describe('the hands of the shop staff', () => {
  it('move updated_at with a status, a cancellation and an edit, but not with a shipment', async () => {
    let now = NOON
    const { shop } = await start({ firstOrderId: 1, now: () => now })
    shop.addOrder({ status: 'P' })
    const minute = (): number => {
      now = new Date(now.getTime() + 60_000)
      return now.getTime() / 1000
    }
    const statusAt = minute()
    shop.setStatus(1, 'O')
    expect(shop.order(1)?.updatedAt).toBe(statusAt)
    const editedAt = minute()
    shop.editOrder(1, { notes: 'のし' })
    expect(shop.order(1)?.updatedAt).toBe(editedAt)
    minute()
    shop.editOrder(1, { details: 'メモ' }, { bumpUpdatedAt: false })
    shop.addShipment({ orderId: 1 })
    expect(shop.order(1)?.updatedAt).toBe(editedAt)
    const cancelledAt = minute()
    shop.cancel(1)
    expect(shop.order(1)).toMatchObject({ status: 'I', updatedAt: cancelledAt })
  })

  it('leave no trace among the writes of the API', async () => {
    const { shop } = await oneOrder()
    shop.setStatus(1, 'C')
    shop.addShipment({ orderId: 1 })
    expect(shop.ledger.writes).toEqual([])
    expect(shop.ledger.order(1).history.at(-1)).toMatchObject({ from: 'P', to: 'C', by: 'staff' })
  })

  it('change the total with the lines', async () => {
    const { shop } = await start({ firstOrderId: 1 })
    const money = { surcharge: 330, subtotalDiscount: 100, pointsUsed: 50, coupon: null, groups: [{ rate: 880 }] }
    shop.addOrder({ ...money, lines: [{ price: 1000, amount: 2 }] })
    expect(shop.order(1)?.total).toBe(3060)
    shop.editOrder(1, { lines: [{ price: 1000, amount: 1 }] })
    expect(shop.order(1)?.total).toBe(2060)
  })
})

describe('the shapes of an order', () => {
  it('marks open groups by position: groups 0 and 2 make a list of three', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({
      lines: [{ itemId: '11' }, { itemId: '12', groupKey: 2 }],
      groups: [{ groupKey: 0 }, { groupKey: 2, shippingId: 13 }],
    })
    const { shipping } = json(await client.get('orders/1'))
    expect(shipping).toMatchObject([{ group_key: 0, need_shipment: true }, { group_key: 2 }, { need_shipment: true }])
    expect(shipping[1]).not.toHaveProperty('need_shipment')
    expect(Object.keys(shipping[2])).toEqual(['need_shipment'])
  })

  it('turns the list of groups into an object where it has a gap', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ lines: [{ groupKey: 3 }], groups: [{ groupKey: 3 }] })
    expect(Object.keys(json(await client.get('orders/1')).shipping)).toEqual(['0', '3'])
  })

  it('keys the groups of migrated orders by shipping id, without it inside', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ shippingShape: 'object', groups: [{ shippingId: 12 }] })
    shop.addShipment({ orderId: 1 })
    const { shipping } = json(await client.get('orders/1'))
    expect(Object.keys(shipping)).toEqual(['12'])
    expect(shipping['12']).not.toHaveProperty('shipping_id')
  })

  it('leaves shipping away where there is none, and says that something is to be shipped', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ shippingShape: 'absent', groups: [] })
    const body = json(await client.get('orders/1'))
    expect([body.shipping, body.need_shipment]).toEqual([undefined, true])
  })

  it('needs no shipping when every line is downloadable', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ lines: [{ itemId: '11', downloadable: true }] })
    const body = json(await client.get('orders/1'))
    expect([body.need_shipping, body.products['11'].extra.is_edp]).toEqual([false, 'Y'])
  })

  it('says 指定なし for the half of a delivery wish that was not chosen, and nothing for none', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ groups: [{ deliveryTiming: '午前中' }] })
    shop.addOrder({ groups: [{}] })
    expect(json(await client.get('orders/1')).shipping[0]).toMatchObject({
      delivery_timing: '午前中',
      delivery_date: '指定なし',
    })
    expect(json(await client.get('orders/2')).shipping[0]).not.toHaveProperty('delivery_date')
  })

  it('fills an empty shipping prefecture with its own', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ shipping: { state: '', country: '' } })
    expect(json(await client.get('orders/1'))).toMatchObject({ s_state: '東京都', s_country: 'JP' })
  })

  it('copies the cart into product_groups, with the account of a carrier', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ groups: [{}] })
    const [group] = json(await client.get('orders/1')).product_groups
    expect(group.shippings['12'].service_params.account_number).toBe('000-FAKE-ACCOUNT')
  })

  it('takes strange data as it is given', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ raw: { products: 'x', total: undefined }, rawRow: { total: 12 } })
    const body = json(await client.get('orders/1'))
    expect([body.products, 'total' in body]).toEqual(['x', false])
    expect(json(await client.get('orders')).orders[0].total).toBe(12)
  })
})
