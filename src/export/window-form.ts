/** 作成期間: how many days back an export looks. */
export const EXPORT_DAYS = { min: 1, max: 365 } as const

/** Reads 「作成期間」 as typed, full-width digits too. */
export function parseWindow(typed: string): { ok: true; days: number } | { ok: false; message: string } {
  const text = typed.normalize('NFKC').trim()
  const days = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (days >= EXPORT_DAYS.min && days <= EXPORT_DAYS.max) return { ok: true, days }
  return { ok: false, message: `作成期間は ${EXPORT_DAYS.min}〜${EXPORT_DAYS.max} の日数を数字で入力してください。` }
}
