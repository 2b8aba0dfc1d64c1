/** What the pretend shop keeps and what its helpers take. Money is in yen, times are Unix seconds. */

/** Which CS-Cart this is: Japanese 4.10.4, Japanese 4.13.2, the code of 2023 (≥ 4.16) and 4.20.1. */
export type Profile = 'jp410' | 'jp413' | 'v416' | 'v420'

export type Address = {
  firstname: string
  lastname: string
  zipcode: string
  state: string
  city: string
  address: string
  address2: string
  phone: string
  country: string
}

/** 姓フリガナ and 名フリガナ. */
export type Kana = { firstname: string; lastname: string }

export type LineOption = {
  optionId: number
  /** S select, R radio, C checkbox, I input, T text area. */
  type: 'S' | 'R' | 'C' | 'I' | 'T'
  name: string
  /** The chosen variant's id (S, R, C) or the text that the customer typed (I, T). */
  value: string
  /** What the customer saw: the variant's name; for I and T the text. */
  label: string
  /** Added to the unit price. */
  modifier: number
}

export type Line = {
  itemId: string
  productId: number
  productCode: string
  product: string
  /** Unit price with option surcharges, after the line's discount. */
  price: number
  basePrice: number
  amount: number
  discount: number
  taxRate: 8 | 10
  options: LineOption[]
  downloadable: boolean
  /** Which shipping group the line travels in; 0 is left out of the body, as CS-Cart does. */
  groupKey: number
  /** The product was removed from the catalogue since. */
  deleted: boolean
}

export type ShippingGroup = {
  shippingId: number
  shipping: string
  module: string | null
  serviceId: number
  serviceCode: string
  rate: number
  groupKey: number
  groupName: string
  /** お届け日 as text, or null when the customer chose neither. */
  deliveryDate: string | null
  /** お届け時間帯. */
  deliveryTiming: string | null
}

export type PaymentName = 'card' | 'bank' | 'cod' | 'konbini'

export type ShopOrder = {
  id: number
  status: string
  /** Placed at. */
  timestamp: number
  updatedAt: number
  companyId: number
  storefrontId: number
  userId: number
  profileId: number
  isParent: boolean
  parentOrderId: number
  firstname: string
  lastname: string
  company: string
  email: string
  phone: string
  ipAddress: string
  langCode: string
  billing: Address
  shipping: Address
  kana: { contact: Kana; billing: Kana; shipping: Kana }
  /** Further profile fields by id, beside the kana. */
  fields: Record<string, string>
  notes: string | null
  details: string | null
  payment: PaymentName
  paymentInfo: Record<string, string>
  lines: Line[]
  groups: ShippingGroup[]
  /** `list` as usual; `object` as on orders migrated from old versions; `absent` when there is no shipping data. */
  shippingShape: 'list' | 'object' | 'absent'
  surcharge: number
  subtotalDiscount: number
  coupon: string | null
  pointsUsed: number
  /** What the customer pays. Follows from the rest unless it was given. */
  total: number
  /** Laid over the detail body as it stands; `undefined` takes a key away. For strange data. */
  raw: Record<string, unknown>
  /** The same for the row in the list. */
  rawRow: Record<string, unknown>
}

export type LineDraft = { [K in keyof Line]?: Line[K] | undefined }
export type GroupDraft = { [K in keyof ShippingGroup]?: ShippingGroup[K] | undefined }

type Plain = Omit<ShopOrder, 'timestamp' | 'updatedAt' | 'billing' | 'shipping' | 'kana' | 'lines' | 'groups'>

/** Any part of an order; what is left out is made up from the shop's seed. */
export type OrderDraft = { [K in keyof Plain]?: Plain[K] | undefined } & {
  timestamp?: number | Date | undefined
  updatedAt?: number | Date | undefined
  billing?: Partial<Address> | undefined
  shipping?: Partial<Address> | undefined
  kana?: Partial<ShopOrder['kana']> | undefined
  lines?: LineDraft[] | undefined
  groups?: GroupDraft[] | undefined
}

export type Shipment = {
  id: number
  orderId: number
  timestamp: number
  shippingId: number
  trackingNumber: string
  carrier: string
  status: string
  comments: string
  /** Item id to amount. */
  products: Record<string, number>
}

/** A shipment made by staff in the shop's own admin. Without `products` it takes all that remains. */
export type ShipmentDraft = { orderId: number } & {
  [K in Exclude<keyof Shipment, 'orderId'>]?: Shipment[K] | undefined
}

export type User = {
  email: string
  apiKey: string
  /** A disabled user (anything but `A`) gets 401. */
  status: string
  /** `all` is an administrator without a user group. */
  privileges: 'all' | readonly string[]
}

export type Status = {
  statusId: number
  letter: string
  type: 'O' | 'S'
  ja: string
  en: string
  /** D takes stock, I gives it back. */
  inventory: 'D' | 'I' | null
}

/** Whether the store's own notification settings let mails to the customer out. */
export type Notifications = {
  shipment: boolean
  orderStatus: boolean
}

export type Settings = {
  /** The admin's rows per page: used when the request names none. */
  itemsPerPage: number
  /** Off: `/api/…` falls through to the storefront and only `/api.php?_d=…` answers. */
  rewriting: boolean
  /** 一時クローズ: storefront pages give 503, the API goes on. */
  closed: boolean
  /** The access_restrictions add-on blocks the caller. */
  ipBlocked: boolean
  /** `api_https_only`: plain HTTP gets 403. */
  httpsOnly: boolean
  /** PHP shows notices: POST /shipments without carrier or number puts one before its JSON. */
  displayErrors: boolean
  /** An add-on gives each new shipment this status, whatever was posted; null as usual. */
  newShipmentStatus: string | null
  notifications: Notifications
}

/** The names by which requests are counted, recorded and failed. */
export type RouteName =
  | 'orders.list'
  | 'orders.get'
  | 'orders.put'
  | 'shipments.list'
  | 'shipments.get'
  | 'shipments.post'
  | 'shipments.put'
  | 'shipments.delete'
  | 'statuses.list'
  | 'statuses.get'
  | 'shippings.list'
  | 'version'
  | 'other'
  | 'storefront'
