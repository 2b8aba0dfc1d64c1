/** One postal address of an order. In the Japanese edition `firstname` is the family name (cs-cart-api.md 6). */
export type CsCartAddress = {
  firstname: string
  lastname: string
  postalCode: string
  country: string
  state: string
  city: string
  address1: string
  address2: string
  phone: string
}

export type CsCartLine = {
  itemId: string
  productId: string
  productCode: string
  name: string
  options: { name: string; value: string }[]
  amount: number
  unitPriceCents: number
  subtotalCents: number
  groupKey: number
  downloadable: boolean
  shippedAmount: number
  remainingAmount: number
}

export type ShippingGroup = {
  groupKey: number
  /** undefined where CS-Cart names none: no shipment can be registered then. */
  shippingId: number | undefined
  name: string
  carrierModule: string | undefined
  /** お届け日 as CS-Cart's text; '' where the customer chose none. */
  deliveryDate: string
  /** お届け時間帯, likewise. */
  deliverySlot: string
}

export type CsCartTax = { name: string; rate: string; included: boolean; cents: number }
