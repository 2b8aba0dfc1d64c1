import { ago, dayOf, formatDateTime, formatDuration } from '../period.ts'

/** What every template writes times, money and counts with, as `it.fmt`. */
export type Format = {
  /** `2026/11/24 09:31:50` in the app's time zone, '' for nothing. */
  dateTime(at: number | null | undefined): string
  /** `2026/11/24` in the app's time zone; also takes a stored `YYYY-MM-DD`. */
  day(at: number | string | null | undefined): string
  /** `3分前` */
  ago(at: number): string
  /** `3分12秒` */
  duration(ms: number): string
  /** `1,234円`, from 1/100 units; parts of a yen only where there are any. */
  yen(cents: number): string
  /** `1,234` */
  count(n: number): string
}

const group = (n: number) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** `1,234円` from 1/100 units. */
export function yen(cents: number): string {
  const sign = cents < 0 ? '-' : ''
  const whole = Math.floor(Math.abs(cents) / 100)
  const rest = Math.abs(cents) % 100
  return `${sign}${group(whole)}${rest === 0 ? '' : `.${String(rest).padStart(2, '0')}`}円`
}

/** @param now the instant (ms UTC) that `ago` counts from */
export function formatter(timeZone: string, now: number): Format {
  return {
    dateTime: (at) => (at === null || at === undefined ? '' : formatDateTime(at, timeZone)),
    day(at) {
      if (at === null || at === undefined || at === '') return ''
      return (typeof at === 'string' ? at : dayOf(at, timeZone)).replaceAll('-', '/')
    },
    ago: (at) => ago(at, now),
    duration: formatDuration,
    yen,
    count: group,
  }
}
