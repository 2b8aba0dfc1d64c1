import { phpMap } from './quirks.ts'
import type { Shop } from './shop.ts'
import type { Line, LineOption, ShopOrder } from './types.ts'

/**
 * The lines by item id. `shipped_amount` is the number 0 or a text, `shipment_amount` (what remains) a text or a number:
 * whichever the shop computed is the number.
 */
export function renderLines(shop: Shop, order: ShopOrder): unknown {
  const lines: Record<string, unknown> = {}
  for (const line of order.lines) lines[line.itemId] = renderLine(shop, order, line)
  return phpMap(lines)
}

function renderLine(shop: Shop, order: ShopOrder, line: Line): Record<string, unknown> {
  const shipped = shop.memory.shippedAmount(order.id, line.itemId)
  const sum = line.price * line.amount
  const modifiers = line.options.reduce((total, option) => total + option.modifier, 0)
  return {
    item_id: line.itemId,
    order_id: String(order.id),
    product_id: String(line.productId),
    product_code: line.productCode,
    price: line.price.toFixed(2),
    amount: String(line.amount),
    extra: renderExtra(order, line),
    product: line.product,
    product_status: line.deleted ? '' : 'A',
    deleted_product: line.deleted,
    discount: line.discount,
    company_id: String(order.companyId),
    base_price: line.basePrice,
    original_price: line.basePrice + modifiers,
    cart_id: line.itemId,
    tax_value: 0,
    subtotal: sum,
    display_subtotal: sum,
    shipped_amount: shipped === 0 ? 0 : String(shipped),
    shipment_amount: shipped === 0 ? String(line.amount) : line.amount - shipped,
    is_accessible: true,
    ...(shop.rules.errorLists ? { product_url: `${shop.url()}/item-${line.productId}.html` } : {}),
    ...(shop.rules.multiVendor ? {} : { shared_product: true }),
  }
}

function renderExtra(order: ShopOrder, line: Line): Record<string, unknown> {
  return {
    product_options: phpMap(Object.fromEntries(line.options.map((option) => [option.optionId, option.value]))),
    unlimited_download: 'N',
    product: line.product,
    company_id: String(order.companyId),
    is_edp: line.downloadable ? 'Y' : 'N',
    edp_shipping: 'N',
    discount: line.discount,
    base_price: line.basePrice,
    stored_price: 'N',
    ...(line.groupKey === 0 ? {} : { group_key: line.groupKey }),
    ...(line.options.length === 0
      ? {}
      : { product_options_value: line.options.map((option) => renderOption(order, line, option)) }),
  }
}

function renderOption(order: ShopOrder, line: Line, option: LineOption): Record<string, unknown> {
  const typed = option.type === 'I' || option.type === 'T'
  return {
    option_id: String(option.optionId),
    product_id: String(line.productId),
    company_id: String(order.companyId),
    option_type: option.type,
    required: 'N',
    status: 'A',
    position: '0',
    option_name: option.name,
    variant_name: option.label,
    value: option.value,
    ...(typed ? {} : { modifier: option.modifier.toFixed(3), modifier_type: 'A' }),
  }
}
