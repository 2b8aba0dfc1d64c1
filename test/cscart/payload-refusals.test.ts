import { expect, test } from 'vitest'
import { parseOrder } from '../../src/cscart/payloads.ts'
import { type Body, example, fault, withLine } from './example-order.ts'

test.each([
  '',
  ' ',
  'abc',
  '1,234.00',
  '12.5.0',
  '1e3',
  'NaN',
  'Infinity',
  '0x10',
  '¥500',
  '５００',
  '.5',
  '5.',
  '+5',
  '99999999999999999999',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e21,
  Number.MAX_SAFE_INTEGER,
  null,
  undefined,
  true,
  false,
  [],
  {},
])('the amount %j is refused by its name', (total) => {
  expect(fault({ ...example(), total })).toMatchObject({ reason: 'unexpected_shape', path: 'total' })
})

test.each<[Body, string]>([
  [{ order_id: undefined }, 'order_id'],
  [{ order_id: '0' }, 'order_id'],
  [{ order_id: '10234 ' }, 'order_id'],
  [{ order_id: '12345678901234567890' }, 'order_id'],
  [{ order_id: 12_345_678_901_234_567_000 }, 'order_id'],
  [{ order_id: ['10234'] }, 'order_id'],
  [{ status: '' }, 'status'],
  [{ status: 'Paid' }, 'status'],
  [{ status: null }, 'status'],
  [{ status: '支' }, 'status'],
  [{ timestamp: '0' }, 'timestamp'],
  [{ timestamp: '2026-11-20' }, 'timestamp'],
  [{ timestamp: '-5' }, 'timestamp'],
  [{ timestamp: '999999999999999' }, 'timestamp'],
  [{ updated_at: 'yesterday' }, 'updated_at'],
  [{ products: null }, 'products'],
  [{ products: undefined }, 'products'],
  [{ products: 'none' }, 'products'],
  [{ products: { 3456278195: null } }, 'products.3456278195'],
  [{ products: { abc: {} } }, 'products.abc.item_id'],
  [{ products: [{ amount: '1', price: '1.00' }] }, 'products.0.item_id'],
  [{ fields: 'x' }, 'fields'],
  [{ fields: ['x'] }, 'fields'],
  [{ shipping: 'none' }, 'shipping'],
  [{ shipping: ['x'] }, 'shipping.0'],
  [{ shipping: [{ shipping_id: 'x' }] }, 'shipping.0.shipping_id'],
  [{ shipping: [{ shipping_id: '1', group_key: -1 }] }, 'shipping.0.group_key'],
  [{ shipping: [{ shipping_id: '1', delivery_date: {} }] }, 'shipping.0.delivery_date'],
  [{ taxes: { 7: 1 } }, 'taxes.7'],
  [{ taxes: { 7: { tax_subtotal: 'x' } } }, 'taxes.7.tax_subtotal'],
  [{ shipment_ids: ['x'] }, 'shipment_ids.0'],
  [{ shipment_ids: '36,x' }, 'shipment_ids.1'],
  [{ firstname: {} }, 'firstname'],
  [{ s_zipcode: ['1'] }, 's_zipcode'],
  [{ payment_method: { payment: {} } }, 'payment_method.payment'],
])('%j is refused by its path', (changes, path) => {
  expect(fault(example(changes))).toMatchObject({ reason: 'unexpected_shape', path })
})

test.each<[Body, string]>([
  [{ amount: undefined }, 'amount'],
  [{ amount: '-1' }, 'amount'],
  [{ amount: '1.5' }, 'amount'],
  [{ amount: 1.5 }, 'amount'],
  [{ amount: null }, 'amount'],
  [{ price: undefined }, 'price'],
  [{ price: 'free' }, 'price'],
  [{ subtotal: {} }, 'subtotal'],
  [{ item_id: '1' }, 'item_id'],
  [{ item_id: {} }, 'item_id'],
  [{ shipped_amount: '-1' }, 'shipped_amount'],
  [{ shipped_amount: 'x' }, 'shipped_amount'],
  [{ extra: 'x' }, 'extra'],
  [{ extra: { group_key: 'x' } }, 'extra.group_key'],
  [{ extra: { product_options_value: 'x' } }, 'extra.product_options_value'],
  [{ extra: { product_options_value: ['x'] } }, 'extra.product_options_value.0'],
])('the line with %j is refused by its path', (changes, path) => {
  const refused = fault(withLine(changes))
  expect(refused).toMatchObject({ reason: 'unexpected_shape', path: `products.3456278195.${path}` })
})

test.each([null, undefined, 5, 'order', true, [], [example()]])('%j is no order', (raw) => {
  expect(fault(raw)).toMatchObject({ reason: 'unexpected_shape', path: expect.any(String) })
})

test.each<[Body, string]>([
  [{ firstname: '佐\ud842' }, 'firstname'],
  [{ notes: '\udfb7' }, 'notes'],
  [{ s_city: '札幌\ufffd' }, 's_city'],
  [{ fields: { 38: 'サト\ufffd' } }, 'fields.38'],
])('half a character or a lost one in %j is named', (changes, path) => {
  expect(fault({ ...example(), ...changes })).toMatchObject({ reason: 'invalid_text', path })
})

test('keys of the prototype do no harm', () => {
  const body = JSON.stringify(example())
  const hostile = `{"__proto__":{"status":"X","isAdmin":true},"constructor":{"prototype":{}},${body.slice(1)}`
  const order = parseOrder(JSON.parse(hostile.replace('"fields":{', '"fields":{"__proto__":"x","constructor":"y",')))
  expect(order.status).toBe('P')
  expect(Object.keys(order.fields)).toEqual(['36', '37', '38', '39', '40', '41'])
  expect(Object.getPrototypeOf(order.fields)).toBe(Object.prototype)
  expect('isAdmin' in {}).toBe(false)
  const noStatus = `{"__proto__":{"status":"X"},"order_id":"1","timestamp":"5","total":"1.00","products":[]}`
  expect(fault(JSON.parse(noStatus))).toMatchObject({ path: 'status' })
})
