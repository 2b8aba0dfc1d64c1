import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  parseCreatedShipment,
  parseOrdersPage,
  parseShipment,
  parseShipments,
  parseStatuses,
} from '../../src/cscart/lists.ts'
import { DEFAULT_STATUSES, isCancelled, isFinal, statusName } from '../../src/cscart/statuses.ts'

const example = (name: string) => JSON.parse(readFileSync(new URL(`examples/${name}.json`, import.meta.url), 'utf8'))
const asked = { page: 7, itemsPerPage: 50 }

test('a page of orders arrives with its paging', () => {
  expect(parseOrdersPage(example('orders'), asked)).toEqual({
    rows: [
      {
        orderId: 10234,
        status: 'P',
        orderedAt: 1_795_137_300_000,
        totalCents: 930_200,
        firstname: '佐藤',
        lastname: '花子',
        email: 'hanako.sato@example.jp',
        phone: '',
        knowsStorefront: false,
      },
      {
        orderId: 10235,
        status: 'P',
        orderedAt: 1_795_221_005_000,
        totalCents: 1_200_000,
        firstname: '髙橋',
        lastname: '一郎',
        email: 'ichiro@example.jp',
        phone: '03-0000-0000',
        knowsStorefront: false,
      },
    ],
    count: 2,
    page: 1,
    itemsPerPage: 2,
    totalItems: 2,
    faults: [],
  })
  expect(parseOrdersPage(example('no-orders'), asked)).toMatchObject({ rows: [], itemsPerPage: 50, totalItems: 0 })
})

test('a shop that says nothing of its paging is believed to have done as asked', () => {
  expect(parseOrdersPage({ orders: [], params: [] }, asked)).toMatchObject({
    page: 7,
    itemsPerPage: 50,
    totalItems: undefined,
  })
  expect(parseOrdersPage({ orders: [] }, asked)).toMatchObject({ page: 7 })
})

test('a row with a storefront marks the newest versions, whatever stands in it', () => {
  const [first] = example('orders').orders
  for (const storefront_id of ['1', '0', null]) {
    expect(parseOrdersPage({ orders: [{ ...first, storefront_id }] }, asked).rows).toMatchObject([
      { orderId: 10234, knowsStorefront: true },
    ])
  }
})

test('a row that cannot be read is one fault and the others arrive', () => {
  const { orders } = example('orders')
  const [first, second] = orders
  const page = parseOrdersPage(
    {
      orders: [first, { ...second, total: 'x' }, null, { ...second, order_id: 10236, email: '\ud842' }, second],
      params: {},
    },
    asked,
  )
  expect(page.rows.map(({ orderId }) => orderId)).toEqual([10234, 10235])
  expect(page.faults).toMatchObject([
    { index: 1, csCartOrderId: 10235, error: { reason: 'unexpected_shape', path: 'orders.1.total' } },
    { index: 2, error: { reason: 'unexpected_shape', path: 'orders.2' } },
    { index: 3, csCartOrderId: 10236, error: { reason: 'invalid_text', path: 'orders.3.email' } },
  ])
  expect(page.faults[1]).not.toHaveProperty('csCartOrderId')
})

test('the same row twice is one order; two accounts of one order are a fault', () => {
  const [first] = example('orders').orders
  expect(parseOrdersPage({ orders: [first, first] }, asked)).toMatchObject({ rows: [{ orderId: 10234 }], faults: [] })
  expect(parseOrdersPage({ orders: [first, { ...first, total: '1.00' }] }, asked)).toMatchObject({
    rows: [{ orderId: 10234, totalCents: 930_200 }],
    faults: [{ csCartOrderId: 10234, error: { path: 'orders.1.order_id' } }],
  })
})

test('a list with gaps arrives as an object', () => {
  const [first, second] = example('orders').orders
  expect(parseOrdersPage({ orders: { 0: first, 4: second } }, asked).rows).toHaveLength(2)
})

test.each([null, [], {}, { orders: null }, { orders: 'none' }, { orders: 5 }, { message: 'hello' }])(
  '%j is no page of orders',
  (raw) => {
    expect(() => parseOrdersPage(raw, asked)).toThrow(expect.objectContaining({ reason: 'unexpected_shape' }))
  },
)

test('a shipment arrives with its lines', () => {
  expect(parseShipment(example('shipment'))).toEqual({
    shipmentId: 37,
    orderId: 10234,
    status: 'S',
    trackingNumber: '123456789012',
    carrier: 'yamato',
    shippingId: 12,
    comments: '',
    lines: { 3456278195: 1, 2910042315: 1 },
    at: 1_795_500_000_000,
  })
  expect(parseCreatedShipment(example('shipment-created'))).toBe(37)
})

test('a shipment without lines, status or time is still one; one without its order is not', () => {
  const bare = { shipment_id: 5, order_id: 10234 }
  expect(parseShipment(bare)).toMatchObject({ lines: {}, status: '', at: 0, shippingId: 0 })
  expect(parseShipment({ ...bare, products: [] }).lines).toEqual({})
  expect(() => parseShipment({ shipment_id: 5 })).toThrow(expect.objectContaining({ path: 'order_id' }))
  expect(() => parseShipment({ ...bare, products: { x: 1 } })).toThrow(expect.objectContaining({ path: 'products.x' }))
  expect(() => parseShipments({ shipments: [{ ...bare, products: { 1: '-1' } }] })).toThrow(
    expect.objectContaining({ path: 'shipments.0.products.1' }),
  )
})

test('statuses arrive by letter and name', () => {
  expect(parseStatuses(example('shipment-statuses'))).toEqual([
    { letter: 'P', name: '受取済み' },
    { letter: 'A', name: '梱包済み' },
    { letter: 'S', name: '配送済み' },
  ])
  expect(() => parseStatuses({ statuses: [{ status: '' }] })).toThrow(
    expect.objectContaining({ path: 'statuses.0.status' }),
  )
})

test('a status is called what the shop calls it, else what the Japanese edition does, else by its letter', () => {
  expect(statusName('P', [{ letter: 'P', name: '入金済' }])).toBe('入金済')
  expect(statusName('P')).toBe('支払い確認済み')
  expect(statusName('Z')).toBe('Z')
  expect(Object.keys(DEFAULT_STATUSES).filter(isCancelled).sort()).toEqual(['D', 'F', 'I'])
  expect(Object.keys(DEFAULT_STATUSES).filter(isFinal).sort()).toEqual(['C', 'D', 'F', 'I'])
})
