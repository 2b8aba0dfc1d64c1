import { describe, expect, it } from 'vitest'
import { parseOrder } from '../../src/cscart/payloads.ts'
import { importedOrder, type MappingSettings, proposedCarrier } from '../../src/import/from-cscart.ts'
import { previewRows } from '../../src/import/preview-rows.ts'
import { type Body, example } from '../cscart/example-order.ts'

const SETTINGS: MappingSettings & { id: number } = {
  id: 1,
  nameOrder: 'family_first',
  kanaFields: { contact: ['36', '37'], billing: ['38', '40'], shipping: ['39', '41'] },
  carrierCodes: { yamato: 'yamato', sagawa: 'sagawa' },
}

const mapped = (changes: Body = {}, settings: Partial<MappingSettings> = {}) =>
  importedOrder(parseOrder(example(changes)), { ...SETTINGS, ...settings }, '{}')

const carrierOf = (changes: Body, settings: Partial<MappingSettings> = {}) =>
  proposedCarrier(parseOrder(example(changes)), { ...SETTINGS, ...settings })

describe('an order of the Japanese edition', () => {
  it('is stored with everything that CS-Cart says of it', () => {
    expect(mapped()).toMatchObject({
      shopId: 1,
      csCartOrderId: 10234,
      csCartStatus: 'P',
      orderedAt: 1_795_137_300_000,
      csCartUpdatedAt: 1_795_165_361_000,
      buyerName: '佐藤 花子',
      email: 'hanako.sato@example.jp',
      phone: '011-000-5678',
      billing: {
        name: '佐藤 花子',
        kana: 'サトウ ハナコ',
        prefecture: '東京都',
        city: '中央区',
        phone: '03-0000-1234',
      },
      shipping: {
        name: '佐藤 健',
        kana: 'サトウ ケン',
        postalCode: '0600001',
        country: 'JP',
        prefecture: '北海道',
        city: '札幌市中央区',
        address1: '北一条西1丁目2-3',
        address2: '',
        phone: '011-000-5678',
      },
      paymentMethod: '代金引換',
      shippingMethod: '宅急便',
      deliveryDate: '2026年11月28日(土)',
      deliverySlot: '14時～16時',
      totalCents: 930_200,
      shippingCents: 88_000,
      surchargeCents: 33_000,
    })
    expect(mapped().lines.map((line) => [line.name, line.amount, line.subtotalCents])).toEqual([
      ['有田焼 湯のみ', 1, 550_000],
      ['静岡深蒸し茶 100g', 2, 259_200],
    ])
  })

  it('takes kana of the billing address where the contact has none', () => {
    expect(mapped().buyerKana).toBe('サトウ ハナコ')
    expect(mapped({ fields: { 36: 'スズキ', 37: 'イチロウ' } }).buyerKana).toBe('スズキ イチロウ')
    expect(mapped({ fields: [] })).toMatchObject({ buyerKana: '', shipping: { kana: '' } })
  })

  it('takes the phone of the receiver, then of the payer, then of the contact', () => {
    expect(mapped({ s_phone: '' })).toMatchObject({ phone: '03-0000-1234', shipping: { phone: '03-0000-1234' } })
    expect(mapped({ s_phone: '', b_phone: '', phone: '090-0000-0000' }).phone).toBe('090-0000-0000')
    expect(mapped({ s_phone: '', b_phone: '' }).phone).toBe('')
  })

  it('names people family name first whichever of the two the shop calls firstname', () => {
    const names = { firstname: '花子', lastname: '佐藤' }
    expect(mapped(names, { nameOrder: 'given_first' }).buyerName).toBe('佐藤 花子')
    expect(mapped({ firstname: '', lastname: '' }).buyerName).toBe('佐藤 花子')
    expect(mapped({ s_firstname: '', s_lastname: '' }).shipping.name).toBe('佐藤 花子')
  })

  it('keeps every character of a text, markup and entities too', () => {
    const notes = '<script>alert("&amp;")</script>\r\n𠮷野家 🍵'
    expect(mapped({ notes }).customerNotes).toBe(notes)
  })

  it('names what several shipping groups say once each', () => {
    const group = { shipping_id: '12', shipping: '宅急便', module: 'yamato', group_key: 0, delivery_date: '明日' }
    const order = mapped({
      shipping: [group, { ...group, group_key: 1 }, { ...group, shipping: 'クール宅急便', group_key: 2 }],
    })
    expect(order).toMatchObject({ shippingMethod: '宅急便 / クール宅急便', deliveryDate: '明日' })
  })
})

describe('the proposed carrier', () => {
  const shipping = (module: string | null) => ({
    shipping: [{ shipping_id: '12', shipping: '便', module, group_key: 0 }],
  })

  it('is that of the first shipping method which names one', () => {
    expect(carrierOf({})).toBe('yamato')
    expect(carrierOf(shipping('jpems'))).toBe('jpost')
    expect(carrierOf(shipping(null))).toBeUndefined()
    expect(carrierOf(shipping('dhl'))).toBeUndefined()
  })

  it("follows the shop's own codes before the usual ones", () => {
    expect(carrierOf(shipping('kuroneko'), { carrierCodes: { yamato: 'kuroneko' } })).toBe('yamato')
    expect(carrierOf(shipping('yamato'), { carrierCodes: { other: 'yamato' } })).toBe('other')
  })
})

it('the preview shows an order as label and text', () => {
  const rows = previewRows(parseOrder(example()), SETTINGS, {
    timeZone: 'Asia/Tokyo',
    statusName: (letter) => `<${letter}>`,
    carrierName: (id) => (id === 'yamato' ? 'ヤマト運輸' : undefined),
    yen: (cents) => `${cents / 100}円`,
  })
  expect(Object.fromEntries(rows.map(({ label, value }) => [label, value]))).toMatchObject({
    注文番号: '10234',
    購入者: '佐藤 花子',
    フリガナ: 'サトウ ハナコ / サトウ ケン',
    住所: '北海道札幌市中央区北一条西1丁目2-3',
    お届け日: '2026年11月28日(土) 14時～16時',
    配送業者: 'ヤマト運輸',
    合計: '9302円',
  })
})
