import { expect, test } from 'vitest'
import { lastImportLine } from '../../src/operations/last-import.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE
const words = (at: number) => `${(NOW - at) / MINUTE}分前`
const job = (minutesAgo: number | undefined, values = {}) => ({
  auto: true,
  everyMinutes: 10,
  lastSuccessAt: minutesAgo === undefined ? undefined : NOW - minutesAgo * MINUTE,
  settingsSavedAt: NOW - 900 * MINUTE,
  ...values,
})

test('without a shop there is no line', () => {
  expect(lastImportLine([], NOW, words)).toBeUndefined()
})

test('the newest import counts while every shop is in time', () => {
  expect(lastImportLine([job(12), job(3)], NOW, words)).toEqual({ text: '最後の取込: 3分前', late: false })
})

test('after three intervals without a success the line turns red and speaks of the shop that is late', () => {
  expect(lastImportLine([job(30)], NOW, words)?.late).toBe(false)
  expect(lastImportLine([job(31), job(3)], NOW, words)).toEqual({ text: '最後の取込: 31分前', late: true })
})

test('a shop without 自動取得 is never late, and one just switched on is not late yet', () => {
  expect(lastImportLine([job(500, { auto: false })], NOW, words)?.late).toBe(false)
  expect(lastImportLine([job(500, { settingsSavedAt: NOW - MINUTE })], NOW, words)?.late).toBe(false)
})

test('saving the settings during an outage does not take the red away for long, however seldom the job runs', () => {
  const seldom = { everyMinutes: 200, settingsSavedAt: NOW - 11 * MINUTE }
  expect(lastImportLine([job(601, seldom)], NOW, words)?.late).toBe(true)
  expect(lastImportLine([job(undefined, seldom)], NOW, words)?.late).toBe(false)
})

test('a shop that never imported says so', () => {
  expect(lastImportLine([job(undefined)], NOW, words)).toEqual({ text: '最後の取込: なし', late: true })
})
