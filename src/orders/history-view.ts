/** An order's 履歴 in words. */
import { formatDateTime } from '../period.ts'
import { yen } from '../web/format.ts'
import { carrierName } from './carriers.ts'
import { FIELD_LABELS, MONEY_FIELDS } from './changes.ts'
import { HISTORY_EVENTS, type HistoryEvent } from './history.ts'
import { type HistoryEntry, UNSURE } from './order.ts'

export type HistoryView = {
  at: number
  event: string
  /** Who, or '' where a run did it. */
  who: string
  runId: number | null
  changes: { label: string; from: string; to: string }[]
  /** A FailureReason's code, null for none. */
  reason: string | null
}

export type HistoryWords = {
  timeZone: string
  csCartStatusName: (letter: string) => string
  accountEmail: (id: number) => string | undefined
}

const isKnown = (event: string): event is HistoryEvent => Object.hasOwn(HISTORY_EVENTS, event)

export function historyView(entry: HistoryEntry, words: HistoryWords): HistoryView {
  const { at, event, accountId, runId, changes, reason } = entry
  return {
    at,
    event: isKnown(event) ? HISTORY_EVENTS[event] : event,
    who: accountId === null ? '' : (words.accountEmail(accountId) ?? '削除されたユーザー'),
    runId,
    changes: changes.map(({ field, from, to }) => ({
      label: FIELD_LABELS[field] ?? field,
      from: inWords(field, from, words),
      to: inWords(field, to, words),
    })),
    reason,
  }
}

function inWords(field: string, text: string, { timeZone, csCartStatusName }: HistoryWords): string {
  if (text === '') return '（空）'
  if (MONEY_FIELDS.has(field)) return yen(Number(text))
  if (field === 'orderedAt' || field === 'csCartUpdatedAt') return formatDateTime(Number(text), timeZone)
  if (field === 'csCartStatus') return csCartStatusName(text)
  if (field === 'shipDate') return text.replaceAll('-', '/')
  if (field !== 'exportedAs') return text
  if (text === UNSURE) return '（書き出し中）'
  const [carrier = '', numbers = ''] = text.split('|')
  return `${carrierName(carrier)} ${numbers}`.trim()
}
