/** 受注ステータス: the merchant's own list, three of them built in. */
import type { orderStatuses } from '../db/schema.ts'

export type OrderStatus = typeof orderStatuses.$inferSelect
export type StatusRole = OrderStatus['role']

/** What a role makes the program do, as 受注ステータス設定 says it. */
export const ROLE_NOTES = {
  new: '取り込んだ直後の受注。書出の対象になりません。',
  processed: '出荷が済んだ受注。API書出「【処理済み】のみ」の対象です。',
  cancelled: 'キャンセルした受注。書出の対象になりません。',
} as const satisfies Record<NonNullable<StatusRole>, string>

const LONGEST = 20

/**
 * Reads a status name as typed.
 * @param others the names that are taken; compared without regard to width and case
 */
export function parseStatusName(
  typed: string,
  others: readonly string[],
): { ok: true; name: string } | { ok: false; message: string } {
  const name = typed.replace(/\s+/g, ' ').trim()
  if (name === '') return { ok: false, message: 'ステータス名を入力してください。' }
  if ([...name].length > LONGEST) return { ok: false, message: `ステータス名は${LONGEST}文字以内で入力してください。` }
  if (others.some((other) => folded(other) === folded(name))) {
    return { ok: false, message: `「${name}」はすでにあります。別の名前にしてください。` }
  }
  return { ok: true, name }
}

const folded = (name: string) => name.normalize('NFKC').toLowerCase()
