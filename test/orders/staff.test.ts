import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ImportedOrder, StaffFields } from '../../src/orders/order.ts'
import { address, CONTEXT, imported, line, NOON, orderBook, STAFF, STATUS } from './factory.ts'

let book: ReturnType<typeof orderBook>
beforeEach(() => {
  book = orderBook()
})
afterEach(() => book.close())

const events = (id: number) => book.orders.historyOf(id).map((entry) => entry.event)

test('an edit writes its fields, one history row with names, and the next version', () => {
  const id = book.add(1001)
  const result = book.edit(id, {
    statusId: STATUS.processed,
    shipDate: '2026-11-24',
    carrier: 'yamato',
    trackingNumber: '123456789012',
  })
  expect(result?.ok).toBe(true)
  expect(book.row(id)).toMatchObject({
    statusId: STATUS.processed,
    shipDate: '2026-11-24',
    carrier: 'yamato',
    version: 2,
  })
  expect(book.orders.historyOf(id)[0]).toMatchObject({
    event: 'edited',
    changes: [
      { field: 'statusId', from: '新規受付', to: '処理済み' },
      { field: 'shipDate', from: '', to: '2026-11-24' },
      { field: 'carrier', from: '', to: 'ヤマト運輸' },
      { field: 'trackingNumber', from: '', to: '123456789012' },
    ],
  })
})

test('an edit that changes nothing writes nothing', () => {
  const id = book.add(1001)
  const before = book.sql.prepare('select total_changes()').pluck().get()
  expect(book.edit(id, { memo: '', carrier: null })).toMatchObject({ ok: true, order: { version: 1 } })
  expect(book.sql.prepare('select total_changes()').pluck().get()).toBe(before)
})

test('an edit over an older version is refused and leaves everything as it is', () => {
  const id = book.add(1001)
  book.edit(id, { memo: 'first' })
  const second = book.orders.update(id, 1, { memo: 'second', shipDate: '2026-11-24' }, STAFF)
  expect(second).toMatchObject({ ok: false, current: { memo: 'first', version: 2 } })
  expect(book.row(id)).toMatchObject({ memo: 'first', shipDate: null })
  expect(events(id)).toEqual(['edited', 'imported'])
  expect(book.orders.update(999, 1, { memo: 'x' }, STAFF)).toBeUndefined()
})

test('a change whose history row cannot be written does not happen either', () => {
  const id = book.add(1001)
  book.sql.exec("create trigger no_history before insert on order_history begin select raise(abort, 'no'); end")
  expect(() => book.edit(id, { memo: 'x' })).toThrow('no')
  expect(() => book.orders.markGone(id, { runId: 1, at: NOON })).toThrow('no')
  expect(() => book.orders.setExport(id, { state: 'error', reason: 'timeout' }, { runId: 1, at: NOON })).toThrow('no')
  expect(book.row(id)).toMatchObject({ memo: '', version: 1, cancelledInCsCartAt: null, exportState: 'none' })
})

test('each step of an export and each attempt leaves one history row, and what is so already none', () => {
  const id = book.add(1001)
  const run = { runId: 7, at: NOON }
  book.orders.setExport(id, { state: 'sent' }, run)
  book.orders.setExport(id, { state: 'error', reason: 'timeout', attempts: 1 }, run)
  book.orders.setExport(id, { state: 'error', reason: 'timeout', attempts: 2 }, run)
  const done = { state: 'confirmed', exportedAs: 'yamato|1', exportedAt: NOON, csCartStatus: 'C' } as const
  book.orders.setExport(id, done, run)
  book.orders.setExport(id, done, run)
  expect(events(id)).toEqual(['confirmed', 'export_failed', 'export_failed', 'exported', 'imported'])
  expect(book.row(id)).toMatchObject({
    exportState: 'confirmed',
    exportReason: null,
    exportAttempts: 2,
    csCartStatus: 'C',
  })
})

