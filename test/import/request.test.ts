import { describe, expect, it } from 'vitest'
import { fetchQueue } from '../../src/import/fetch-queue.ts'
import {
  MOST_IDS,
  parseOrderNumber,
  parseOrderNumbers,
  parsePeriod,
  readImportRequest,
} from '../../src/import/request.ts'
import { openStatuses, whyOutside } from '../../src/import/scope.ts'

describe('a stored request', () => {
  it('is read as it was written, and anything else is that of the banner', () => {
    for (const request of [
      { mode: 'days' },
      { mode: 'scheduled' },
      { mode: 'period', from: 1, to: 2 },
      { mode: 'ids', ids: [3, 4], force: true },
    ]) {
      expect(readImportRequest(JSON.parse(JSON.stringify(request)))).toEqual(request)
    }
    for (const strange of [{}, { mode: 'period', from: '1', to: 2 }, { mode: 'later' }]) {
      expect(readImportRequest(strange)).toEqual({ mode: 'days' })
    }
    expect(readImportRequest({ mode: 'ids', ids: [1, -1, 'x', 2.5], force: 'yes' })).toEqual({
      mode: 'ids',
      ids: [1],
      force: false,
    })
  })
})

describe('what a person types', () => {
  it('is an order number with or without sign, zeros and full width', () => {
    for (const [typed, number] of [
      ['10234', 10234],
      [' #10234 ', 10234],
      ['№００１２', 12],
      ['', undefined],
      ['12a', undefined],
      ['0', undefined],
      ['99999999999', undefined],
    ] as const) {
      expect(parseOrderNumber(typed)).toBe(number)
    }
  })

  it('is a list of order numbers, each once and not too many', () => {
    expect(parseOrderNumbers('12 13,12\n14x0')).toEqual([12, 13, 14])
    expect(parseOrderNumbers(Array.from({ length: 6000 }, (_, index) => index + 1).join(' '))).toHaveLength(MOST_IDS)
  })

  it('is a period to the second, both ends included', () => {
    const at = Date.parse('2026-11-24T09:31:50+09:00')
    expect(parsePeriod({ from: '2026/11/24 09:31:50', to: '2026-11-24T09:31:50' }, 'Asia/Tokyo')).toMatchObject({
      ok: true,
      period: { from: at, to: at },
    })
    expect(parsePeriod({ from: '', to: '2026/02/30 00:00:00' }, 'Asia/Tokyo')).toMatchObject({
      ok: false,
      errors: { from: expect.stringContaining('開始'), to: expect.stringContaining('終了') },
    })
  })

  it('is told apart: another form, and a time of the right form that does not exist', () => {
    const form = parsePeriod({ from: '２０２６/02/30 00:00:00', to: 'きのう' }, 'Asia/Tokyo')
    expect(form.ok ? {} : form.errors).toEqual({
      from: '開始の日時 2026/02/30 00:00:00 は実在しません。日付と時刻を確かめてください。',
      to: '終了の日時を2026/11/24 09:31:50 の形で入力してください。',
    })
  })
})

it('an order stays out by its status, the fence or the period, asked in this order', () => {
  const scope = { statuses: new Set(['P']), fenceAt: 50_500, period: { from: 60_500, to: 90_000 } }
  expect(whyOutside({ status: 'O', orderedAt: 0 }, scope)).toBe('status')
  expect(whyOutside({ status: 'P', orderedAt: 49_000 }, scope)).toBe('fence')
  // CS-Cart counts whole seconds: the second in which the fence stands is inside.
  expect(whyOutside({ status: 'P', orderedAt: 50_000 }, scope)).toBe('period')
  expect(whyOutside({ status: 'P', orderedAt: 60_000 }, scope)).toBeUndefined()
  expect(whyOutside({ status: 'P', orderedAt: 90_000 }, scope)).toBeUndefined()
  expect(whyOutside({ status: 'P', orderedAt: 91_000 }, scope)).toBe('period')
  expect(openStatuses(['O', 'C', 'P'])).toEqual(['O', 'P'])
})

describe('the fetch queue', () => {
  it('gives urgent items first, waits for more, and ends when it is closed', async () => {
    const queue = fetchQueue<number>()
    queue.push(1, false)
    queue.push(2, true)
    expect([await queue.next(), await queue.next()]).toEqual([2, 1])
    const waiting = queue.next()
    queue.push(3, false)
    expect(await waiting).toBe(3)
    const atTheEnd = queue.next()
    queue.close()
    expect([await atTheEnd, await queue.next()]).toEqual([undefined, undefined])
  })

  it('gives what it holds before it ends, unless that is dropped', async () => {
    const kept = fetchQueue<number>()
    kept.push(1, false)
    kept.close()
    expect([await kept.next(), await kept.next()]).toEqual([1, undefined])
    const dropped = fetchQueue<number>()
    dropped.push(1, false)
    dropped.close({ andDrop: true })
    expect(await dropped.next()).toBeUndefined()
  })

  it('holds a hundred thousand', async () => {
    const queue = fetchQueue<number>()
    for (let n = 1; n <= 100_000; n += 1) queue.push(n, n % 2 === 0)
    let sum = 0
    for (let n = 1; n <= 100_000; n += 1) sum += (await queue.next()) ?? 0
    expect(sum).toBe(5_000_050_000)
  })
})
