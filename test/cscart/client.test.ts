import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { page, shipment } from './calls-to-fail.ts'
import { clientOf, EMAIL, html, httpShop, json, KEY } from './raw-shop.ts'

const LIST = json({ orders: [], params: { page: 1 } })
const searchOf = (url = '') => Object.fromEntries(new URLSearchParams(url.split('?')[1]))

test('a read carries the key, asks for JSON in Japanese and has no content type', async () => {
  const shop = await httpShop(json({ Version: '2.0' }))
  expect(await clientOf(`${shop.url}/sub`).apiVersion()).toBe('2.0')
  expect(shop.received).toMatchObject([{ method: 'GET', url: '/sub/api/2.0/version?sl=ja', body: '' }])
  const headers = shop.received[0]?.headers
  expect(headers).toMatchObject({
    authorization: `Basic ${Buffer.from(`${EMAIL}:${KEY}`).toString('base64')}`,
    accept: 'application/json',
    'user-agent': 'Tsunagi/1.0',
  })
  for (const absent of ['content-type', 'accept-language', 'accept-encoding', 'cookie']) {
    expect(headers).not.toHaveProperty(absent)
  }
})

test('the root may end with a slash or not', async () => {
  const shop = await httpShop(json({ Version: '2.0' }))
  await clientOf(`${shop.url}/`).apiVersion()
  await clientOf(`${shop.url}/a/b/`).apiVersion()
  expect(shop.received.map(({ url }) => url)).toEqual(['/api/2.0/version?sl=ja', '/a/b/api/2.0/version?sl=ja'])
})

test('the list of orders is asked for in whole Unix seconds, with the period letter without which they are ignored', async () => {
  const shop = await httpShop(LIST)
  await clientOf(shop.url).listOrders({
    statuses: ['O', 'P'],
    period: { from: 1_793_458_800_999, to: 1_796_050_799_999 },
    updatedFrom: 1_793_458_800_500,
    orderIds: [7, 8],
    includeIncomplete: true,
    sortBy: 'order_id',
    sortOrder: 'asc',
    itemsPerPage: 50,
    page: 3,
  })
  const query = new URLSearchParams(shop.received[0]?.url.split('?')[1])
  expect(query.getAll('status[]')).toEqual(['O', 'P'])
  expect(searchOf(shop.received[0]?.url)).toMatchObject({
    period: 'C',
    time_from: '1793458800',
    time_to: '1796050799',
    updated_at_from: '1793458800',
    order_id: '7,8',
    include_incompleted: '1',
    sort_by: 'order_id',
    sort_order: 'asc',
    items_per_page: '50',
    page: '3',
    sl: 'ja',
  })
})

test('what is not asked for is not sent', async () => {
  const shop = await httpShop(LIST)
  await clientOf(shop.url).listOrders({ ...page, statuses: [], orderIds: [] })
  expect(Object.keys(searchOf(shop.received[0]?.url)).sort()).toEqual([
    'items_per_page',
    'page',
    'sl',
    'sort_by',
    'sort_order',
  ])
})

test('writes are JSON and hold nothing but what they are for', async () => {
  const shop = await httpShop(json({ shipment_id: 37, order_id: '1' }, 201))
  const client = clientOf(shop.url)
  expect(await client.createShipment(shipment)).toBe(37)
  await client.setOrderStatus(1, 'C', { notifyCustomer: false })
  await client.setOrderStatus(1, 'C', { notifyCustomer: true })
  await client.updateShipment(37, { status: 'S', trackingNumber: '5' })
  await client.updateShipment(37, {})
  await client.createShipment({ ...shipment, notifyCustomer: true })
  expect(shop.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /api/2.0/shipments?sl=ja',
    'PUT /api/2.0/orders/1?sl=ja',
    'PUT /api/2.0/orders/1?sl=ja',
    'PUT /api/2.0/shipments/37?sl=ja',
    'POST /api/2.0/shipments?sl=ja',
  ])
  expect(shop.received.every(({ headers }) => headers['content-type'] === 'application/json')).toBe(true)
  const plain = {
    order_id: 1,
    shipping_id: 2,
    products: { 3: 1 },
    carrier: 'yamato',
    tracking_number: '123456789012',
    status: 'S',
    comments: '',
  }
  expect(shop.received.map(({ body }) => JSON.parse(body))).toEqual([
    plain,
    { status: 'C' },
    { status: 'C', notify_user: true },
    { tracking_number: '5', status: 'S' },
    { ...plain, notify_user: true },
  ])
  await expect(client.setOrderStatus(1, 'Complete', { notifyCustomer: false })).rejects.toThrow(TypeError)
})

test('no redirect is followed, with the key or without', async () => {
  const other = await httpShop(LIST)
  const shop = await httpShop(html('', 302, { Location: `${other.url}/api/2.0/orders` }))
  await expect(clientOf(shop.url).listOrders(page)).rejects.toMatchObject({ reason: 'redirected', status: 302 })
  expect(other.received).toHaveLength(0)
})

