/** What staff type about an order, in the list's row or on its page. */
import { addDays, type Day, isDay } from '../period.ts'
import { carrierName, isCarrier } from './carriers.ts'
import type { Order, StaffFields } from './order.ts'
import type { OrderStatus } from './status.ts'
import { digitsInWords, type NumberFault, numberFault, numbersOf, parseTrackingNumbers } from './tracking.ts'

export const STAFF_LABELS = {
  statusId: '受注ステータス',
  shipDate: '出荷日',
  carrier: '配送業者',
  trackingNumber: 'お荷物伝票番号',
  memo: 'メモ',
} as const

export type StaffField = keyof typeof STAFF_LABELS
export const STAFF_FIELDS: readonly StaffField[] = ['statusId', 'shipDate', 'carrier', 'trackingNumber', 'memo']

/** Texts as they stand in the boxes. */
export type StaffValues = Partial<Record<StaffField, string>>
export type StaffErrors = Partial<Record<StaffField, string>>

export type ParsedStaffForm =
  | { ok: true; fields: StaffFields; typed: StaffField[] }
  | { ok: false; errors: StaffErrors; typed: StaffField[] }

const LONGEST_MEMO = 2_000

/** How an order's fields stand in the boxes. */
export function staffValues(order: Order): Record<StaffField, string> {
  return {
    statusId: String(order.statusId),
    shipDate: order.shipDate?.replaceAll('-', '/') ?? '',
    carrier: order.carrier ?? '',
    trackingNumber: order.trackingNumber,
    memo: order.memo,
  }
}

/**
 * Reads the boxes. Only what differs from what the form showed counts as typed: the rest may have changed meanwhile.
 * @param values the boxes as sent; a box that was not sent is left out
 * @param shown the boxes as the form had shown them
 * @param today in the app's time zone; a day without a year is the nearest one to it
 */
export function parseStaffForm(
  values: StaffValues,
  shown: StaffValues,
  statuses: readonly OrderStatus[],
  today: Day,
): ParsedStaffForm {
  const typed = STAFF_FIELDS.filter((name) => values[name] !== undefined && !sameText(values[name], shown[name]))
  const errors: StaffErrors = {}
  const fields: StaffFields = {}
  for (const name of typed) {
    const text = values[name] ?? ''
    if (name === 'statusId') {
      const status = statuses.find(({ id }) => String(id) === text)
      if (status) fields.statusId = status.id
      else errors.statusId = '受注ステータスを一覧から選んでください。'
    } else if (name === 'shipDate') {
      const parsed = parseShipDate(text, today)
      if (parsed.ok) fields.shipDate = parsed.day
      else errors.shipDate = parsed.message
    } else if (name === 'carrier') {
      if (text === '' || isCarrier(text)) fields.carrier = text === '' ? null : text
      else errors.carrier = '配送業者を一覧から選んでください。'
    } else if (name === 'trackingNumber') {
      const numbers = parseTrackingNumbers(text)
      if (numbers.ok) fields.trackingNumber = numbers.numbers.join(' ')
      else errors.trackingNumber = numbers.message
    } else {
      const memo = text.replace(/\r\n?/g, '\n').trim()
      if ([...memo].length > LONGEST_MEMO) errors.memo = `メモは${LONGEST_MEMO}文字以内で入力してください。`
      else fields.memo = memo
    }
  }
  return Object.keys(errors).length > 0 ? { ok: false, errors, typed } : { ok: true, fields, typed }
}

/** Browsers send line breaks as CR LF. */
const sameText = (a: string | undefined, b: string | undefined) =>
  (a ?? '').replace(/\r\n?/g, '\n') === (b ?? '').replace(/\r\n?/g, '\n')

/**
 * A day as people type it: `2026/11/24`, `2026-11-24`, `20261124`, `2026年11月24日`, `11/24`, `今日`, `明日`, `昨日`; full-width too.
 * @returns `YYYY-MM-DD`, null for an empty box; or what is wrong, in Japanese
 */
export function parseShipDate(text: string, today: Day): ParsedShipDate {
  const normal = text.normalize('NFKC').replace(/\s/g, '')
  if (normal === '') return { ok: true, day: null }
  const near = { 今日: 0, 明日: 1, 昨日: -1 }[normal]
  if (near !== undefined) return { ok: true, day: addDays(today, near) }
  const full = /^(\d{4})(\d{2})(\d{2})$/.exec(normal) ?? /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(normal)
  if (full) return existing(`${full[1]}-${pad(full[2])}-${pad(full[3])}`)
  const short = /^(\d{1,2})[-/.月](\d{1,2})日?$/.exec(normal)
  if (short) return nearest(`${pad(short[1])}-${pad(short[2])}`, today)
  return { ok: false, message: '出荷日は 2026/11/24 か 11/24 の形で入力してください。' }
}

