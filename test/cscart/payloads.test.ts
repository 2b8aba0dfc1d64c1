import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseOrder } from '../../src/cscart/payloads.ts'
import { CsCartError } from '../../src/errors.ts'

type Body = Record<string, unknown>

/** The example order with some of its keys replaced; `undefined` takes a key away. */
function example(changes: Body = {}): Body {
  const body = JSON.parse(readFileSync(new URL('examples/order.json', import.meta.url), 'utf8'))
  return JSON.parse(JSON.stringify({ ...body, ...changes }))
}

/** The same with keys of the line 3456278195 replaced. */
function withLine(changes: Body): Body {
  const body = JSON.parse(readFileSync(new URL('examples/order.json', import.meta.url), 'utf8'))
  const line = { ...body.products['3456278195'], ...changes }
  return JSON.parse(JSON.stringify({ ...body, products: { ...body.products, 3456278195: line } }))
}

function fault(raw: unknown): CsCartError {
  try {
    parseOrder(raw)
  } catch (error) {
    if (error instanceof CsCartError) return error
    throw error
  }
  throw new Error('the order was accepted')
}

test('the example order arrives whole: texts, money, lines, options, groups, taxes', () => {
  const name = { firstname: '佐藤', lastname: '花子' }
  expect(parseOrder(example())).toEqual({
    orderId: 10234,
    status: 'P',
    orderedAt: 1_795_137_300_000,
    updatedAt: 1_795_165_361_000,
    knowsUpdatedAt: true,
    isParent: false,
    ...name,
    company: '',
    email: 'hanako.sato@example.jp',
    phone: '',
    billing: {
      ...name,
      postalCode: '104-0061',
      country: 'JP',
      state: '東京都',
      city: '中央区',
      address1: '銀座1-2-3',
      address2: 'サンプルビル 4F',
      phone: '03-0000-1234',
    },
    shippingAddress: {
      firstname: '佐藤',
      lastname: '健',
      postalCode: '0600001',
      country: 'JP',
      state: '北海道',
      city: '札幌市中央区',
      address1: '北一条西1丁目2-3',
      address2: '',
      phone: '011-000-5678',
    },
    fields: { 36: '', 37: '', 38: 'サトウ', 39: 'サトウ', 40: 'ハナコ', 41: 'ケン' },
    notes: '不在時は宅配ボックスへ。\r\n"のし"は<不要>ではなく必要です & よろしくお願いします',
    details: '',
    paymentMethod: '代金引換',
    totalCents: 930_200,
    subtotalCents: 809_200,
    shippingCents: 88_000,
    discountCents: 0,
    surchargeCents: 33_000,
    taxes: [
      { name: '消費税(10%)', rate: '10.000', included: true, cents: 50_000 },
      { name: '消費税(軽減8%)', rate: '8.000', included: true, cents: 19_200 },
    ],
    lines: [
      {
        itemId: '2910042315',
        productId: '1305',
        productCode: '',
        name: '有田焼 湯のみ',
        options: [
          { name: '色', value: '藍' },
          { name: 'サイズ', value: '大' },
          { name: '名入れ', value: '名入れ：花子' },
        ],
        amount: 1,
        unitPriceCents: 550_000,
        subtotalCents: 550_000,
        groupKey: 0,
        downloadable: false,
        shippedAmount: 0,
        remainingAmount: 1,
      },
      {
        itemId: '3456278195',
        productId: '1201',
        productCode: 'TEA-100',
        name: '静岡深蒸し茶 100g',
        options: [{ name: '包装', value: 'ギフト包装' }],
        amount: 2,
        unitPriceCents: 129_600,
        subtotalCents: 259_200,
        groupKey: 0,
        downloadable: false,
        shippedAmount: 1,
        remainingAmount: 1,
      },
    ],
    groups: [
      {
        groupKey: 0,
        shippingId: 12,
        name: '宅急便',
        carrierModule: 'yamato',
        deliveryDate: '2026年11月28日(土)',
        deliverySlot: '14時～16時',
      },
    ],
    shipmentIds: [36],
  })
})

test('native numbers, empty lists for empty maps and absent values are the same order', () => {
  const order = parseOrder(
    example({
      order_id: 10234,
      timestamp: 1_795_137_300,
      total: 9302,
      subtotal: '8092.00',
      shipping_cost: 880,
      discount: '0.00',
      payment_surcharge: '330.00',
      subtotal_discount: '500.00',
      fields: [],
      taxes: [],
      notes: null,
      details: null,
      phone: false,
      payment_method: [],
      shipment_ids: [],
      shipping: [],
      products: [],
      updated_at: '0',
    }),
  )
  expect(order).toMatchObject({
    orderId: 10234,
    totalCents: 930_200,
    subtotalCents: 809_200,
    shippingCents: 88_000,
    surchargeCents: 33_000,
    discountCents: 50_000,
    fields: {},
    taxes: [],
    notes: '',
    details: '',
    phone: '',
    paymentMethod: '',
    shipmentIds: [],
    groups: [],
    lines: [],
    updatedAt: undefined,
    knowsUpdatedAt: true,
  })
})

test('a shop that knows no updated_at leaves the key away', () => {
  expect(parseOrder(example({ updated_at: undefined }))).toMatchObject({ updatedAt: undefined, knowsUpdatedAt: false })
})

