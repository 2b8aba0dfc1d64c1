/** 書出状態 as the list and an order's page say it: how far the export is, and in words why it does not go on. */
import { failureOf } from '../failures.ts'
import {
  type DueFacts,
  type DueRule,
  inScope,
  NOT_DUE_LABELS,
  type NotDueReason,
  type Order,
  whyNotDue,
  writtenAs,
} from './order.ts'

export const EXPORT_LABELS = {
  none: '未',
  waiting: '待ち',
  sent: '送信済み',
  confirmed: '確認済み',
  error: 'エラー',
  excluded: '対象外',
} as const

export type ExportKey = keyof typeof EXPORT_LABELS

export type ExportStatus = {
  key: ExportKey
  label: (typeof EXPORT_LABELS)[ExportKey]
  /** '' where there is nothing to add. */
  why: string
}

export type ShopExportRule = Omit<DueRule, 'statusRole'> & {
  /** 試運転: nothing is really written. */
  dryRun: boolean
}

/**
 * @param rule the shop's API書出, 作成期間 and 試運転, and the role of the order's status
 */
export function exportStatusOf(
  order: DueFacts & Pick<Order, 'exportReason'>,
  rule: DueRule & Pick<ShopExportRule, 'dryRun'>,
): ExportStatus {
  const status = (key: ExportKey, why = ''): ExportStatus => ({ key, label: EXPORT_LABELS[key], why })
  const notDue = whyNotDue(order, rule)
  const isWritten = order.exportedAs === writtenAs(order)
  // What failed was a change that has been taken back since.
  if (isWritten && (order.exportState === 'confirmed' || order.exportState === 'error')) return status('confirmed')
  if (notDue === 'cancelled_in_cs_cart' && !isWritten) return status('excluded', NOT_DUE_LABELS[notDue])
  if (order.exportState === 'sent') return status('sent', sentWords(notDue))
  if (order.exportState === 'error') {
    // Whoever chose that status decided it. A window that has passed decides nothing: the customer still knows of no parcel.
    if (!inScope(rule.statusRole, rule.scope)) return status('excluded', NOT_DUE_LABELS.status_out_of_scope)
    const { sentence } = failureOf(order.exportReason ?? '')
    return status(
      'error',
      notDue ? `${sentence}${NOT_DUE_LABELS[notDue]}のため、次の書出の対象になりません。` : sentence,
    )
  }
  if (notDue === undefined) {
    if (rule.dryRun) return status('waiting', '試運転（実際には書き込みません）')
    return status('waiting', order.exportedAs === null ? '' : '書き出した後に変更されました')
  }
  if (notDue === 'status_out_of_scope' || notDue === 'outside_window') return status('excluded', NOT_DUE_LABELS[notDue])
  return status('none', NOT_DUE_LABELS[notDue])
}

/** What was begun is looked at by the next export, unless the order is in none any more: then only a person can. */
function sentWords(notDue: NotDueReason | undefined): string {
  if (notDue === undefined) return '次の書出でCS-Cartを確認します'
  const because = notDue === 'already_written' ? '書出済みの内容に戻した' : `${NOT_DUE_LABELS[notDue]}の`
  return `書出を始めましたが、${because}ため次の書出の対象になりません。CS-Cartの管理画面で配送を確かめてください。`
}
