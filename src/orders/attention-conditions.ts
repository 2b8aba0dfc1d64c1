/** 要確認 as SQL: which orders hold a contradiction. */
import type { AttentionReason } from './attention.ts'

const WITH_ROLE = (roles: string) => `(select id from order_statuses where ${roles})`
const NOT_CANCELLED = `o.status_id not in ${WITH_ROLE("role = 'cancelled'")}`

/**
 * Each contradiction as one small select over an index of its own (db/schema.ts: `orders_attention_…`).
 * The texts of the partial indexes' conditions must stand here as they stand there.
 */
const branches = (only: string): Record<AttentionReason, string> => ({
  // Among all orders SQLite would rather go through a longer index; given ones it finds by their ids.
  cancelled_in_work: `orders o ${only ? '' : 'indexed by orders_attention_cancelled'} where o.cancelled_in_cs_cart_at is not null and ${NOT_CANCELLED}`,
  number_shared: `tracking_numbers t join orders o on o.id = t.order_id where t.shared = 1 and ${NOT_CANCELLED}`,
  check_digit: `tracking_numbers t join orders o on o.id = t.order_id where t.check_digit_wrong = 1 and ${NOT_CANCELLED}`,
  processed_unnumbered: `orders o where o.tracking_number = '' and o.status_id in ${WITH_ROLE("role = 'processed'")}
    and exists (select 1 from order_lines l where l.order_id = o.id and l.downloadable = 0)`,
  number_undated: `orders o where o.tracking_number <> '' and o.ship_date is null and ${NOT_CANCELLED}`,
  shipped_elsewhere: `orders o where o.cs_cart_status = 'C' and o.export_state not in ('sent', 'confirmed')
    and o.status_id in ${WITH_ROLE("role is null or role = 'new'")}`,
  changed: 'orders o where o.changed_in_cs_cart_at is not null',
})

/**
 * All contradictions as rows of `(id, reason)`.
 * @param only a further condition on the order `o`
 */
export const attentionSql = (only = ''): string =>
  Object.entries(branches(only))
    .map(([reason, from]) => `select o.id as id, '${reason}' as reason from ${from}${only && ` and ${only}`}`)
    .join(' union all ')
