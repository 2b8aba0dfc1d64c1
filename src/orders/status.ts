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

/** The tabs of 受注一覧 that are no status: two tabs of one name could not be told apart. */
export const FIXED_TABS = { all: 'すべて', attention: '要確認' } as const

const LONGEST = 20

/**
 * Reads a status name as typed.
 * @param others the names that are taken; compared without regard to width, case and what cannot be seen
 */
export function parseStatusName(
  typed: string,
  others: readonly string[],
): { ok: true; name: string } | { ok: false; message: string } {
  const name = typed.replace(/\s+/g, ' ').trim()
  if (name === '') return { ok: false, message: 'ステータス名を入力してください。' }
  if ([...name].length > LONGEST) return { ok: false, message: `ステータス名は${LONGEST}文字以内で入力してください。` }
  if (Object.values(FIXED_TABS).some((tab) => folded(tab) === folded(name))) {
    return { ok: false, message: `「${name}」は受注一覧のタブの名前なので使えません。別の名前にしてください。` }
  }
  if (others.some((other) => folded(other) === folded(name))) {
    return { ok: false, message: `「${name}」はすでにあります。別の名前にしてください。` }
  }
  return { ok: true, name }
}

const folded = (name: string) =>
  name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .toLowerCase()
