import type { LineOption, PaymentName, ShippingGroup } from '../types.ts'

export type Product = {
  productId: number
  code: string
  name: string
  price: number
  taxRate: 8 | 10
  options: readonly (readonly [LineOption, ...LineOption[]])[]
  downloadable?: boolean
  chilled?: boolean
}

function variants(
  optionId: number,
  type: LineOption['type'],
  name: string,
  rows: readonly [readonly [number, string, number], ...(readonly [number, string, number])[]],
): readonly [LineOption, ...LineOption[]] {
  const option = ([id, label, modifier]: readonly [number, string, number]): LineOption => ({
    optionId,
    type,
    name,
    value: String(id),
    label,
    modifier,
  })
  const [first, ...others] = rows
  return [option(first), ...others.map(option)]
}

const wrapping = variants(12, 'S', '包装', [
  [43, 'なし', 0],
  [44, 'ギフト包装', 0],
  [45, 'のし付き', 110],
])
const colour = variants(20, 'R', '色', [
  [51, '藍', 0],
  [52, '朱', 0],
  [53, '白磁', 0],
])
const size = variants(21, 'S', 'サイズ', [
  [56, '小', 0],
  [57, '大', 500],
])
const engraving: readonly [LineOption, ...LineOption[]] = [
  { optionId: 22, type: 'I', name: '名入れ', value: '花子', label: '花子', modifier: 0 },
  { optionId: 22, type: 'I', name: '名入れ', value: '祝・還暦', label: '祝・還暦', modifier: 0 },
]
const card = variants(23, 'C', 'メッセージカード', [[61, 'はい', 0]])

/** A small shop of tea, sweets and pottery. */
export const PRODUCTS: readonly [Product, ...Product[]] = [
  { productId: 1201, code: 'TEA-100', name: '静岡深蒸し茶 100g', price: 1296, taxRate: 8, options: [wrapping] },
  { productId: 1202, code: 'TEA-UJI50', name: '宇治抹茶 50g缶', price: 2160, taxRate: 8, options: [wrapping] },
  { productId: 1203, code: 'TEA-HOJI', name: '加賀棒ほうじ茶 80g', price: 864, taxRate: 8, options: [] },
  { productId: 1204, code: 'TEA-SET3', name: '銘茶 3種詰め合わせ', price: 3780, taxRate: 8, options: [wrapping, card] },
  { productId: 1210, code: 'SWT-YOKAN', name: '本煉羊羹（小倉）', price: 1620, taxRate: 8, options: [wrapping] },
  { productId: 1211, code: 'SWT-SENBEI', name: '手焼きせんべい 12枚', price: 1080, taxRate: 8, options: [] },
  {
    productId: 1212,
    code: 'SWT-WARABI',
    name: '生わらび餅（要冷蔵）',
    price: 1404,
    taxRate: 8,
    options: [],
    chilled: true,
  },
  {
    productId: 1213,
    code: 'SWT-CAKE',
    name: '抹茶チーズケーキ（要冷蔵）',
    price: 3240,
    taxRate: 8,
    options: [card],
    chilled: true,
  },
  { productId: 1301, code: 'POT-KYUSU', name: '常滑焼 急須', price: 6600, taxRate: 10, options: [colour] },
  { productId: 1305, code: '', name: '有田焼 湯のみ', price: 5000, taxRate: 10, options: [colour, size, engraving] },
  { productId: 1306, code: 'POT-MESHI', name: '波佐見焼 飯碗', price: 1980, taxRate: 10, options: [colour] },
  { productId: 1307, code: 'POT-HASHI', name: '箸置き 5個組', price: 1320, taxRate: 10, options: [] },
  {
    productId: 1308,
    code: 'POT-MUG',
    name: '益子焼 マグカップ',
    price: 2750,
    taxRate: 10,
    options: [colour, engraving],
  },
  { productId: 1401, code: 'CLO-FUROSHIKI', name: '風呂敷 <紬> 68cm', price: 2200, taxRate: 10, options: [colour] },
  { productId: 1402, code: 'CLO-TENUGUI', name: '手ぬぐい「波&千鳥」', price: 990, taxRate: 10, options: [] },
  {
    productId: 1501,
    code: 'DL-RECIPE',
    name: 'お茶のレシピ集（PDF）',
    price: 550,
    taxRate: 10,
    options: [],
    downloadable: true,
  },
]

type Method = Omit<ShippingGroup, 'groupKey' | 'groupName' | 'deliveryDate' | 'deliveryTiming'>

const method = (
  shippingId: number,
  shipping: string,
  module: string | null,
  serviceId: number,
  serviceCode: string,
  rate: number,
): Method => ({ shippingId, shipping, module, serviceId, serviceCode, rate })

/** Preset shipping methods of the Japanese edition. */
export const METHODS: readonly [Method, ...Method[]] = [
  method(12, '宅急便', 'yamato', 9002, 'STANDARD', 880),
  method(10, '飛脚宅配便', 'sagawa', 9000, 'STANDARD', 820),
  method(14, 'ゆうパック', 'jpost', 9004, 'STANDARD', 870),
]

/** For what must stay cold. */
export const CHILLED: readonly [Method, ...Method[]] = [
  method(13, 'クール宅急便', 'yamato', 9003, 'COOL', 1210),
  method(11, '飛脚クール便', 'sagawa', 9001, 'COOL', 1150),
  method(15, 'チルドゆうパック', 'jpost', 9005, 'COOL', 1180),
]

export const TIMINGS: readonly [string, ...string[]] = [
  '午前中',
  '12時～14時',
  '14時～16時',
  '16時～18時',
  '18時～20時',
  '19時～21時',
  '指定なし',
]

export type Payment = { paymentId: number; name: string; surcharge: number; category: string; instructions: string }

export const PAYMENTS: Readonly<Record<PaymentName, Payment>> = {
  card: { paymentId: 1, name: 'クレジットカード', surcharge: 0, category: 'tab1', instructions: '' },
  bank: {
    paymentId: 2,
    name: '銀行振込',
    surcharge: 0,
    category: 'tab2',
    instructions: '<p>7日以内に<strong>お振込み</strong>ください</p>',
  },
  cod: {
    paymentId: 6,
    name: '代金引換',
    surcharge: 330,
    category: 'tab3',
    instructions: '<p>商品お届け時にお支払いください</p>',
  },
  konbini: { paymentId: 8, name: 'コンビニ決済', surcharge: 220, category: 'tab2', instructions: '' },
}

export const NOTES: readonly [string, ...string[]] = [
  '不在時は宅配ボックスへ。\r\n"のし"は<不要>ではなく必要です & よろしくお願いします',
  '領収書の同封をお願いします。',
  '贈り物のため、金額のわかるものは入れないでください。',
  '午前中は留守にしています。\n夕方以降にお願いします。',
]
