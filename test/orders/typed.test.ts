import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numberWarning, parseShipDate, parseStaffForm } from '../../src/orders/staff-form.ts'
import { parseStatusName } from '../../src/orders/status.ts'
import { checkDigitOk, parseTrackingNumbers } from '../../src/orders/tracking.ts'

const numbers = (text: string) => {
  const parsed = parseTrackingNumbers(text)
  return parsed.ok ? parsed.numbers : parsed.message
}

describe('お荷物伝票番号', () => {
  test.each([
    ['', []],
    ['  ', []],
    ['123456789012', ['123456789012']],
    ['1234-5678-9012', ['123456789012']],
    ['1234 5678 9012', ['123456789012']],
    ['１２３４－５６７８－９０１２', ['123456789012']],
    ['1234ー5678ー9012', ['123456789012']],
    ['1234−5678–9012', ['123456789012']],
    ['123456789012, 123456789023', ['123456789012', '123456789023']],
    ['123456789012、123456789023', ['123456789012', '123456789023']],
    ['123456789012 123456789023', ['123456789012', '123456789023']],
    ['123456789012\r\n123456789023\n', ['123456789012', '123456789023']],
    ['1234 5678 9012 1234 5678 9023', ['123456789012', '123456789023']],
    ['123456789012,123456789012', ['123456789012']],
    ['a123456789012a', ['123456789012']],
    ['ex123456785jp', ['EX123456785JP']],
    ['\ufeff1234-5678-9012\u200b', ['123456789012']],
    ['1234\u00ad5678\u20609012', ['123456789012']],
    ['123456789012\u200b \u202a123456789023\u202c', ['123456789012', '123456789023']],
    ['\u200b', []],
  ])('%j is read as %j', (text, expected) => expect(numbers(text)).toEqual(expected))

  test.each([
    ['伝票あり', '使えない文字'],
    ['1234<script>', '使えない文字'],
    ['123', '4〜30文字'],
    ['ー', '番号がありません'],
    [' ‐、 − ', '番号がありません'],
    ['1'.repeat(31), '31文字です'],
    [Array.from({ length: 11 }, (_, at) => 10_000 + at).join(','), '10個まで'],
  ])('%s is refused in words', (text, message) => expect(numbers(text)).toContain(message))

  test('whatever is typed, what is kept is half-width letters and digits, and reading it again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const parsed = parseTrackingNumbers(text)
        if (!parsed.ok) return
        for (const number of parsed.numbers) expect(number).toMatch(/^[0-9A-Z]{4,30}$/)
        if (parsed.numbers.every((number) => number.length > 5))
          expect(numbers(parsed.numbers.join(' '))).toEqual(parsed.numbers)
      }),
    )
  })

  test('the last digit is the rest of the others by seven, for the carriers that number so', () => {
    expect(checkDigitOk('123456789010')).toBe(12345678901 % 7 === 0)
    expect(checkDigitOk(`12345678901${12345678901 % 7}`)).toBe(true)
    expect(checkDigitOk(`12345678901${(12345678901 + 1) % 7}`)).toBe(false)
    expect(checkDigitOk('123456789019', 'yamato')).toBe(false)
    expect(checkDigitOk('123456789019', 'fukutsu')).toBe(true)
    expect(checkDigitOk('EX123456785JP')).toBe(true)
    expect(numberWarning({ trackingNumber: '123456789019', carrier: 'yamato' })).toContain('123456789019')
    expect(numberWarning({ trackingNumber: '', carrier: null })).toBeUndefined()
  })

  test.each([
    ['4912', 'yamato', '桁数が違います（4912 は4桁、ヤマト運輸は12桁）'],
    ['4000000010044', 'sagawa', '桁数が違います（4000000010044 は13桁、佐川急便は12桁）'],
    ['12345678903', 'yamato', '桁数が違います（12345678903 は11桁、ヤマト運輸は12桁）'],
    ['4912', 'jpost', '桁数が違います（4912 は4桁、日本郵便は11桁か12桁）'],
  ])('%s is no number of %s: too short or too long', (trackingNumber, carrier, words) => {
    expect(numberWarning({ trackingNumber, carrier })).toBe(`${words}。送り状の番号と見比べてください。`)
  })

  test.each([
    ['4912', 'seino'],
    ['4912', null],
    ['EX123456785JP', 'jpost'],
    [`1234567890${1234567890 % 7}`, 'jpost'],
  ])('%s of %s may be right', (trackingNumber, carrier) => {
    expect(numberWarning({ trackingNumber, carrier })).toBeUndefined()
  })

  test('several numbers are warned of by what is wrong with each', () => {
    expect(numberWarning({ trackingNumber: '4912 123456789019 4913', carrier: 'yamato' })).toBe(
      '桁数が違います（4912 は4桁、4913 は4桁、ヤマト運輸は12桁）。チェック桁が違います（123456789019）。送り状の番号と見比べてください。',
    )
  })
})