test('due candidates come by shop, scope and day, in small pages by id, without those that are written already', () => {
  const ids = Array.from({ length: 7 }, (_, at) => book.add(at + 1))
  const ready = { shipDate: '2026-11-24', carrier: 'yamato', trackingNumber: '1234567890', statusId: STATUS.processed }
  for (const id of ids) book.edit(id, ready)
  const [first = 0, second = 0, third = 0, fourth = 0] = ids
  book.edit(first, { shipDate: '2026-11-20' })
  book.edit(second, { statusId: STATUS.packing })
  book.orders.setExport(
    third,
    { state: 'confirmed', exportedAs: 'yamato|1234567890', exportedAt: NOON },
    { runId: 1, at: NOON },
  )
  book.orders.saveImported(imported(4, { csCartStatus: 'I' }), CONTEXT)
  const due = (scope: 'processed_only' | 'all_active', after: number, limit: number, shop = 1) =>
    book.orders.dueFor(shop, scope, '2026-11-23', '2026-11-24', after, limit).map((order) => order.id)
  expect(due('processed_only', 0, 2)).toEqual(ids.slice(4, 6))
  expect(due('processed_only', ids[5] ?? 0, 2)).toEqual(ids.slice(6))
  expect(due('all_active', 0, 10)).toEqual([second, ...ids.slice(4)])
  expect(due('all_active', 0, 10, 2)).toEqual([])
  book.edit(third, { trackingNumber: '9999999999' })
  expect(due('processed_only', 0, 10)).toEqual([third, ...ids.slice(4)])
  expect(fourth).toBeGreaterThan(0)
})

const words = fc.string({ unit: 'grapheme', maxLength: 12 })
const importedOrders: fc.Arbitrary<ImportedOrder> = fc
  .record({
    id: fc.integer({ min: 1, max: 3 }),
    csCartStatus: fc.constantFrom('O', 'P', 'B', 'C', 'I', 'D', 'F'),
    buyerName: words,
    customerNotes: words,
    street: words,
    totalCents: fc.integer({ min: 0, max: 10_000_000 }),
    amounts: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
    shipped: fc.boolean(),
  })
  .map(({ id, street, amounts, shipped, ...rest }) =>
    imported(id, {
      ...rest,
      shipping: address({ address1: street }),
      lines: amounts.map((amount, at) => line({ itemId: String(at + 1), amount, shippedAmount: shipped ? amount : 0 })),
      raw: JSON.stringify(rest),
    }),
  )
const staffFields: fc.Arbitrary<StaffFields> = fc.record(
  {
    statusId: fc.constantFrom(...Object.values(STATUS)),
    shipDate: fc.constantFrom(null, '2026-11-24', '2026-12-01'),
    carrier: fc.constantFrom(null, 'yamato', 'sagawa'),
    trackingNumber: fc.constantFrom('', '123456789012', '123456789012 5555'),
    memo: words,
  },
  { requiredKeys: [] },
)
const steps = fc.array(
  fc.oneof(
    importedOrders.map((order) => ({ order, edit: undefined, id: order.csCartOrderId })),
    fc.tuple(fc.integer({ min: 1, max: 3 }), staffFields).map(([id, edit]) => ({ order: undefined, edit, id })),
  ),
  { maxLength: 25 },
)

test('whatever is imported and typed in any order: staff keep what they typed, CS-Cart what it said last, and a repeat writes nothing', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const b = orderBook()
      try {
        const typed = new Map<number, StaffFields>()
        const said = new Map<number, ImportedOrder>()
        for (const { id, order, edit } of history) {
          const stored = b.orders.findByCsCartId(1, id)
          if (order) {
            const rows = stored ? b.orders.historyOf(stored.id).length : 0
            const { outcome, orderId } = b.orders.saveImported(order, CONTEXT)
            said.set(id, order)
            expect(outcome === 'created').toBe(stored === undefined)
            if (outcome === 'changed') expect(b.orders.historyOf(orderId)).toHaveLength(rows + 1)
          } else if (stored) {
            b.orders.update(stored.id, stored.version, edit, STAFF)
            typed.set(id, { ...typed.get(id), ...edit })
          }
        }
        const before = b.sql.prepare('select total_changes()').pluck().get()
        for (const order of said.values()) expect(b.orders.saveImported(order, CONTEXT).outcome).toBe('unchanged')
        expect(b.sql.prepare('select total_changes()').pluck().get()).toBe(before)
        for (const [id, { lines, raw, readBy: _, ...owned }] of said) {
          const stored = b.orders.findByCsCartId(1, id)
          expect(stored).toMatchObject(owned)
          expect(stored).toMatchObject({ statusId: STATUS.new, memo: '', trackingNumber: '', ...typed.get(id) })
          expect(b.orders.linesOf(stored?.id ?? 0)).toEqual(lines.map((each) => ({ ...each, orderId: stored?.id })))
          expect(b.orders.rawOf(stored?.id ?? 0)).toBe(raw)
        }
        expect(b.sql.prepare('select count(*) from orders').pluck().get()).toBe(said.size)
      } finally {
        b.close()
      }
    }),
    { numRuns: 60 },
  )
})
