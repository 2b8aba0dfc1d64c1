import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import {
  addDays,
  ago,
  dayOf,
  formatDateTime,
  formatDuration,
  fromLocalInput,
  isDay,
  lastDays,
  startOfDay,
} from '../src/period.ts'

const TOKYO = 'Asia/Tokyo'

test('a day begins at midnight of the zone, not of UTC', () => {
  expect(dayOf(Date.parse('2026-11-23T14:59:59.999Z'), TOKYO)).toBe('2026-11-23')
  expect(dayOf(Date.parse('2026-11-23T15:00:00Z'), TOKYO)).toBe('2026-11-24')
  expect(startOfDay('2026-11-24', TOKYO)).toBe(Date.parse('2026-11-23T15:00:00Z'))
})

test('days are counted over month ends and leap years', () => {
  expect(addDays('2026-03-01', -1)).toBe('2026-02-28')
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
})

test('days are those of Temporal, in zones with and without summer time', () => {
  const instant = fc.integer({ min: Date.parse('1970-01-02T00:00:00Z'), max: Date.parse('2199-12-31T00:00:00Z') })
  const zone = fc.constantFrom(TOKYO, 'UTC', 'America/New_York', 'Pacific/Chatham', 'Pacific/Apia')
  fc.assert(
    fc.property(instant, zone, fc.integer({ min: -800, max: 800 }), (at, timeZone, days) => {
      const there = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate()
      const day = dayOf(at, timeZone)
      expect(day).toBe(there.toString())
      expect(addDays(day, days)).toBe(there.add({ days }).toString())
    }),
  )
})

test('only existing days written in full are days', () => {
  expect(isDay('2026-11-24')).toBe(true)
  for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '20261124', '', 'today']) expect(isDay(text)).toBe(false)
})

test('a day so far out that one cannot count on from it is none', () => {
  for (const text of ['1970-01-01', '9998-12-31']) expect(isDay(text)).toBe(true)
  for (const text of ['0000-01-01', '1969-12-31', '9999-01-01', '9999-12-31']) expect(isDay(text)).toBe(false)
  expect(startOfDay(addDays('9998-12-31', 1), TOKYO)).toBe(Date.parse('9998-12-31T15:00:00Z'))
  for (const text of ['0001/01/01 00:00', '9999/12/31 23:59:59']) expect(fromLocalInput(text, TOKYO)).toBeUndefined()
})

test('the fetch days are N times 24 hours', () => {
  const now = new Date('2026-11-24T00:31:50Z')
  expect(lastDays(3, now)).toEqual({ from: now.getTime() - 3 * 86_400_000, to: now.getTime() })
})

test('what a page shows as a time can be typed back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      const at = seconds * 1000
      expect(fromLocalInput(formatDateTime(at, TOKYO), TOKYO)).toBe(at)
    }),
  )
})

test('times typed by hand are read in their usual spellings, and others refused', () => {
  const at = Date.parse('2026-11-24T00:31:00Z')
  expect(fromLocalInput('2026/11/24 9:31', TOKYO)).toBe(at)
  expect(fromLocalInput('２０２６／１１／２４　０９：３１', TOKYO)).toBe(at)
  for (const text of ['', '2026-11-24', '11/24 09:31', '2026/02/30 09:31', '2026/11/24 25:00', 'now']) {
    expect(fromLocalInput(text, TOKYO)).toBeUndefined()
  }
})

test('ages and durations read as people say them and are never negative', () => {
  expect(ago(0, 59_000)).toBe('0分前')
  expect(ago(0, 61 * 60_000)).toBe('1時間前')
  expect(ago(0, 49 * 3_600_000)).toBe('2日前')
  expect(ago(10_000, 0)).toBe('0分前')
  expect(formatDuration(4_240)).toBe('4.2秒')
  expect(formatDuration(192_000)).toBe('3分12秒')
  expect(formatDuration(3_900_000)).toBe('1時間05分')
  expect(formatDuration(-5)).toBe('0.0秒')
})