describe('出荷日', () => {
  const today = '2026-11-24'
  const day = (text: string, now = today) => {
    const parsed = parseShipDate(text, now)
    return parsed.ok ? parsed.day : parsed.message
  }
  test.each([
    ['2026/11/24', '2026-11-24'],
    ['2026-11-24', '2026-11-24'],
    ['20261124', '2026-11-24'],
    ['２０２６年１１月４日', '2026-11-04'],
    ['11/24', '2026-11-24'],
    ['１１／２５', '2026-11-25'],
    ['1/5', '2027-01-05'],
    ['今日', '2026-11-24'],
    ['明日', '2026-11-25'],
    ['', null],
    [' ', null],
  ])('%j is %j', (text, expected) => expect(day(text)).toBe(expected))

  test('a day of the old year typed in January is of the old year', () => {
    expect(day('12/28', '2027-01-03')).toBe('2026-12-28')
  })

  test('a day without a year is of the nearest year, also where it does not exist there', () => {
    expect(day('2/29', '2028-01-10')).toBe('2028-02-29')
    expect(day('2/29', '2027-07-01')).toContain('2027/02/29 は暦にありません')
    expect(day('2/29', '2028-11-24')).toContain('2029/02/29 は暦にありません')
  })

  test.each([
    ['2026/02/30', '2026/02/30 は暦にありません'],
    ['2026/13/1', '2026/13/01 は暦にありません'],
    ['2/29', '暦にありません'],
    ['13/1', '出荷日の 13/1 は暦にありません'],
    ['99/99', '出荷日の 99/99 は暦にありません'],
    ['2月30日', '出荷日の 2/30 は暦にありません'],
    ['1124', '2026/11/24 か 11/24 の形で'],
    ['あした', '2026/11/24 か 11/24 の形で'],
    ['2026/11/24 10:00', '2026/11/24 か 11/24 の形で'],
    ['0', '2026/11/24 か 11/24 の形で'],
    ['1999/1/1', '1999年'],
    ['9999/12/31', '9999年'],
  ])('%s is refused, and the message says what is wrong with it', (text, message) =>
    expect(day(text)).toContain(message),
  )
})

test('only boxes that differ from what was shown count as typed', () => {
  const statuses = [{ id: 1, name: '新規受付', role: 'new' as const, position: 1 }]
  const shown = { statusId: '1', shipDate: '2026/11/24', carrier: '', trackingNumber: '', memo: 'a\nb' }
  const parsed = parseStaffForm({ ...shown, memo: 'a\r\nb', carrier: 'yamato' }, shown, statuses, '2026-11-24')
  expect(parsed).toEqual({ ok: true, fields: { carrier: 'yamato' }, typed: ['carrier'] })
})

test('every wrong box has its own message', () => {
  const parsed = parseStaffForm(
    { statusId: '99', shipDate: '31/31', carrier: 'hermes', trackingNumber: '★', memo: 'x'.repeat(2001) },
    {},
    [],
    '2026-11-24',
  )
  expect(parsed.ok ? [] : Object.keys(parsed.errors)).toEqual([
    'statusId',
    'shipDate',
    'carrier',
    'trackingNumber',
    'memo',
  ])
})

test('a status name is neither empty nor long nor taken, whatever its width and case', () => {
  expect(parseStatusName('  出荷 待ち ', [])).toEqual({ ok: true, name: '出荷 待ち' })
  expect(parseStatusName(' ', [])).toMatchObject({ ok: false })
  expect(parseStatusName('あ'.repeat(21), [])).toMatchObject({ ok: false })
  expect(parseStatusName('ＶＩＰ', ['vip'])).toMatchObject({
    ok: false,
    message: expect.stringContaining('すでにあります'),
  })
})

test.each(['すべて', '要確認', ' 要確認 ', '要\u200b確認'])(
  'a status cannot be named %j as a fixed tab of 受注一覧 is',
  (name) => {
    expect(parseStatusName(name, [])).toMatchObject({
      ok: false,
      message: expect.stringContaining('受注一覧のタブの名前'),
    })
  },
)
