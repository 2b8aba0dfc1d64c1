/** One order as a row of 受注一覧. */
import { ATTENTION, type AttentionReason, attentionWords, GONE } from './attention.ts'
import type { Desk } from './desk.ts'
import type { Edited } from './edit-order.ts'
import type { ExportKey } from './export-status.ts'
import type { LineSummary } from './list-repository.ts'
import { isGone, type Order } from './order.ts'
import { askedOf, boxWarning, type Conflict, type StaffErrors, type StaffValues, staffValues } from './staff-form.ts'

export type RowView = {
  id: number
  number: number
  orderedAt: number
  name: string
  prefecture: string
  product: string
  more: number
  totalCents: number
  values: StaffValues
  shown: string
  version: number
  errors: StaffErrors
  conflicts: Conflict[]
  warning: string | undefined
  exportKey: ExportKey
  exportLabel: string
  why: string
  csCartStatus: string
  shopName: string
  /** The loud mark of an order that is cancelled in CS-Cart or gone from it; '' for any other. */
  cancelledLabel: string
  attention: { label: string; advice: string }[]
  isSaved: boolean
}

/** Badge colours of 書出状態. */
export const EXPORT_COLOURS: Record<ExportKey, string> = {
  none: 'bg-secondary-lt',
  waiting: 'bg-blue-lt',
  sent: 'bg-azure-lt',
  confirmed: 'bg-green-lt',
  error: 'bg-red-lt',
  excluded: 'bg-secondary-lt',
}

export function rowView(
  order: Order,
  desk: Desk,
  more: { line: LineSummary | undefined; attention: readonly AttentionReason[]; edited?: Edited | undefined },
): RowView {
  const { line, edited } = more
  const values = edited?.values ?? staffValues(order)
  const status = desk.exportStatusOf(order)
  return {
    id: order.id,
    number: order.csCartOrderId,
    orderedAt: order.orderedAt,
    name: order.buyerName || order.company || order.shipping.name,
    prefecture: order.shipping.prefecture,
    product: line ? `${line.name}${line.amount > 1 ? ` × ${line.amount}` : ''}` : '',
    more: line?.more ?? 0,
    totalCents: order.totalCents,
    values,
    ...askedOf(order, edited?.kind === 'refused' ? edited.asked : undefined),
    errors: edited?.kind === 'refused' ? edited.errors : {},
    conflicts: edited?.kind === 'conflict' ? edited.conflicts : [],
    warning: boxWarning(values),
    exportKey: status.key,
    exportLabel: status.label,
    why: status.why,
    csCartStatus: desk.csCartStatusOf(order),
    shopName: desk.shopName(order.shopId),
    cancelledLabel: cancelledLabel(order),
    attention: more.attention
      .filter((reason) => !SAID_ELSEWHERE.has(reason))
      .map((reason) => attentionWords(reason, order)),
    isSaved: edited?.kind === 'saved' && edited.changed,
  }
}

export function cancelledLabel(order: Pick<Order, 'cancelledInCsCartAt' | 'csCartStatus'>): string {
  if (order.cancelledInCsCartAt === null) return ''
  return isGone(order) ? GONE.label : ATTENTION.cancelled_in_work.label
}

/** The row says these at the field itself. */
const SAID_ELSEWHERE: ReadonlySet<AttentionReason> = new Set(['cancelled_in_work', 'check_digit'])
