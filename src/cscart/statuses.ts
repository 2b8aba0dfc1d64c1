/** The order statuses that every edition ships, with the Japanese edition's names (cs-cart-api.md 8). */
export const DEFAULT_STATUSES: Readonly<Record<string, string>> = {
  O: '注文受付',
  P: '支払い確認済み',
  C: '配送済み',
  F: '失敗',
  D: '拒否',
  B: '入荷待ち',
  I: 'キャンセル',
  N: '受注処理未了',
}

/** Letters under which an order will never be shipped: the shop took the stock back for good. */
export const CANCELLED_LETTERS: readonly string[] = ['I', 'D', 'F']

/** Letters under which CS-Cart expects nothing more of an order: 配送済み and the cancelled ones. */
export const FINAL_LETTERS: readonly string[] = ['C', ...CANCELLED_LETTERS]

/** true where the order was cancelled, declined or failed in CS-Cart. */
export function isCancelled(letter: string): boolean {
  return CANCELLED_LETTERS.includes(letter)
}

/** true where nothing more will happen to the order in CS-Cart. */
export function isFinal(letter: string): boolean {
  return FINAL_LETTERS.includes(letter)
}

/**
 * The name of a status letter: the shop's own, else the Japanese edition's, else the letter itself.
 * @param known what the shop itself calls its statuses, as far as it was asked
 */
export function statusName(letter: string, known: readonly { letter: string; name: string }[] = []): string {
  return known.find((status) => status.letter === letter)?.name ?? DEFAULT_STATUSES[letter] ?? letter
}
