import type { ExportKey } from './export-status.ts'
import type { ListFilter } from './list-filter.ts'

/** The order stands in the shop as it was last written (`writtenAs` in order.ts). */
const WRITTEN = "o.exported_as = coalesce(o.carrier, '') || '|' || o.tracking_number"
/** It does not, word for word as in the indexes `orders_unwritten…`. */
export const NOT_WRITTEN =
  "(o.exported_as is null or o.exported_as <> coalesce(o.carrier, '') || '|' || o.tracking_number)"
/**
 * 失敗: an export failed, and it is neither written after all nor taken out by its status (`exportStatusOf`). `<> 'none'` is what the
 * partial index on `export_state` asks for; the plus keeps SQLite from the index of the statuses, under which orders are many.
 */
export const FAILED = `o.export_state = 'error' and o.export_state <> 'none' and o.cancelled_in_cs_cart_at is null and ${NOT_WRITTEN}
    and +o.status_id in (select s.id from order_statuses s where s.role = 'processed'
      or s.role is null and (select export_scope from shops where id = o.shop_id) = 'all_active')`
/** 発送待ち: not yet 処理済み, not cancelled here or there. */
export const IN_WORK =
  "o.cancelled_in_cs_cart_at is null and o.status_id in (select id from order_statuses where role is null or role = 'new')"

/**
 * Orders of a shop that an export may have to write, by the index on what is dated and not written; `whyNotDue` decides.
 * Parameters: shop, first and last day of the window.
 */
export const DUE_CANDIDATES = `orders o indexed by orders_unwritten_dated
    where o.shop_id = ? and o.ship_date is not null and o.ship_date between ? and ? and o.tracking_number <> ''
      and o.cancelled_in_cs_cart_at is null and ${NOT_WRITTEN}`

export type Conditions = {
  /** `where …`, '' for none; the order's table is `o`. */
  readonly sql: string
  readonly values: unknown[]
  add(condition: string, ...values: unknown[]): void
}

/**
 * Whether nothing but the orders themselves tells which of them a filter wants: no index holds what it asks for, or those that an
 * index does hold are as many.
 */
export function readsOrders({ tab, words, shopId, carrier, hasNumber, exportKey }: ListFilter): boolean {
  if (tab === 'attention' || (exportKey && FEW.has(exportKey))) return false
  return words.length > 0 || [shopId, carrier, hasNumber].some((asked) => asked !== undefined)
}

/** The same for counting, which does not end with the first fifty orders that are found. */
export const countReadsOrders = (filter: ListFilter): boolean =>
  readsOrders(filter) || (filter.exportKey !== undefined && !FEW.has(filter.exportKey))

/** The 書出状態 that an order does not have for long: indexes know them, and they are few. */
const FEW: ReadonlySet<ExportKey> = new Set(['waiting', 'sent', 'error'])

/** A filter as SQL. 書出状態 is only cut roughly here: `exportStatusOf` decides. */
export function conditionsOf(filter: ListFilter): Conditions {
  const parts: string[] = []
  const values: unknown[] = []
  const add = (condition: string, ...more: unknown[]) => {
    parts.push(condition)
    values.push(...more)
  }
  if (typeof filter.tab === 'object') add('o.status_id = ?', filter.tab.statusId)
  if (filter.from !== undefined) add('o.ordered_at >= ?', filter.from)
  if (filter.to !== undefined) add('o.ordered_at < ?', filter.to)
  if (filter.shopId !== undefined) add('o.shop_id = ?', filter.shopId)
  if (filter.carrier === null) add('o.carrier is null')
  else if (filter.carrier !== undefined) add('o.carrier = ?', filter.carrier)
  if (filter.hasNumber !== undefined) add(filter.hasNumber ? "o.tracking_number <> ''" : "o.tracking_number = ''")
  if (filter.todo !== undefined) add(IN_WORK)
  if (filter.todo === 'number') add("o.tracking_number = ''")
  if (filter.exportKey !== undefined) add(COARSE[filter.exportKey])
  // The place of the index that a later search by FTS5 takes.
  for (const spellings of filter.words) {
    add(`(${spellings.map(() => 'instr(o.search_text, ?) > 0').join(' or ')})`, ...spellings)
  }
  return {
    values,
    add,
    get sql() {
      return parts.length === 0 ? '' : `where ${parts.join(' and ')}`
    },
  }
}

const COARSE = {
  none: `o.export_state in ('none', 'confirmed') and ${NOT_WRITTEN}`,
  waiting: `o.ship_date is not null and o.tracking_number <> '' and ${NOT_WRITTEN}`,
  sent: `o.export_state = 'sent' and o.export_state <> 'none' and (o.cancelled_in_cs_cart_at is null or ${WRITTEN})`,
  confirmed: `o.export_state in ('confirmed', 'error') and o.export_state <> 'none' and ${WRITTEN}`,
  error: FAILED,
  excluded: NOT_WRITTEN,
} as const
