/**
 * Takes personal data and secrets out of what is kept or shown of requests and answers. The rule is a list of what may stay:
 * a shop's add-ons write keys that nobody here knows, and an unknown text is masked.
 */

export const MASK = '＊＊＊'
/** How many fields of an object are not shown. */
const HIDDEN = '伏せた項目数'

/** Keys whose values say nothing about a person: identities, states, amounts, goods. */
const HARMLESS: ReadonlySet<string> = new Set(
  `order_id shipment_id shipment_ids item_id cart_id product_id option_id status_id shipping_id shipping_ids payment_id
  company_id storefront_id parent_order_id is_parent_order user_id group_key status type is_default position
  timestamp updated_at shipment_timestamp order_timestamp time_from time_to period page items_per_page total_items
  sort_by sort_order sort_order_rev include_incompleted updated_at_from total subtotal display_subtotal discount
  subtotal_discount payment_surcharge shipping_cost display_shipping_cost tax_subtotal tax_value price base_price
  original_price rate rate_type rate_value price_includes_tax amount shipped_amount shipment_amount need_shipping
  need_shipment one_full product product_code product_status is_edp edp_shipping lang_code secondary_currency
  shipping payment module carrier service_code service_id delivery_date delivery_timing tracking_number
  notify_user notify_department notify_vendor description Version message messages errors error extra`
    .split(/\s+/)
    .filter(Boolean),
)

/** Below these everything is dropped: bulky, and known to hold accounts and passwords of carriers. */
const DROPPED: ReadonlySet<string> = new Set(
  `product_groups service_params payment_info processor_params fields coupons promotions
  gift_certificates use_gift_certificates`.split(/\s+/),
)

/** Maps from an id to an amount. */
const AMOUNTS: ReadonlySet<string> = new Set(['products'])

/** Answers in words: only addresses and long numbers in them can be personal. */
const WORDS: ReadonlySet<string> = new Set(['message', 'messages', 'errors', 'error'])

const DEEPEST = 12
const ID = /^[\w.-]{1,32}$/

/** A masked copy of a parsed body. */
export function maskValue(value: unknown, key = '', depth = 0): unknown {
  if (value === null || value === '' || typeof value === 'boolean') return value
  if (DROPPED.has(key) || depth > DEEPEST) return MASK
  if (Array.isArray(value)) return value.map((element) => maskValue(element, key, depth + 1))
  if (typeof value === 'object') return maskFields(value, key, depth)
  if (typeof value !== 'string' && typeof value !== 'number') return MASK
  if (WORDS.has(key)) return maskWords(String(value))
  return HARMLESS.has(key) ? value : MASK
}

/** Unknown texts are left out and counted, so that an excerpt has room for what says something. */
function maskFields(fields: object, key: string, depth: number): Record<string, unknown> {
  const shown: Record<string, unknown> = Object.create(null)
  let hidden = 0
  for (const [name, value] of Object.entries(fields)) {
    // Elements of lists with gaps, which come as objects, belong to the key above.
    const belongs = !/^\d+$/.test(name) ? name : AMOUNTS.has(key) && !isObject(value) ? 'amount' : key
    const masked = ID.test(name) ? maskValue(value, belongs, depth + 1) : MASK
    if (masked === MASK || (isEmpty(masked) && !HARMLESS.has(belongs))) hidden += 1
    else shown[name] = masked
  }
  return hidden === 0 ? shown : Object.assign(shown, { [HIDDEN]: hidden })
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isEmpty(value: unknown): boolean {
  return value === null || value === ''
}

/** Bounded, or a page without any blank would take minutes. */
const MAIL = /[^\s"'<>@:;,/]{1,128}@[^\s"'<>@:;,/]{1,255}/g
/** Phone numbers, postal codes, card and slip numbers: seven digits or more, whatever stands between them. */
const LONG_NUMBER = /\d(?:[-‐‑–ー.\s]?\d){6,}/g

const LONGEST_WORDS = 5000

/** A sentence without mail addresses and long numbers. */
export function maskWords(words: string): string {
  return words.slice(0, LONGEST_WORDS).replace(MAIL, MASK).replace(LONG_NUMBER, MASK)
}

/**
 * The readable part of what is no JSON: a page without its markup, a PHP notice. All from the first brace on may be an order
 * and is left out, and so is what stands between quotes (values of a failed database query).
 */
export function maskPage(page: string): string {
  const readable = page
    .slice(0, 20_000)
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1>|$)/gi, ' ')
    .replace(/<[^>]*(?:>|$)/g, ' ')
  const brace = readable.search(/[[{]/)
  const words = brace < 0 ? readable : `${readable.slice(0, brace)}…`
  return maskWords(words.replace(/(?<!\w)'[^']*(?:'|$)|"[^"]*(?:"|$)/g, MASK))
    .replace(/\s+/g, ' ')
    .trim()
}

/** Takes what this connection must never tell out of a text that is masked already. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => (secret.length < 4 ? rest : rest.replaceAll(secret, MASK)), text)
}

/** At most `most` characters, never half of one. */
export function excerpt(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