export type ParsedShipDate = { ok: true; day: Day | null } | { ok: false; message: string }

/** The year is chosen first: a 29 February that does not exist is a mistake and not the next one that does, years away. */
function nearest(monthAndDay: string, today: Day): ParsedShipDate {
  // In a leap year every day exists that exists in any: of the others no year needs to be told.
  if (!isDay(`${LEAP_YEAR}-${monthAndDay}`)) return notInCalendar(monthAndDay.replace(/0(?=\d)/g, ''))
  const year = Number(today.slice(0, 4))
  const [month = 0, day = 0] = monthAndDay.split('-').map(Number)
  // UTC counts a day too many as the first of the next month.
  const distance = (each: number) => Math.abs(Date.UTC(each, month - 1, day) - Date.parse(today))
  const [nearestYear] = [year, year - 1, year + 1].sort((a, b) => distance(a) - distance(b))
  return existing(`${nearestYear}-${monthAndDay}`)
}

const LEAP_YEAR = 2028
const SHIP_YEARS = { first: 2000, last: 9998 } as const

function existing(day: Day): ParsedShipDate {
  const year = Number(day.slice(0, 4))
  if (year < SHIP_YEARS.first || year > SHIP_YEARS.last) {
    return {
      ok: false,
      message: `出荷日の年を確かめてください（${year}年になっています）。${SHIP_YEARS.first}年から${SHIP_YEARS.last}年までの日付を入力できます。`,
    }
  }
  if (isDay(day)) return { ok: true, day }
  return notInCalendar(day)
}

function notInCalendar(day: string): ParsedShipDate {
  return {
    ok: false,
    message: `出荷日の ${day.replaceAll('-', '/')} は暦にありません。実在する日付を入力してください。`,
  }
}

const pad = (text = '') => text.padStart(2, '0')

/** What stands against the numbers, which may be right all the same; undefined when nothing does. */
export function numberWarning({ trackingNumber, carrier }: Pick<Order, 'trackingNumber' | 'carrier'>) {
  const faulty = (fault: NumberFault) =>
    numbersOf(trackingNumber).filter((number) => numberFault(number, carrier) === fault)
  const [length, digit] = [faulty('length'), faulty('check_digit')]
  const said: string[] = []
  if (length.length > 0) {
    const counted = length.map((number) => `${number} は${number.length}桁`).join('、')
    said.push(`桁数が違います（${counted}、${carrierName(carrier)}は${digitsInWords(carrier)}）。`)
  }
  if (digit.length > 0) said.push(`チェック桁が違います（${digit.join('、')}）。`)
  return said.length === 0 ? undefined : `${said.join('')}送り状の番号と見比べてください。`
}

/** The same of what stands in the boxes, also where it was not saved; a text that is no number has its own error. */
export function boxWarning({ trackingNumber = '', carrier = '' }: StaffValues) {
  const parsed = parseTrackingNumbers(trackingNumber)
  if (!parsed.ok) return undefined
  return numberWarning({ trackingNumber: parsed.numbers.join(' '), carrier: carrier === '' ? null : carrier })
}

/** One field of a conflict: what stands now, what was typed over an older state, both as people read them. */
export type Conflict = { field: StaffField; label: string; now: string; typed: string | undefined }

/**
 * Two people at one order: which fields were changed meanwhile, and which were typed here.
 * @param shown the boxes as this form had shown them
 */
export function conflictsOf(
  current: Order,
  shown: StaffValues,
  values: StaffValues,
  typed: readonly StaffField[],
  statuses: readonly OrderStatus[],
): Conflict[] {
  const now = staffValues(current)
  const words = (field: StaffField, text: string) => {
    if (field === 'statusId') return statuses.find(({ id }) => String(id) === text)?.name ?? text
    return (field === 'carrier' ? carrierName(text === '' ? null : text) : text) || '（空）'
  }
  return STAFF_FIELDS.filter(
    (field) => typed.includes(field) || (shown[field] !== undefined && !sameText(now[field], shown[field])),
  ).map((field) => ({
    field,
    label: STAFF_LABELS[field],
    now: words(field, now[field]),
    typed: typed.includes(field) ? words(field, values[field] ?? '') : undefined,
  }))
}

/**
 * The state that a form was made from, which it says again when it is sent. A refused form keeps its own: with the newest one, what
 * somebody else saved meanwhile would be written over by the corrected form without a word.
 */
export type AskedOf = { version: number; shown: StaffValues }

/** The same for a template. @param asked of the form that was refused, if it was */
export function askedOf(order: Order, asked?: AskedOf): { version: number; shown: string } {
  return { version: asked?.version ?? order.version, shown: JSON.stringify(asked?.shown ?? staffValues(order)) }
}
