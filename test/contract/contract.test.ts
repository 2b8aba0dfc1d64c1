import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  apiOption,
  type ContractEntry,
  canApply,
  entryText,
  FEES,
  parseContractForm,
  parseEndForm,
  withTax,
} from '../../src/contract/contract.ts'
import { addDays, dayOf } from '../../src/period.ts'

const entry = (values: Partial<ContractEntry>): ContractEntry => ({
  id: 1,
  at: 0,
  accountId: 1,
  event: 'recorded',
  startsOn: null,
  endsOn: null,
  contractNumber: 'A-1',
  note: '',
  ...values,
})
const inForceOn = (entries: readonly ContractEntry[], day: string) => apiOption(entries, day).inForce
const contract = (startsOn: string, endsOn: string | null = null) => entry({ startsOn, endsOn })
const applied = entry({ event: 'applied', at: 500, contractNumber: '' })
const withdrawn = entry({ event: 'withdrawn', at: 600, contractNumber: '' })

test.each([
  ['nothing', [], '2026-11-24', 'none', '未契約', false],
  ['an application', [applied], '2026-11-24', 'applied', '申込中', false],
  ['an application taken back', [applied, withdrawn], '2026-11-24', 'none', '未契約', false],
  ['the day before its start', [contract('2026-12-01')], '2026-11-30', 'active', '契約中（2026/12/01 から）', false],
  ['the day of its start', [contract('2026-12-01')], '2026-12-01', 'active', '契約中', true],
  ['long after its start', [contract('2026-12-01')], '2031-01-01', 'active', '契約中', true],
  ['an end in the future', [contract('2026-01-01', '2026-12-31')], '2026-11-24', 'ending', '終了予定', true],
  ['the last day', [contract('2026-01-01', '2026-11-30')], '2026-11-30', 'ending', '終了予定', true],
  ['the day after its end', [contract('2026-01-01', '2026-11-30')], '2026-12-01', 'ended', '終了', false],
  ['the end of February', [contract('2026-01-31', '2026-02-28')], '2026-02-28', 'ending', '終了予定', true],
  ['after February', [contract('2026-01-31', '2026-02-28')], '2026-03-01', 'ended', '終了', false],
  ['a leap day', [contract('2028-01-01', '2028-02-29')], '2028-02-29', 'ending', '終了予定', true],
  ['after a leap day', [contract('2028-01-01', '2028-02-29')], '2028-03-01', 'ended', '終了', false],
  ['the turn of the year', [contract('2026-01-01', '2026-12-31')], '2027-01-01', 'ended', '終了', false],
  ['one day only', [contract('2026-11-24', '2026-11-24')], '2026-11-24', 'ending', '終了予定', true],
  [
    'both ends ahead',
    [contract('2026-12-01', '2026-12-31')],
    '2026-11-24',
    'active',
    '契約中（2026/12/01 から）',
    false,
  ],
  [
    'a new application after the end',
    [contract('2026-01-01', '2026-03-31'), applied],
    '2026-11-24',
    'applied',
    '申込中',
    false,
  ],
  ['an application while in force', [contract('2026-01-01'), applied], '2026-11-24', 'active', '契約中', true],
  ['an application that was recorded', [applied, contract('2026-11-01')], '2026-11-24', 'active', '契約中', true],
  [
    'the newest of two records',
    [contract('2026-01-01'), contract('2027-01-01')],
    '2026-11-24',
    'active',
    '契約中（2027/01/01 から）',
    false,
  ],
] as const)('%s', (_, entries, today, state, label, isInForce) => {
  expect(apiOption(entries, today)).toMatchObject({ state, label, inForce: isInForce })
})

test('a day ends at midnight of the app’s time zone', () => {
  const entries = [contract('2026-01-01', '2026-11-30')]
  const at = (iso: string, timeZone: string) => inForceOn(entries, dayOf(Date.parse(iso), timeZone))
  expect(at('2026-11-30T14:59:59.999Z', 'Asia/Tokyo')).toBe(true)
  expect(at('2026-11-30T15:00:00Z', 'Asia/Tokyo')).toBe(false)
  expect(at('2026-11-30T15:00:00Z', 'UTC')).toBe(true)
  expect(at('2026-12-01T00:00:00Z', 'UTC')).toBe(false)
  expect(at('2026-12-01T07:59:59Z', 'America/Los_Angeles')).toBe(true)
  const starts = [contract('2026-11-24')]
  expect(inForceOn(starts, dayOf(Date.parse('2026-11-23T14:59:59.999Z'), 'Asia/Tokyo'))).toBe(false)
  expect(inForceOn(starts, dayOf(Date.parse('2026-11-23T15:00:00Z'), 'Asia/Tokyo'))).toBe(true)
})

