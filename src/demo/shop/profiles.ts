import type { Profile } from './types.ts'

/** How one version differs from the others: the version matrix, one switch a row. */
export type Rules = {
  profile: Profile
  /** The column, its filters and its key in the detail. */
  updatedAt: boolean
  /** `get_orders_data` turns rows into details. */
  ordersData: boolean
  /** Asking past the last page of orders: the last page again, or nothing. */
  ordersPastEnd: 'clamp' | 'empty'
  /** Error bodies carry `messages` and `errors`. */
  errorLists: boolean
  /** PUT /shipments refuses every existing shipment, or takes four fields. */
  putShipment: 'never' | 'four-fields'
  shipmentMail: 'never' | 'always' | 'asked'
  /** POST /shipments without number and carrier says why. */
  carrierOrNumberText: boolean
  /** Changing a status mails only where the store's settings agree. */
  settingsRuleMails: boolean
  listStorefrontId: boolean
  methodOverride: boolean
  /** `items_per_page` comes back as text. */
  itemsPerPageAsText: boolean
  /** The international edition ships English status names whatever the language. */
  statusNames: 'ja' | 'en'
  multiVendor: boolean
  /** a/b/c with the request language ja. */
  textDate: 'ymd' | 'mdy'
  /** 姓フリガナ, 名フリガナ. */
  kanaFields: Record<'contact' | 'billing' | 'shipping', readonly [number, number]>
}

const kana413 = { contact: [36, 37], billing: [38, 40], shipping: [39, 41] } as const

const jp413: Rules = {
  profile: 'jp413',
  updatedAt: true,
  ordersData: true,
  ordersPastEnd: 'empty',
  errorLists: true,
  putShipment: 'never',
  shipmentMail: 'always',
  carrierOrNumberText: false,
  settingsRuleMails: true,
  listStorefrontId: false,
  methodOverride: false,
  itemsPerPageAsText: false,
  statusNames: 'ja',
  multiVendor: false,
  textDate: 'ymd',
  kanaFields: kana413,
}

const v416: Rules = {
  ...jp413,
  profile: 'v416',
  putShipment: 'four-fields',
  carrierOrNumberText: true,
  statusNames: 'en',
  multiVendor: true,
  textDate: 'mdy',
}

/** The rules of every profile. */
export const PROFILES: Readonly<Record<Profile, Rules>> = {
  jp410: {
    ...jp413,
    profile: 'jp410',
    updatedAt: false,
    ordersData: false,
    ordersPastEnd: 'clamp',
    errorLists: false,
    shipmentMail: 'never',
    settingsRuleMails: false,
    itemsPerPageAsText: true,
    multiVendor: true,
    kanaFields: { contact: [51, 52], billing: [53, 55], shipping: [54, 56] },
  },
  jp413,
  v416,
  v420: {
    ...v416,
    profile: 'v420',
    shipmentMail: 'asked',
    listStorefrontId: true,
    methodOverride: true,
    multiVendor: false,
  },
}
