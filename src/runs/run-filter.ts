import { addDays, isDay, startOfDay } from '../period.ts'
import {
  KIND_LABELS,
  OUTCOME_LABELS,
  type RunKind,
  type RunOutcome,
  type RunState,
  STATE_LABELS,
  TRIGGER_LABELS,
} from './run.ts'

/** 手動/自動, as a person chooses it. */
export const TRIGGER_CHOICES = { manual: TRIGGER_LABELS.manual, schedule: TRIGGER_LABELS.schedule }

/** Which runs 自動処理ログ shows. `from` and `to` are ms UTC, `to` excluded. */
export type RunFilter = {
  kind?: RunKind | undefined
  /** 自動 holds what was picked up again too. */
  trigger?: keyof typeof TRIGGER_CHOICES | undefined
  state?: RunState | undefined
  shopId?: number | undefined
  from?: number | undefined
  to?: number | undefined
}

/** The filter form as typed: what goes back into its fields and into links. */
export type RunFilterValues = { kind: string; trigger: string; state: string; shop: string; from: string; to: string }

export type ParsedRunFilter = {
  values: RunFilterValues
  /** Japanese messages by field; while there are any, `filter` is not to be used. */
  errors: Partial<Record<keyof RunFilterValues, string>>
  filter: RunFilter
}

const oneOf = <K extends string>(labels: Readonly<Record<K, string>>, text: string): K | undefined =>
  Object.keys(labels).find((key): key is K => key === text)

/**
 * Reads the query of the filter form.
 * @param query an object of strings; anything else in it counts as empty. Days are `YYYY-MM-DD` (or with slashes) in `timeZone`
 */
export function parseRunFilter(query: unknown, timeZone: string): ParsedRunFilter {
  const values: RunFilterValues = {
    kind: textOf(query, 'kind'),
    trigger: textOf(query, 'trigger'),
    state: textOf(query, 'state'),
    shop: textOf(query, 'shop'),
    from: textOf(query, 'from'),
    to: textOf(query, 'to'),
  }
  const errors: ParsedRunFilter['errors'] = {}
  const filter: RunFilter = {
    kind: oneOf(KIND_LABELS, values.kind),
    trigger: oneOf(TRIGGER_CHOICES, values.trigger),
    state: oneOf(STATE_LABELS, values.state),
    shopId: /^\d{1,9}$/.test(values.shop) ? Number(values.shop) : undefined,
  }
  for (const name of ['kind', 'trigger', 'state'] as const) {
    if (values[name] !== '' && filter[name] === undefined) errors[name] = '一覧から選んでください。'
  }
  if (values.shop !== '' && filter.shopId === undefined) errors.shop = '一覧から選んでください。'
  for (const name of ['from', 'to'] as const) {
    const day = values[name].replaceAll('/', '-')
    // What is no day goes back into its box as it was typed.
    if (isDay(day)) values[name] = day
    else if (values[name] !== '') errors[name] = '日付を 2026/11/24 の形で入力してください。'
  }
  if (errors.from !== undefined || errors.to !== undefined) return { values, errors, filter }
  if (values.from !== '' && values.to !== '' && values.from > values.to) {
    errors.to = '終わりの日を始まりの日以降にしてください。'
    return { values, errors, filter }
  }
  if (values.from !== '') filter.from = startOfDay(values.from, timeZone)
  if (values.to !== '') filter.to = startOfDay(addDays(values.to, 1), timeZone)
  return { values, errors, filter }
}

function textOf(query: unknown, name: string): string {
  if (typeof query !== 'object' || query === null || !Object.hasOwn(query, name)) return ''
  const value: unknown = Reflect.get(query, name)
  return typeof value === 'string' ? value.normalize('NFKC').trim() : ''
}

/** The filter as a query string without the empty fields, plus whatever a link adds; '' or `?…`. */
export function filterQuery(values: RunFilterValues, more: Record<string, string> = {}): string {
  const entries = Object.entries({ ...values, ...more }).filter(([, value]) => value !== '')
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`
}

/** The last row of a page: the next page begins below it, however many rows have come in on top. */
export type RunCursor = { startedAt: number; id: number }

export const cursorText = (cursor: RunCursor): string => `${cursor.startedAt}.${cursor.id}`

/** The cursor of a link, undefined where the text is none. */
export function parseCursor(query: unknown): RunCursor | undefined {
  const parts = /^(\d{1,15})\.(\d{1,15})$/.exec(textOf(query, 'before'))
  return parts ? { startedAt: Number(parts[1]), id: Number(parts[2]) } : undefined
}

/** Which items of one run: of one outcome only, and below which item the page begins. */
export function parseItemQuery(query: unknown): { outcome: RunOutcome | undefined; afterId: number } {
  const after = textOf(query, 'after')
  return {
    outcome: oneOf(OUTCOME_LABELS, textOf(query, 'outcome')),
    afterId: /^\d{1,15}$/.test(after) ? Number(after) : 0,
  }
}

/** Ids of runs that a page watches, `3,17`: at most twenty. */
export function parseWatched(query: unknown): number[] {
  return textOf(query, 'watch')
    .split(',')
    .filter((part) => /^\d{1,15}$/.test(part))
    .slice(0, 20)
    .map(Number)
}
