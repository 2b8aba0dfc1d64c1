/** 要確認: contradictions that a person must look at. */
import { isGone, type Order } from './order.ts'
import { numberFault, numbersOf } from './tracking.ts'

/** Every reason, with what it says and what to do, loudest first. */
export const ATTENTION = {
  cancelled_in_work: {
    label: 'CS-Cart側でキャンセル',
    advice:
      '出荷を止め、受注ステータスを「キャンセル」にしてください。出荷するときはCS-Cartでステータスを戻してください。',
  },
  number_shared: {
    label: '同じ伝票番号の受注があります',
    advice: '別のお客様の受注に同じお荷物伝票番号が入っています。正しい番号か確かめてください。',
  },
  check_digit: {
    label: '伝票番号のチェック桁が違います',
    advice: '送り状の番号と見比べてください。番号が正しければ、そのままで書き出せます。',
  },
  processed_unnumbered: {
    label: '処理済みですが伝票番号がありません',
    advice: 'お荷物伝票番号を入力するか、受注ステータスを戻してください。',
  },
  number_undated: {
    label: '伝票番号がありますが出荷日がありません',
    advice: '出荷日を入力してください。',
  },
  shipped_elsewhere: {
    label: 'CS-Cartでは配送済みですが、ここでは未処理です',
    advice: '出荷済みであれば受注ステータスを「処理済み」にしてください。',
  },
  changed: {
    label: '取込後にCS-Cartで変更されました',
    advice: '受注を開いて履歴で変更の内容を確かめ、「確認した」を押してください。',
  },
} as const

/** The same mark in the database as 「CS-Cart側でキャンセル」, but there is no status left that could be set back. */
export const GONE = {
  label: 'CS-Cartから削除',
  advice:
    '出荷を止め、受注ステータスを「キャンセル」にしてください。出荷する場合はお客様に確認し、CS-Cartで注文を作り直してから取り込んでください。',
} as const

/** A reason in the words of this order. */
export function attentionWords(
  reason: AttentionReason,
  order: Pick<Order, 'trackingNumber' | 'carrier' | 'cancelledInCsCartAt' | 'csCartStatus'>,
): { label: string; advice: string } {
  if (reason === 'cancelled_in_work' && isGone(order)) return GONE
  const words = ATTENTION[reason]
  if (reason !== 'check_digit') return words
  const faults = new Set(numbersOf(order.trackingNumber).map((number) => numberFault(number, order.carrier)))
  if (!faults.has('length')) return words
  const what = faults.has('check_digit') ? '桁数とチェック桁' : '桁数'
  return { ...words, label: `伝票番号の${what}が違います` }
}

export type AttentionReason = keyof typeof ATTENTION

const isReason = (text: string): text is AttentionReason => Object.hasOwn(ATTENTION, text)

/** Reasons joined by commas, as SQL gives them; each once, loudest first. */
export function attentionReasons(joined: string): AttentionReason[] {
  const found = new Set(joined.split(',').filter(isReason))
  return Object.keys(ATTENTION).filter((reason): reason is AttentionReason => isReason(reason) && found.has(reason))
}
