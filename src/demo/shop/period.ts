import { type PhpParams, phpEmpty, phpInt, phpNumeric, phpText } from './quirks.ts'

const HOUR = 3600
const DAY = 24 * HOUR
/** Asia/Tokyo, which keeps no summer time. */
const ZONE = 9 * HOUR

type Bound = number | string
type Names = { period: string; from: string; to: string }

/**
 * Resolves a period letter to Unix seconds. Without a period, or with A, there is none and times count for nothing.
 * Numbers that were sent come back as they were sent.
 * @param names the parameters' names: `period`, `time_from`, `time_to` or the shipments' variants
 */
export function resolvePeriod(
  params: PhpParams,
  names: Names,
  now: number,
  textDate: 'ymd' | 'mdy',
): { from: Bound; to: Bound } | null {
  const letter = params[names.period]
  if (phpEmpty(letter) || letter === 'A') return null
  const today = midnight(now)
  const date = new Date((now + ZONE) * 1000)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  const monday = today - ((date.getUTCDay() + 6) % 7) * DAY
  switch (letter) {
    case 'D':
      return { from: today, to: now }
    case 'LD':
      return { from: today - DAY, to: today - 1 }
    case 'W':
      return { from: monday, to: now }
    case 'LW':
      return { from: monday - 7 * DAY, to: monday - 1 }
    case 'M':
      return { from: local(year, month, 1), to: now }
    case 'LM':
      return { from: local(year, month - 1, 1), to: local(year, month, 1) - 1 }
    case 'Y':
      return { from: local(year, 0, 1), to: now }
    case 'LY':
      return { from: local(year - 1, 0, 1), to: local(year, 0, 1) - 1 }
    case 'HH':
      return { from: now - DAY, to: now }
    case 'HW':
      return { from: now - 7 * DAY, to: now }
    case 'HM':
      return { from: now - 30 * DAY, to: now }
    case 'HC':
      return { from: now - phpInt(params.last_days) * DAY, to: now }
    default: {
      const from = params[names.from]
      const to = params[names.to]
      return {
        from: phpEmpty(from) ? 0 : parseDate(from, now, textDate, false),
        to: phpEmpty(to) ? now : parseDate(to, now, textDate, true),
      }
    }
  }
}

/**
 * A date as the shop understands it: numbers as they are, a/b/c by the store's order, a/b as a day of this year; any other
 * text is now, without a word.
 */
export function parseDate(value: unknown, now: number, order: 'ymd' | 'mdy', endOfDay: boolean): Bound {
  if (phpNumeric(value)) return typeof value === 'number' ? value : phpText(value)
  const parts = phpText(value).split('/')
  if (parts.length < 2) return now
  const [a, b, c] = [phpInt(parts[0]), phpInt(parts[1]), phpInt(parts[2])]
  const thisYear = new Date((now + ZONE) * 1000).getUTCFullYear()
  const start =
    parts.length === 2 ? local(thisYear, a - 1, b) : order === 'ymd' ? local(a, b - 1, c) : local(c, a - 1, b)
  return endOfDay ? start + DAY - 1 : start
}

function midnight(now: number): number {
  return Math.floor((now + ZONE) / DAY) * DAY - ZONE
}

function local(year: number, month: number, day: number): number {
  return Date.UTC(year, month, day) / 1000 - ZONE
}
