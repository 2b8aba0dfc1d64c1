import { ok } from './answers.ts'
import { CHILLED, METHODS } from './generate/catalogue.ts'
import { listPage } from './list-page.ts'
import { phpInt } from './quirks.ts'
import type { Answer, ApiCall, Shop } from './shop.ts'

/** GET /shippings: the methods, not the carriers. */
export function listShippings(shop: Shop, call: ApiCall): Answer {
  const all = [...METHODS, ...CHILLED].map((method) => ({
    shipping_id: String(method.shippingId),
    shipping: method.shipping,
    delivery_time: '',
    status: 'A',
    rate_calculation: 'R',
    service_id: String(method.serviceId),
    company_id: '1',
  }))
  const asked = call.query.items_per_page
  const size = asked === undefined ? shop.settings.itemsPerPage : phpInt(asked)
  const { rows, page } = listPage(all, phpInt(call.query.page ?? 1), size, 'clamp')
  return ok({ shippings: rows, params: { ...call.query, page, items_per_page: size, total_items: String(all.length) } })
}
