/** An answer of CS-Cart beside what is stored of it: whether it says anything new. */
import { hash } from 'node:crypto'
import { isCancelled } from '../cscart/statuses.ts'
import type { ImportedOrder } from './order.ts'

/** An answer that an export overtook is no older than this; beyond it the clock was set. */
const OVERTAKEN_WITHIN_MS = 10 * 60_000

/** When the answer was asked for, ms UTC. */
export type Fetched = { fetchedAt?: number | undefined }

/** The columns of OrderFacts, from `orders o`. */
export const FACTS = `o.id, content_hash as "contentHash", cs_cart_status as "csCartStatus", cs_cart_updated_at as "csCartUpdatedAt",
  cancelled_in_cs_cart_at as "cancelledInCsCartAt", exported_at as "exportedAt", export_state as "exportState",
  (select group_concat(item_id || ':' || shipped_amount, char(10)) from order_lines l where l.order_id = o.id) as shipped`

/** What an answer is compared with, without reading the order whole. */
export type OrderFacts = {
  id: number
  contentHash: string
  csCartStatus: string
  csCartUpdatedAt: number | null
  cancelledInCsCartAt: number | null
  exportedAt: number | null
  exportState: string
  /** `item id:amount` of every line, a line each; null where there is none. */
  shipped: string | null
}

/** What an answer says, as far as others than imports may change it here. */
type ReadFacts = Pick<
  OrderFacts,
  'contentHash' | 'csCartStatus' | 'csCartUpdatedAt' | 'cancelledInCsCartAt' | 'shipped'
>

/** The facts of an order just as its answer has them. */
export const factsOf = (order: ImportedOrder, contentHash: string): ReadFacts => ({
  contentHash,
  csCartStatus: order.csCartStatus,
  csCartUpdatedAt: order.csCartUpdatedAt,
  cancelledInCsCartAt: isCancelled(order.csCartStatus) ? 0 : null,
  shipped: order.lines.map((line) => `${line.itemId}:${line.shippedAmount}`).join('\n') || null,
})

/**
 * What is kept of an answer so that the same one need not be read again: its hash, the rules by which it was read, and what it
 * says. Made of the order's present facts it is the same text for as long as nobody has changed them.
 */
export function readAs({ raw, readBy }: Pick<ImportedOrder, 'raw' | 'readBy'>, facts: ReadFacts): string {
  const { contentHash, csCartStatus, csCartUpdatedAt, cancelledInCsCartAt, shipped } = facts
  const isCancelledHere = cancelledInCsCartAt !== null
  const lines = shipped?.split('\n').sort()
  return [hash('sha1', raw, 'base64'), readBy, contentHash, csCartStatus, csCartUpdatedAt, isCancelledHere, lines].join(
    '|',
  )
}

/** The order says all that the answer says. */
export const isSame = (facts: OrderFacts, order: ImportedOrder, contentHash: string): boolean =>
  facts.contentHash === contentHash &&
  facts.csCartStatus === order.csCartStatus &&
  facts.csCartUpdatedAt === order.csCartUpdatedAt &&
  (facts.cancelledInCsCartAt !== null) === isCancelled(order.csCartStatus) &&
  sameShipped(facts, order)

function sameShipped({ shipped }: OrderFacts, order: ImportedOrder): boolean {
  const stored = new Set(shipped?.split('\n'))
  return order.lines.every((line) => stored.has(`${line.itemId}:${line.shippedAmount}`))
}

/** The shop dates the answer before what is stored. */
export const isOlder = (facts: OrderFacts, order: ImportedOrder): boolean =>
  facts.csCartUpdatedAt !== null && order.csCartUpdatedAt !== null && order.csCartUpdatedAt < facts.csCartUpdatedAt

/**
 * The answer was on its way while an export wrote the status, or read that the shop had cancelled the order: what the export read is
 * newer.
 */
export function overtaken(facts: OrderFacts, order: ImportedOrder, { fetchedAt }: Fetched): boolean {
  if (fetchedAt === undefined || isCancelled(order.csCartStatus)) return false
  const isJustBefore = (at: number | null) => at !== null && fetchedAt < at && at - fetchedAt < OVERTAKEN_WITHIN_MS
  return isJustBefore(facts.exportedAt) || (isCancelled(facts.csCartStatus) && isJustBefore(facts.cancelledInCsCartAt))
}

/** Whether status C and shipped amounts are what our own export wrote, or is about to say that it wrote. */
export function writtenByUs(facts: OrderFacts, csCartStatus: string, begun: boolean): boolean {
  if (csCartStatus !== 'C' && csCartStatus !== facts.csCartStatus) return false
  return begun || facts.exportState === 'sent' || facts.exportState === 'confirmed'
}
