import { afterEach, beforeEach, expect, test } from 'vitest'
import { attentionWords } from '../../src/orders/attention.ts'
import { attentionSql } from '../../src/orders/attention-conditions.ts'
import { parseList } from '../../src/orders/list-filter.ts'
import { seenAs } from '../../src/orders/order.ts'
import { CONTEXT, imported, line, NOON, orderBook, STAFF, STATUS } from './factory.ts'

let book: ReturnType<typeof orderBook>
beforeEach(() => {
  book = orderBook()
})
afterEach(() => book.close())

const GOOD = `12345678901${12345678901 % 7}`
const reasons = (id: number) => book.orders.attentionOf([id]).get(id) ?? []
const listed = async (query: Record<string, string> = {}) => {
  const { filter } = parseList({ ...query, tab: 'attention' }, 'Asia/Tokyo')
  const { orders } = await book.orders.page(filter, undefined, 50)
  return orders.map((order) => order.csCartOrderId)
}

test('an ordinary order calls for nobody', async () => {
  const id = book.add(1)
  book.edit(id, { statusId: STATUS.processed, shipDate: '2026-11-24', carrier: 'yamato', trackingNumber: GOOD })
  expect(reasons(id)).toEqual([])
  expect(book.orders.attentionCount()).toBe(0)
  expect(await listed()).toEqual([])
})

test('処理済み without a slip number calls, unless there is nothing to ship', () => {
  const id = book.add(1)
  book.edit(id, { statusId: STATUS.processed })
  expect(reasons(id)).toEqual(['processed_unnumbered'])
  const download = book.add(2, { lines: [line({ downloadable: true })] })
  book.edit(download, { statusId: STATUS.processed })
  expect(reasons(download)).toEqual([])
})

test('a slip number without a ship date calls until there is one', () => {
  const id = book.add(1)
  book.edit(id, { trackingNumber: GOOD })
  expect(reasons(id)).toEqual(['number_undated'])
  book.edit(id, { shipDate: '2026-11-24' })
  expect(reasons(id)).toEqual([])
})

test('a wrong check digit calls, but not for a carrier with other numbers', () => {
  const id = book.add(1)
  book.edit(id, { shipDate: '2026-11-24', carrier: 'yamato', trackingNumber: `${GOOD} 123456789019` })
  expect(reasons(id)).toEqual(['check_digit'])
  book.edit(id, { carrier: 'seino' })
  expect(reasons(id)).toEqual([])
})

test('a number too short or too long for its carrier calls as a wrong check digit does', () => {
  const id = book.add(1)
  book.edit(id, { shipDate: '2026-11-24', carrier: 'yamato', trackingNumber: '4912' })
  expect(reasons(id)).toEqual(['check_digit'])
  expect(attentionWords('check_digit', book.row(id)).label).toBe('伝票番号の桁数が違います')
  book.edit(id, { trackingNumber: '123456789019' })
  expect(attentionWords('check_digit', book.row(id)).label).toBe('伝票番号のチェック桁が違います')
  book.edit(id, { trackingNumber: '123456789019 4912' })
  expect(attentionWords('check_digit', book.row(id)).label).toBe('伝票番号の桁数とチェック桁が違います')
  book.edit(id, { carrier: 'other' })
  expect(reasons(id)).toEqual([])
})

test('one number on orders of two customers calls at both, and no longer once it is mended', () => {
  const [one, two] = [book.add(1), book.add(2)]
  for (const id of [one, two]) book.edit(id, { shipDate: '2026-11-24', trackingNumber: GOOD })
  expect([reasons(one), reasons(two)]).toEqual([['number_shared'], ['number_shared']])
  expect(book.orders.attentionCount()).toBe(2)
  book.edit(two, { trackingNumber: '' })
  expect([reasons(one), reasons(two)]).toEqual([[], []])
})

test.each([
  ['e-mail', { email: 'SAME@example.jp' }],
  ['phone', { phone: '03-9999-9999' }],
])('one number on two orders with the same %s is a shared parcel, not a mistake', (_, same) => {
  const [one, two] = [book.add(1, { email: 'same@example.jp', ...same }), book.add(2, same)]
  if ('email' in same) book.orders.saveImported(imported(1, { email: 'same@example.jp' }), CONTEXT)
  for (const id of [one, two]) {
    book.orders.markSeen(id, seenAs(book.row(id)), STAFF)
    book.edit(id, { shipDate: '2026-11-24', trackingNumber: GOOD })
  }
  expect([reasons(one), reasons(two)]).toEqual([[], []])
})

