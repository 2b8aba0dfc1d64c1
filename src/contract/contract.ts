import type { contractEntries } from '../db/schema.ts'
import { type Day, isDay } from '../period.ts'

/** One change of the contract, as stored. Days are in the app's time zone. */
export type ContractEntry = typeof contractEntries.$inferSelect

export type ApiOptionState = 'none' | 'applied' | 'active' | 'ending' | 'ended'

export const API_OPTION_LABELS: Readonly<Record<ApiOptionState, string>> = {
  none: '未契約',
  applied: '申込中',
  active: '契約中',
  ending: '終了予定',
  ended: '終了',
}

/** Fees in yen without tax, and the consumption tax on them in percent. */
export const FEES = { initial: 10_000, monthly: 5_000, taxPercent: 10 } as const

/** A fee with tax, in yen: 10,000 -> 11,000. */
export const withTax = (yen: number): number => yen + Math.floor((yen * FEES.taxPercent) / 100)

/** How the APIオプション stands on one day. */
export type ApiOption = {
  state: ApiOptionState
  /** The state in words; a start in the future says from when. */
  label: string
  /** Automatic export may run today. */
  inForce: boolean
  startsOn?: Day | undefined
  /** The last day on which it is in force. */
  endsOn?: Day | undefined
  contractNumber?: string | undefined
  /** When 「申し込む」 was sent (ms UTC), while that waits to be recorded; also while a contract is ending. */
  appliedAt?: number | undefined
}

/**
 * The state of the APIオプション on a day. The newest record is the contract; an application beside it changes nothing that is in force.
 * @param entries all changes, oldest first
 * @param today in the app's time zone
 */
export function apiOption(entries: readonly ContractEntry[], today: Day): ApiOption {
  const contract = entries.findLast((entry) => entry.event === 'recorded')
  const newest = entries.at(-1)
  const appliedAt = newest?.event === 'applied' ? newest.at : undefined
  if (!contract || contract.startsOn === null) {
    return of(appliedAt === undefined ? 'none' : 'applied', { inForce: false, appliedAt })
  }
  const known = {
    startsOn: contract.startsOn,
    endsOn: contract.endsOn ?? undefined,
    contractNumber: contract.contractNumber,
    appliedAt,
  }
  if (contract.endsOn !== null && contract.endsOn < today) {
    return of(appliedAt === undefined ? 'ended' : 'applied', { ...known, inForce: false })
  }
  if (contract.startsOn > today) {
    const label = `${API_OPTION_LABELS.active}（${slashed(contract.startsOn)} から）`
    return { ...of('active', { ...known, inForce: false }), label }
  }
  return of(contract.endsOn === null ? 'active' : 'ending', { ...known, inForce: true })
}

const of = (state: ApiOptionState, rest: Omit<ApiOption, 'state' | 'label'>): ApiOption => ({
  state,
  label: API_OPTION_LABELS[state],
  ...rest,
})

const slashed = (day: Day): string => day.replaceAll('-', '/')

/** 「申し込む」 makes sense: nothing is in force or about to be, and no application waits. */
export const canApply = (option: ApiOption): boolean => option.state === 'none' || option.state === 'ended'

/** What 管理者 records: the contract as the merchant agreed it. */
export type ContractTerms = { startsOn: Day; endsOn: Day | null; contractNumber: string; note: string }
export type ContractFormValues = { startsOn: string; endsOn: string; contractNumber: string; note: string }
export type FormErrors = Partial<Record<keyof ContractFormValues, string>>

type Parsed<T> = { ok: true; value: T } | { ok: false; errors: FormErrors; values: ContractFormValues }

const MAX_NUMBER = 100
const MAX_NOTE = 500

/** A day as typed: full width, slashes and single digits are taken too. */
const dayAsTyped = (text: string): string =>
  text
    .normalize('NFKC')
    .trim()
    .replace(/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/, (_, y: string, m: string, d: string) =>
      [y, m.padStart(2, '0'), d.padStart(2, '0')].join('-'),
    )

/** Reads the form of 「契約を記録」; all messages at once, by field. */
export function parseContractForm(typed: ContractFormValues): Parsed<ContractTerms> {
  const values: ContractFormValues = {
    startsOn: dayAsTyped(typed.startsOn),
    endsOn: dayAsTyped(typed.endsOn),
    contractNumber: typed.contractNumber.normalize('NFKC').trim(),
    note: typed.note.trim(),
  }
  const errors: FormErrors = {}
  if (!isDay(values.startsOn)) errors.startsOn = '開始日を 2026/12/01 の形で入力してください。'
  const endFault = endDayFault(values.endsOn, values.startsOn)
  if (values.endsOn !== '' && endFault) errors.endsOn = endFault
  if (values.contractNumber === '') errors.contractNumber = '契約番号を入力してください。'
  if ([...values.contractNumber].length > MAX_NUMBER) {
    errors.contractNumber = `契約番号は${MAX_NUMBER}文字までで入力してください。`
  }
  if ([...values.note].length > MAX_NOTE) errors.note = `メモは${MAX_NOTE}文字までで入力してください。`
  if (Object.keys(errors).length > 0) return { ok: false, errors, values }
  return { ok: true, value: { ...values, endsOn: values.endsOn === '' ? null : values.endsOn } }
}

/** Reads the form of 「契約を終了」. @param startsOn of the contract that is to end */
export function parseEndForm(
  typedDay: string,
  startsOn: Day,
): { ok: true; value: Day } | { ok: false; error: string; value: string } {
  const value = dayAsTyped(typedDay)
  const error = endDayFault(value, startsOn)
  return error === undefined ? { ok: true, value } : { ok: false, error, value }
}

function endDayFault(day: string, startsOn: string): string | undefined {
  if (!isDay(day)) return '終了日を 2027/03/31 の形で入力してください。'
  if (isDay(startsOn) && day < startsOn) return `終了日は開始日（${slashed(startsOn)}）以降にしてください。`
  return undefined
}

/** One line of the history: what was done. */
export function entryText(entry: ContractEntry): string {
  if (entry.event === 'applied') return '申し込み'
  if (entry.event === 'withdrawn') return '申し込みの取り下げ'
  const from = entry.startsOn === null ? '' : slashed(entry.startsOn)
  const to = entry.endsOn === null ? '期限なし' : slashed(entry.endsOn)
  return `契約を記録: ${from} 〜 ${to}`
}
