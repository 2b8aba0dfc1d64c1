/** What 受注一覧 shows: its tabs, search box, filters and place, all in the address. */
import { addDays, isDay, startOfDay } from '../period.ts'
import { CARRIERS, isCarrier } from './carriers.ts'
import { EXPORT_LABELS, type ExportKey } from './export-status.ts'
import { queryWords } from './search.ts'

/** The filter as typed: what goes back into the form and into links. */
export type ListValues = Record<(typeof NAMES)[number], string>

const NAMES = ['tab', 'q', 'from', 'to', 'shop', 'carrier', 'export', 'number', 'todo'] as const

/** `from` and `to` are ms UTC, `to` excluded. */
export type ListFilter = {
  /** A status, everything, or what a person must look at. */
  tab: { statusId: number } | 'all' | 'attention'
  /** Words that must all be there, each in one of its spellings. */
  words: string[][]
  from?: number | undefined
  to?: number | undefined
  shopId?: number | undefined
  /** Our carrier id, or null: not chosen. */
  carrier?: string | null | undefined
  exportKey?: ExportKey | undefined
  hasNumber?: boolean | undefined
  /** ホーム's numbers: `ship` 発送待ち, `number` 伝票番号待ち. */
  todo?: 'ship' | 'number' | undefined
}

export type ListCursor = { orderedAt: number; id: number; direction: 'next' | 'previous' }

export type ParsedList = {
  values: ListValues
  /** Japanese messages by field; the filter ignores those fields. */
  errors: Partial<Record<keyof ListValues, string>>
  filter: ListFilter
  cursor: ListCursor | undefined
}

const LONGEST_QUERY = 200

/**
 * Reads the query of the list's address.
 * @param query an object of strings; anything else in it counts as empty. Days are `YYYY-MM-DD` (or with slashes) in `timeZone`
 */
export function parseList(query: unknown, timeZone: string): ParsedList {
  const values: ListValues = {
    tab: '',
    q: '',
    from: '',
    to: '',
    shop: '',
    carrier: '',
    export: '',
    number: '',
    todo: '',
  }
  for (const name of NAMES) values[name] = textOf(query, name)
  values.q = values.q.slice(0, LONGEST_QUERY)
  const errors: ParsedList['errors'] = {}
  for (const name of ['from', 'to'] as const) {
    const day = values[name].replaceAll('/', '-')
    // What is no day goes back into its box as it was typed.
    if (isDay(day)) values[name] = day
    else if (values[name] !== '') errors[name] = '日付を 2026/11/24 の形で入力してください。'
  }
  if (!errors.from && !errors.to && values.from !== '' && values.to !== '' && values.from > values.to) {
    errors.to = '終わりの日を始まりの日以降にしてください。'
  }
  const filter: ListFilter = {
    tab: tabOf(values.tab),
    words: queryWords(values.q),
    from: values.from !== '' && !errors.from ? startOfDay(values.from, timeZone) : undefined,
    to: values.to !== '' && !errors.to ? startOfDay(addDays(values.to, 1), timeZone) : undefined,
    shopId: /^\d{1,9}$/.test(values.shop) ? Number(values.shop) : undefined,
    carrier: values.carrier === 'none' ? null : isCarrier(values.carrier) ? values.carrier : undefined,
    exportKey: Object.keys(EXPORT_LABELS).find((key): key is ExportKey => key === values.export),
    hasNumber: values.number === 'yes' ? true : values.number === 'no' ? false : undefined,
    todo: values.todo === 'ship' || values.todo === 'number' ? values.todo : undefined,
  }
  return { values, errors, filter, cursor: cursorOf(query) }
}

function tabOf(text: string): ListFilter['tab'] {
  if (text === 'attention') return 'attention'
  return /^\d{1,9}$/.test(text) ? { statusId: Number(text) } : 'all'
}

function cursorOf(query: unknown): ListCursor | undefined {
  for (const [name, direction] of [
    ['after', 'next'],
    ['before', 'previous'],
  ] as const) {
    const parts = /^(-?\d{1,15})\.(\d{1,15})$/.exec(textOf(query, name))
    if (parts) return { orderedAt: Number(parts[1]), id: Number(parts[2]), direction }
  }
  return undefined
}

/** The address of the list with these values and, where one is given, a place in it. */
export function listHref(values: Partial<ListValues>, cursor?: ListCursor): string {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''))
  if (cursor) query.set(cursor.direction === 'next' ? 'after' : 'before', `${cursor.orderedAt}.${cursor.id}`)
  const text = query.toString()
  return text === '' ? '/orders' : `/orders?${text}`
}

/** true where anything but the tab narrows the list. */
export function isNarrowed(values: ListValues): boolean {
  return NAMES.some((name) => name !== 'tab' && values[name] !== '')
}

/** The choices of the filter form's lists, by field: `[value, label]`. */
export const FILTER_CHOICES = {
  carrier: [['none', '未選択'], ...CARRIERS.map(({ id, name }) => [id, name])],
  export: Object.entries(EXPORT_LABELS),
  number: [
    ['yes', 'あり'],
    ['no', 'なし'],
  ],
}

function textOf(query: unknown, name: string): string {
  if (typeof query !== 'object' || query === null || !Object.hasOwn(query, name)) return ''
  const value: unknown = Reflect.get(query, name)
  return typeof value === 'string' ? value.trim() : ''
}