test('a number that a carrier used again half a year later is no contradiction', () => {
  const [one, two] = [book.add(1, { orderedAt: NOON - 200 * 24 * 3_600_000 }), book.add(2)]
  for (const id of [one, two]) book.edit(id, { shipDate: '2026-11-24', trackingNumber: GOOD })
  expect(reasons(one)).toEqual([])
})

test('when an import makes the customers the same or different, the call goes or comes', () => {
  const [one, two] = [book.add(1, { email: 'a@example.jp' }), book.add(2, { email: 'a@example.jp' })]
  for (const id of [one, two]) book.edit(id, { shipDate: '2026-11-24', trackingNumber: GOOD })
  expect(reasons(one)).toEqual([])
  book.orders.saveImported(imported(2, { email: 'b@example.jp' }), CONTEXT)
  expect(reasons(one)).toEqual(['number_shared'])
  expect(reasons(two)).toEqual(['number_shared', 'changed'])
})

test('cancelled in CS-Cart calls while the order is in work here', () => {
  const id = book.add(1)
  book.orders.saveImported(imported(1, { csCartStatus: 'I' }), CONTEXT)
  expect(reasons(id)).toEqual(['cancelled_in_work'])
  book.edit(id, { statusId: STATUS.cancelled })
  expect(reasons(id)).toEqual([])
})

test('shipped in CS-Cart but not here calls until it is 処理済み here or was our own export', () => {
  const [one, two] = [book.add(1, { csCartStatus: 'C' }), book.add(2, { csCartStatus: 'O' })]
  expect(reasons(one)).toEqual(['shipped_elsewhere'])
  book.edit(one, { statusId: STATUS.processed, trackingNumber: GOOD, shipDate: '2026-11-24' })
  expect(reasons(one)).toEqual([])
  book.orders.setExport(two, { state: 'confirmed', csCartStatus: 'C', exportedAs: 'x' }, { runId: 1, at: NOON })
  expect(reasons(two)).toEqual([])
})

test('a change after the import calls until somebody has seen it', async () => {
  const id = book.add(1)
  book.orders.saveImported(imported(1, { customerNotes: '急ぎ' }), CONTEXT)
  expect(reasons(id)).toEqual(['changed'])
  expect(await listed()).toEqual([1])
  book.orders.markSeen(id, seenAs(book.row(id)), STAFF)
  expect(reasons(id)).toEqual([])
})

test('an order with several reasons is listed once, and the search works inside the tab', async () => {
  const id = book.add(1, { buyerName: '佐藤' })
  book.add(2)
  book.edit(id, { trackingNumber: '123456789019' })
  book.orders.saveImported(imported(1, { buyerName: '佐藤', csCartStatus: 'I' }), CONTEXT)
  expect(reasons(id)).toEqual(['cancelled_in_work', 'check_digit', 'number_undated'])
  expect(await listed()).toEqual([1])
  expect(book.orders.attentionCount()).toBe(1)
  expect([await listed({ q: '佐藤' }), await listed({ q: '山田花子' })]).toEqual([[1], []])
})

const planOf = (only?: string): string[] =>
  book.sql
    .prepare<[], { detail: string }>(`explain query plan ${attentionSql(only)}`)
    .all()
    .map((step) => step.detail)

test('the contradictions of some orders are found by their ids, not among all that are cancelled', () => {
  const steps = planOf('o.id in (1, 2)').join('\n')
  expect(steps).toContain('USING INTEGER PRIMARY KEY')
  expect(steps).not.toContain('orders_attention_cancelled')
})

test('every contradiction is found by its own index: no scan of all orders', () => {
  const plan = planOf()
  expect(plan.filter((detail) => /^SCAN (o|t|l)\b(?!.*USING (COVERING )?INDEX)/.test(detail))).toEqual([])
  for (const index of [
    'orders_unnumbered',
    'orders_attention_undated',
    'orders_attention_shipped',
    'orders_attention_changed',
    'orders_attention_cancelled',
    'tracking_numbers_shared',
    'tracking_numbers_wrong',
  ]) {
    expect(plan.join('\n')).toContain(index)
  }
})
