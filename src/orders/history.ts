/** What can happen to an order, with the words of its 履歴. */
export const HISTORY_EVENTS = {
  imported: '取り込みました',
  changed_in_cs_cart: 'CS-Cartで変更されました',
  reread: '取込の設定（姓名の並び・フリガナ）に合わせて読み直しました',
  shipped_in_cs_cart: 'CS-Cartの配送を確認しました',
  cancelled_in_cs_cart: 'CS-Cart側でキャンセルされました',
  restored_in_cs_cart: 'CS-Cart側のキャンセルが取り消されました',
  gone_from_cs_cart: 'CS-Cartからなくなりました',
  edited: '変更しました',
  seen: '確認しました',
  exported: 'CS-Cartへの書き込みを始めました',
  confirmed: 'CS-Cartで確認しました',
  export_failed: '書出に失敗しました',
  export_reset: '書出を戻しました',
} as const

export type HistoryEvent = keyof typeof HISTORY_EVENTS
