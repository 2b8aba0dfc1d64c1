import { expect, test } from 'vitest'
import { parseOrder } from '../../src/cscart/payloads.ts'
import { type Body, example, fault, withLine } from './example-order.ts'

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
