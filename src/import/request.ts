import { formatDateTime, fromLocalInput, looksLikeLocalInput, type Period } from '../period.ts'

/**
 * What an import is asked to do; stored with its run, so that it can be said and done again.
 * `days` is the banner button, `scheduled` the clock, both with the 受注を取得する日数 of that run (older versions did not keep it), `period` 「取得日」 (ms UTC), `ids` single orders by CS-Cart's number:
 * with `force` a person asked for exactly these, and neither fence nor statuses stand in the way.
 */
export type ImportRequest =
  | { mode: 'days' | 'scheduled'; days?: number }
  | { mode: 'period'; from: number; to: number }
  | { mode: 'ids'; ids: number[]; force: boolean }

/** More numbers than this are another run: keeps requests and pages small. */
export const MOST_IDS = 5_000

/** Reads a stored request; one that an older version wrote, or none, is that of the banner button. */
export function readImportRequest(stored: Readonly<Record<string, unknown>>): ImportRequest {
  const { mode, days, from, to, ids, force } = stored
  if (mode === 'period' && typeof from === 'number' && typeof to === 'number') return { mode, from, to }
  if (mode === 'ids' && Array.isArray(ids)) {
    return { mode, ids: ids.filter(isOrderNumber), force: force === true }
  }
  const kept = typeof days === 'number' ? { days } : {}
  return { mode: mode === 'scheduled' ? mode : 'days', ...kept }
}

/** The request in words, for the card of an import and the page of its run. */
export function requestLabel(request: ImportRequest, timeZone: string): string {
  switch (request.mode) {
    case 'days':
      return request.days === undefined ? 'CS-CART API取込' : `最近${request.days}日分`
    case 'scheduled':
      return request.days === undefined ? '自動取得' : `自動取得（最近${request.days}日分）`
    case 'period':
      return `取得日 ${formatDateTime(request.from, timeZone)} ～ ${formatDateTime(request.to, timeZone)}`
    case 'ids':
      return request.ids.length === 1 ? `注文 ${request.ids[0]}` : `指定した注文 ${request.ids.length}件`
  }
}

export type PeriodForm = { from: string; to: string }

export type ParsedPeriod =
  | { ok: true; period: Period; values: PeriodForm }
  | { ok: false; errors: Partial<PeriodForm>; values: PeriodForm }

const HOW_TO_TYPE = '2026/11/24 09:31:50 の形で入力してください。'

/**
 * Reads 「取得日」 from ~ to, both to the second and both included.
 * @param timeZone in which the times were typed
 */
export function parsePeriod(form: PeriodForm, timeZone: string): ParsedPeriod {
  const values = { from: form.from.trim(), to: form.to.trim() }
  const errors: Partial<PeriodForm> = {}
  const from = fromLocalInput(values.from, timeZone)
  const to = fromLocalInput(values.to, timeZone)
  if (from === undefined) errors.from = noTime('開始の日時', values.from) ?? `開始の日時を${HOW_TO_TYPE}`
  if (to === undefined) errors.to = noTime('終了の日時', values.to) ?? `終了の日時を${HOW_TO_TYPE}`
  if (from === undefined || to === undefined) return { ok: false, errors, values }
  if (from > to) return { ok: false, errors: { to: '終了は開始と同じか、後の日時にしてください。' }, values }
  return { ok: true, period: { from, to }, values }
}

/** What is wrong with a text that is typed as a time is, and is none; undefined where it is typed otherwise. */
export function noTime(what: string, text: string): string | undefined {
  if (!looksLikeLocalInput(text)) return undefined
  return `${what} ${text.normalize('NFKC').trim()} は実在しません。日付と時刻を確かめてください。`
}

/** A CS-Cart order number as a person types it: `10234`, `#10234`, in full-width digits too. */
export function parseOrderNumber(text: string): number | undefined {
  const digits = /^(?:#|no\.?)?\s*0*(\d{1,10})$/i.exec(text.normalize('NFKC').trim())?.[1]
  const number = Number(digits)
  return isOrderNumber(number) ? number : undefined
}

/** The numbers in a posted text, parted by anything that is no digit; each once, at most `MOST_IDS`. */
export function parseOrderNumbers(text: string): number[] {
  return [...new Set((text.match(/\d+/g) ?? []).map(Number))].filter(isOrderNumber).slice(0, MOST_IDS)
}

/** CS-Cart's order ids are MySQL's unsigned mediumint at least, int at most. */
function isOrderNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 4_294_967_295
}