test('an order that is not there is undefined; one behind a broken address is a failure', async () => {
  const gone = await httpShop(json({ message: 'Not Found', status: 404 }, 404))
  expect(await clientOf(gone.url).order(5)).toBeUndefined()
  expect(await clientOf(gone.url).shipment(5)).toBeUndefined()
  await expect(clientOf(gone.url).setOrderStatus(5, 'C', { notifyCustomer: false })).rejects.toMatchObject({
    reason: 'not_found',
  })
  const entity = json({ message: 'Not Found: エンティティ orders が見つかりません', status: 404 }, 404)
  for (const answer of [html('<html>', 404), json({ error: 'nothing here' }, 404), entity]) {
    const shop = await httpShop(answer)
    await expect(clientOf(shop.url).order(5)).rejects.toMatchObject({ reason: 'not_an_api' })
  }
})

test('another order than the one asked for is refused', async () => {
  const body = { order_id: '11', status: 'P', timestamp: '1795137300', total: '1.00', products: [] }
  const shop = await httpShop(json(body))
  await expect(clientOf(shop.url).order(10)).rejects.toMatchObject({ reason: 'unexpected_shape', path: 'order_id' })
  expect(await clientOf(shop.url).order(11)).toMatchObject({ order: { orderId: 11 }, raw: JSON.stringify(body) })
})

test('the shipments of an order come once each, although the shop repeats its last page for ever', async () => {
  const row = (id: number, order = 5) => ({ shipment_id: String(id), order_id: String(order), status: 'S' })
  const first = Array.from({ length: 100 }, (_, index) => row(index + 1))
  const last = [row(100), row(101)]
  for (const params of [{ total_items: '101' }, {}, { total_items: '500' }]) {
    const shop = await httpShop(json({ shipments: first, params }), json({ shipments: last, params }))
    const found = await clientOf(shop.url).shipmentsOf(5)
    expect(found.map(({ shipmentId }) => shipmentId)).toEqual(Array.from({ length: 101 }, (_, index) => index + 1))
    expect(shop.received.length).toBeLessThanOrEqual(3)
  }
  const strangers = await httpShop(json({ shipments: [row(1), row(2, 6)] }))
  await expect(clientOf(strangers.url).shipmentsOf(5)).rejects.toMatchObject({ path: 'shipments.1.order_id' })
  const none = await httpShop(json({ shipments: [], params: [] }))
  expect(await clientOf(none.url).shipmentsOf(5)).toEqual([])
})

test.each([1, 2, 3])('at most %i requests are under way at once, and all are served in their turn', async (width) => {
  let running = 0
  let most = 0
  const shop = await httpShop(async (response, request) => {
    running += 1
    most = Math.max(most, running)
    await wait(15)
    running -= 1
    json({ Version: request.url })(response)
  })
  const client = clientOf(shop.url, {}, { requestsAtOnce: width })
  await Promise.all(Array.from({ length: 9 }, () => client.apiVersion()))
  expect(shop.received).toHaveLength(9)
  expect(most).toBe(width)
})

test('a request that waits for its turn can be taken back, and gives its place to the next', async () => {
  const shop = await httpShop(async (response) => {
    await wait(40)
    json({ Version: '2.0' })(response)
  })
  const client = clientOf(shop.url, {}, { requestsAtOnce: 1 })
  const stop = new AbortController()
  const first = client.apiVersion()
  const second = client.apiVersion(stop.signal)
  const third = client.apiVersion()
  stop.abort(new Error('中止'))
  await expect(second).rejects.toThrow('中止')
  expect(await Promise.all([first, third])).toEqual(['2.0', '2.0'])
  expect(shop.received).toHaveLength(2)
  await expect(client.apiVersion(stop.signal)).rejects.toThrow('中止')
})

test('the shop clock is read off its answers', async () => {
  const shop = await httpShop(json({ Version: '2.0' }, 200, { Date: 'Tue, 24 Nov 2026 00:10:00 GMT' }))
  const client = clientOf(shop.url, { now: () => new Date('2026-11-24T00:00:00Z') })
  expect(client.shopClock()).toBeUndefined()
  await client.recorded([]).apiVersion()
  expect(client.shopClock()).toEqual({ offsetMs: 600_000 })
})

test('a closed client lets its requests finish and takes no more', async () => {
  const shop = await httpShop(async (response) => {
    await wait(40)
    json({ Version: '2.0' })(response)
  })
  const client = clientOf(shop.url)
  const running = client.apiVersion()
  await wait(15)
  const closed = client.close()
  expect(await running).toBe('2.0')
  await closed
  await expect(client.createShipment(shipment)).rejects.toMatchObject({ mayHaveBeenApplied: false })
})