test.each<[unknown, number]>([
  ['9302.00', 930_200],
  ['9302', 930_200],
  [9302, 930_200],
  [88.36, 8836],
  ['2.549', 255],
  [2.549, 255],
  [1.005, 101],
  ['-0.005', -1],
  [0.10000000000000001, 10],
  ['0.10000000000000001', 10],
  [0.30000000000000004, 30],
  [1.15, 115],
  [1e-9, 0],
  [-1e-9, 0],
  [-0, 0],
  ['-0.00', 0],
  [-500, -50_000],
  ['0012.50', 1250],
  ['99999999999.99', 9_999_999_999_999],
])('the amount %j is %i cents', (total, cents) => {
  expect(parseOrder({ ...example(), total }).totalCents).toBe(cents)
})

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

test('a list of lines is as good as a map of them, unless one is there twice', () => {
  const products = Object.values(Object(example().products))
  expect(parseOrder(example({ products })).lines).toEqual(parseOrder(example()).lines)
  expect(fault(example({ products: [...products, products[0]] }))).toMatchObject({
    reason: 'unexpected_shape',
    path: expect.stringMatching(/^products\.\d+$/),
  })
})

test('lines are sorted by item id as numbers are', () => {
  const line = { price: '1.00', amount: '1' }
  const products = { 4294967295: line, 9: line, 10: line, 3: line }
  expect(parseOrder(example({ products })).lines.map(({ itemId }) => itemId)).toEqual(['3', '9', '10', '4294967295'])
})

test('what was shipped and what remains may be numbers or text, or follow from each other', () => {
  const amounts = (changes: Body) => {
    const line = parseOrder(withLine({ amount: '5', ...changes })).lines[1]
    return [line?.shippedAmount, line?.remainingAmount]
  }
  expect(amounts({ shipped_amount: 0, shipment_amount: '5' })).toEqual([0, 5])
  expect(amounts({ shipped_amount: '2', shipment_amount: 3 })).toEqual([2, 3])
  expect(amounts({ shipped_amount: undefined, shipment_amount: undefined })).toEqual([0, 5])
  expect(amounts({ shipped_amount: '2', shipment_amount: undefined })).toEqual([2, 3])
  expect(amounts({ shipped_amount: '7', shipment_amount: -2 })).toEqual([7, 0])
})

test('only a line that is downloaded and not sent as well is downloadable', () => {
  const downloadable = (extra: unknown) => parseOrder(withLine({ extra })).lines[1]?.downloadable
  expect(downloadable({ is_edp: 'Y' })).toBe(true)
  expect(downloadable({ is_edp: true, edp_shipping: 'N' })).toBe(true)
  expect(downloadable({ is_edp: 'Y', edp_shipping: 'Y' })).toBe(false)
  expect(downloadable({ is_edp: 'N' })).toBe(false)
  expect(downloadable([])).toBe(false)
  expect(downloadable(false)).toBe(false)
})

test('a line without a group travels in group 0, without a current name under its stored one', () => {
  const line = parseOrder(withLine({ product: '', extra: { product: '廃番の茶', group_key: '2' } })).lines[1]
  expect(line).toMatchObject({ name: '廃番の茶', groupKey: 2, options: [] })
  expect(parseOrder(withLine({ extra: {} })).lines[1]?.groupKey).toBe(0)
})

test('shipping as a list with a bare mark, as an object, keyed by shipping id, or absent', () => {
  const group = { shipping: '宅急便', module: null }
  const groups = (shipping: unknown) =>
    parseOrder(example({ shipping })).groups.map(({ groupKey, shippingId }) => [groupKey, shippingId])
  expect(groups([{ ...group, shipping_id: 12, group_key: 0 }, { need_shipment: true }])).toEqual([[0, 12]])
  expect(
    groups({ 0: { ...group, shipping_id: '12', group_key: 0 }, 2: { ...group, shipping_id: '14', group_key: '2' } }),
  ).toEqual([
    [0, 12],
    [2, 14],
  ])
  expect(
    groups([
      { ...group, shipping_id: '12' },
      { ...group, shipping_id: '0' },
    ]),
  ).toEqual([
    [0, 12],
    [1, undefined],
  ])
  expect(groups({ 12: { ...group, need_shipment: true } })).toEqual([[0, 12]])
  expect(groups(undefined)).toEqual([])
})

test('指定なし is no wish', () => {
  const shipping = [{ shipping_id: '12', delivery_date: '指定なし', delivery_timing: '午前中' }]
  expect(parseOrder(example({ shipping })).groups[0]).toMatchObject({ deliveryDate: '', deliverySlot: '午前中' })
})

test('entities and markup stay as they are stored; a NUL goes, other control characters stay', () => {
  const order = parseOrder(example({ notes: '&amp;quot;<b>のし</b>\0\u0007\t\u000b', firstname: '髙𠮷\u{e0100}' }))
  expect(order.notes).toBe('&amp;quot;<b>のし</b>\u0007\t\u000b')
  expect(order.firstname).toBe('髙𠮷\u{e0100}')
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

test('fields of add-ons that are no text are left out', () => {
  expect(
    parseOrder(example({ fields: { 38: 'サトウ', 39: { a: 1 }, 40: null, x: 'y', 41: 7, 42: true } })).fields,
  ).toEqual({
    38: 'サトウ',
    40: '',
    41: '7',
    42: 'Y',
  })
})

test('a parent order of a marketplace says so', () => {
  expect(parseOrder(example({ is_parent_order: 'Y' })).isParent).toBe(true)
})
