import type { Profile } from '../../src/demo/shop/index.ts'
import { EXAMPLE_NOW, order10234, order10235 } from './example-order.ts'
import type { shopsOfTest } from './shops.ts'

/** The shop of the API reference's examples: two orders, one of them shipped in part with shipment 36. */
export async function exampleShop(start: ReturnType<typeof shopsOfTest>, profile: Profile) {
  const { shop, client } = await start({ profile, now: () => EXAMPLE_NOW })
  shop.addOrder(order10234)
  shop.addOrder(order10235)
  shop.addShipment({ id: 36, orderId: 10_234, products: { '3456278195': 1 } })
  return { shop, client }
}

/** The rest of order 10234 in one parcel. */
export const exampleParcel = {
  order_id: 10_234,
  shipping_id: 12,
  carrier: 'yamato',
  tracking_number: '123456789012',
  status: 'S',
  products: { '3456278195': 1, '2910042315': 1 },
  comments: '',
}
