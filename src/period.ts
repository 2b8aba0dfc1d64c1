import { Temporal } from 'temporal-polyfill'

/** A stretch of time, both ends included, in milliseconds UTC. */
export type Period = { from: number; to: number }

/** A day without a time, `YYYY-MM-DD`, in the app's time zone. */
export type Day = string

const DAY_MS = 24 * 3_600_000

/** The last `days` × 24 hours up to `now`: how 受注を取得する日数 is counted. */
export function lastDays(days: number, now: Date): Period {
  return { from: now.getTime() - days * DAY_MS, to: now.getTime() }
}

/** The calendar day on which an instant (ms UTC) falls in `timeZone` (IANA name). */
export function dayOf(at: number, timeZone: string): Day {
  return writerFor(timeZone).format(at).slice(0, 10)
}

/** `day` moved by a number of calendar days (negative: earlier). Counted in UTC, where every day has 24 hours. */
export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

/** Outside these no day is meant, and the day after 9999-12-31 could not be written in four digits. */
const YEARS = { first: 1970, last: 9998 } as const
const isYear = (year: number): boolean => year >= YEARS.first && year <= YEARS.last

/** true for an existing calendar day of the years 1970 to 9998, written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !isYear(Number(text.slice(0, 4)))) return false
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text
  } catch {
    return false
  }
}

/** The first millisecond (UTC) of a day in `timeZone`. */
export function startOfDay(day: Day, timeZone: string): number {
  return Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds
}

const pad = (n: number) => String(n).padStart(2, '0')

const writers = new Map<string, Intl.DateTimeFormat>()

/** Swedish writes `2026-11-24 09:31:50`. One writer for each zone: a list of 50 orders asks a hundred times. */
function writerFor(timeZone: string): Intl.DateTimeFormat {
  const known = writers.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  writers.set(timeZone, made)
  return made
}

/** `2026/11/24 09:31:50` in `timeZone`: how every page shows an instant (ms UTC). */
export function formatDateTime(at: number, timeZone: string): string {
  return writerFor(timeZone).format(at).replaceAll('-', '/')
}

const LOCAL_INPUT = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2}))?$/

/** Whether a text that is no time has the form of one: a day or an hour that does not exist. */
export function looksLikeLocalInput(text: string): boolean {
  return LOCAL_INPUT.test(text.normalize('NFKC').trim())
}

/**
 * Reads `2026/11/24 09:31:50` as typed by hand, with `-` and `T` too and without the seconds, as a time in `timeZone`.
 * @returns ms UTC, or undefined where the text is no such time
 */
export function fromLocalInput(text: string, timeZone: string): number | undefined {
  const parts = LOCAL_INPUT.exec(text.normalize('NFKC').trim())
  if (!parts) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0))
  if (!isYear(year)) return undefined
  try {
    const plain = Temporal.PlainDateTime.from({ year, month, day, hour, minute, second }, { overflow: 'reject' })
    return plain.toZonedDateTime(timeZone).epochMilliseconds
  } catch {
    return undefined
  }
}

/** `3分前`, `2時間前`, `5日前`: how long ago `at` was at `now` (both ms UTC). A time in the future reads `0分前`. */
export function ago(at: number, now: number): string {
  const minutes = Math.max(0, Math.floor((now - at) / 60_000))
  if (minutes < 60) return `${minutes}分前`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}時間前`
  return `${Math.floor(minutes / (24 * 60))}日前`
}

/** `4.2秒`, `3分12秒`, `1時間05分`: a duration in ms; never negative. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 60) return `${seconds.toFixed(1)}秒`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}分${pad(Math.floor(seconds % 60))}秒`
  return `${Math.floor(minutes / 60)}時間${pad(minutes % 60)}分`
}