test('it is in force on exactly the days from its start to its end, both included', () => {
  const offset = fc.integer({ min: 0, max: 800 })
  fc.assert(
    fc.property(offset, offset, fc.integer({ min: -800, max: 1_600 }), (start, length, day) => {
      const startsOn = addDays('2026-01-31', start)
      const entries = [contract(startsOn, addDays(startsOn, length))]
      expect(inForceOn(entries, addDays(startsOn, day))).toBe(day >= 0 && day <= length)
    }),
  )
})

test('「申し込む」 is there while nothing is in force, ahead or asked for', () => {
  const may = (...entries: ContractEntry[]) => canApply(apiOption(entries, '2026-11-24'))
  expect([may(), may(applied), may(applied, withdrawn), may(contract('2026-01-01', '2026-06-30'))]).toEqual([
    true,
    false,
    true,
    true,
  ])
  expect([may(contract('2026-01-01')), may(contract('2026-01-01', '2026-12-31')), may(contract('2027-01-01'))]).toEqual(
    [false, false, false],
  )
})

test('the fees are 10,000 and 5,000 yen without tax, 11,000 and 5,500 with', () => {
  expect([FEES.initial, FEES.monthly]).toEqual([10_000, 5_000])
  expect([withTax(FEES.initial), withTax(FEES.monthly)]).toEqual([11_000, 5_500])
})

const typed = { startsOn: '2026-12-01', endsOn: '', contractNumber: 'A-1', note: '' }

test('dates are taken as people type them', () => {
  expect(parseContractForm({ ...typed, startsOn: '２０２６/12/1', endsOn: '2027年3月31日', note: ' 電話 ' })).toEqual({
    ok: true,
    value: { startsOn: '2026-12-01', endsOn: '2027-03-31', contractNumber: 'A-1', note: '電話' },
  })
  expect(parseContractForm(typed)).toMatchObject({ ok: true, value: { endsOn: null } })
})

test.each([
  [{ startsOn: '' }, 'startsOn', '開始日を'],
  [{ startsOn: '2026-02-30' }, 'startsOn', '開始日を'],
  [{ endsOn: '2026-11-30' }, 'endsOn', '開始日（2026/12/01）以降'],
  [{ endsOn: 'いつか' }, 'endsOn', '終了日を'],
  [{ contractNumber: ' ' }, 'contractNumber', '契約番号を'],
  [{ contractNumber: 'x'.repeat(101) }, 'contractNumber', '100文字'],
  [{ note: 'あ'.repeat(501) }, 'note', '500文字'],
])('%o is refused beside its field', (wrong, name, message) => {
  const form = parseContractForm({ ...typed, ...wrong })
  expect(form).toMatchObject({ ok: false, errors: { [name]: expect.stringContaining(message) } })
})

test('a contract may end on the day on which it starts, and not before', () => {
  expect(parseEndForm('2026-12-01', '2026-12-01')).toEqual({ ok: true, value: '2026-12-01' })
  expect(parseEndForm('2026-11-30', '2026-12-01')).toMatchObject({ ok: false, value: '2026-11-30' })
  expect(parseEndForm('', '2026-12-01')).toMatchObject({ ok: false, error: expect.stringContaining('終了日を') })
})

test('each change reads as one line', () => {
  expect(entryText(applied)).toBe('申し込み')
  expect(entryText(withdrawn)).toBe('申し込みの取り下げ')
  expect(entryText(contract('2026-12-01'))).toBe('契約を記録: 2026/12/01 〜 期限なし')
  expect(entryText(contract('2026-12-01', '2027-03-31'))).toBe('契約を記録: 2026/12/01 〜 2027/03/31')
})
