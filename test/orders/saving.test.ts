import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UPDATE_IMPORTED } from '../../src/orders/imported-repository.ts'
import { type ImportedOrder, seenAs } from '../../src/orders/order.ts'
import { address, CONTEXT, imported, line, NOON, orderBook, STAFF, STATUS } from './factory.ts'

let book: ReturnType<typeof orderBook>
beforeEach(() => {
  book = orderBook()
})
afterEach(() => book.close())

const save = (order: ImportedOrder, over: Partial<typeof CONTEXT & { at: number; fetchedAt: number }> = {}) =>
  book.orders.saveImported(order, { ...CONTEXT, ...over })
const writes = () => book.sql.prepare('select total_changes()').pluck().get()
const events = (id: number) => book.orders.historyOf(id).map((entry) => entry.event)

test('a new order is stored whole, with the landing status, its lines, the original answer and one history row', () => {
  const order = imported(1001)
  const { outcome, orderId } = save(order, { at: NOON })
  expect(outcome).toBe('created')
  const { lines, raw, readBy: _, ...owned } = order
  expect(book.row(orderId)).toMatchObject({
    ...owned,
    statusId: STATUS.new,
    importedAt: NOON,
    version: 1,
    shipDate: null,
  })
  expect(book.orders.linesOf(orderId)).toEqual(lines.map((each) => ({ ...each, orderId })))
  expect(book.orders.rawOf(orderId)).toBe(raw)
  expect(book.orders.historyOf(orderId)).toMatchObject([{ event: 'imported', at: NOON, changes: [] }])
  expect(book.orders.findByCsCartId(1, 1001)?.id).toBe(orderId)
})

test('an unchanged order writes nothing at all, whatever the order of keys in its parts', () => {
  save(imported(1001))
  const before = writes()
  const again = imported(1001)
  const shuffled = { ...again, billing: Object.fromEntries(Object.entries(again.billing).reverse()) as never }
  expect(save(again, { at: NOON + 60_000 }).outcome).toBe('unchanged')
  expect(save(shuffled, { at: NOON + 60_000 }).outcome).toBe('unchanged')
  expect(writes()).toBe(before)
})

test('the same order twice, in any order with others, is one row', () => {
  for (const id of [3, 1, 2, 1, 3, 3, 2]) save(imported(id))
  expect(book.sql.prepare('select count(*) from orders').pluck().get()).toBe(3)
  expect(book.sql.prepare('select count(*) from order_lines').pluck().get()).toBe(6)
})

test('the same order number in another shop is another order', async () => {
  const { insertShop } = await import('./factory.ts')
  insertShop(book.db, 2)
  save(imported(1001))
  expect(save(imported(1001, { shopId: 2 })).outcome).toBe('created')
})

test('what CS-Cart changed is brought up to date, shown from-to, and stays to be seen', () => {
  const { orderId } = save(imported(1001))
  const changed = imported(1001, {
    shipping: address({ address1: '新しい町9-9' }),
    totalCents: 500_000,
    lines: [line({ amount: 3 }), line({ itemId: '100003', name: '湯のみ', amount: 1 })],
    raw: '{"newest":true}',
  })
  expect(save(changed, { at: NOON + 1 }).outcome).toBe('changed')
  expect(book.row(orderId)).toMatchObject({ totalCents: 500_000, changedInCsCartAt: NOON + 1 })
  expect(book.orders.linesOf(orderId).map((each) => [each.itemId, each.amount])).toEqual([
    ['100001', 3],
    ['100003', 1],
  ])
  expect(book.orders.rawOf(orderId)).toBe('{"newest":true}')
  const [newest] = book.orders.historyOf(orderId)
  expect(newest?.event).toBe('changed_in_cs_cart')
  expect(newest?.changes.map((each) => each.field).sort()).toEqual(['line', 'line', 'line', 'shipping', 'totalCents'])
  expect(newest?.changes.find((each) => each.field === 'totalCents')).toEqual({
    field: 'totalCents',
    from: '319200',
    to: '500000',
  })
  book.orders.markSeen(orderId, seenAs(book.row(orderId)), STAFF)
  expect(book.row(orderId).changedInCsCartAt).toBeNull()
  expect(events(orderId)).toEqual(['seen', 'changed_in_cs_cart', 'imported'])
  const before = writes()
  book.orders.markSeen(orderId, seenAs(book.row(orderId)), STAFF)
  expect(writes()).toBe(before)
})

test('a very long text is cut in the history, not in the order', () => {
  const { orderId } = save(imported(1001))
  save(imported(1001, { customerNotes: 'あ'.repeat(5000) }))
  expect(book.row(orderId).customerNotes).toHaveLength(5000)
  expect(book.orders.historyOf(orderId)[0]?.changes[0]?.to.length).toBeLessThan(310)
})

test('the update of an import names no column that staff or an export own', () => {
  const assigned = [...UPDATE_IMPORTED.replace(/\bwhere\b[\s\S]*/, '').matchAll(/(\w+)\s*=/g)].map(([, name]) => name)
  expect(assigned.length).toBeGreaterThan(20)
  const columns = book.sql.prepare<[], { name: string }>("select name from pragma_table_info('orders')").all()
  const ownedElsewhere = new Set([
    ...['status_id', 'ship_date', 'carrier', 'tracking_number', 'memo', 'version'],
    ...['export_state', 'export_reason', 'exported_as', 'exported_at', 'export_attempts'],
    ...['id', 'shop_id', 'cs_cart_order_id', 'imported_at'],
  ])
  // Both lists together are the whole table: a new column must be put on one side.
  expect([...assigned, ...ownedElsewhere].sort()).toEqual(columns.map(({ name }) => name).sort())
  expect(assigned.filter((name) => name !== undefined && ownedElsewhere.has(name))).toEqual([])
})

describe('cancelled in CS-Cart', () => {
  test.each(['I', 'D', 'F'])('status %s marks the order, and its return takes the mark away', (letter) => {
    const { orderId } = save(imported(1001))
    expect(save(imported(1001, { csCartStatus: letter }), { at: NOON + 5 }).outcome).toBe('changed')
    expect(book.row(orderId)).toMatchObject({ cancelledInCsCartAt: NOON + 5, changedInCsCartAt: null })
    save(imported(1001, { csCartStatus: letter, customerNotes: 'x' }), { at: NOON + 9 })
    expect(book.row(orderId).cancelledInCsCartAt).toBe(NOON + 5)
    expect(save(imported(1001, { csCartStatus: 'P' }), { at: NOON + 10 }).outcome).toBe('changed')
    expect(book.row(orderId)).toMatchObject({ cancelledInCsCartAt: null, changedInCsCartAt: NOON + 10 })
    expect(events(orderId)).toEqual(['restored_in_cs_cart', 'changed_in_cs_cart', 'cancelled_in_cs_cart', 'imported'])
  })

  test('an order that is gone from the shop is like a cancelled one until it is seen there again', () => {
    const { orderId } = save(imported(1001))
    book.orders.markGone(orderId, { runId: 7, at: NOON + 1 })
    book.orders.markGone(orderId, { runId: 8, at: NOON + 2 })
    expect(book.row(orderId).cancelledInCsCartAt).toBe(NOON + 1)
    expect(events(orderId)).toEqual(['gone_from_cs_cart', 'imported'])
    expect(save(imported(1001)).outcome).toBe('changed')
    expect(book.row(orderId).cancelledInCsCartAt).toBeNull()
  })
})

describe('what our own export did in the shop is no change', () => {
  const shippedLines = (order: ImportedOrder) => order.lines.map((each) => ({ ...each, shippedAmount: each.amount }))
  const exported = (orderId: number) =>
    book.orders.setExport(
      orderId,
      { state: 'confirmed', exportedAs: 'yamato|123456789012', exportedAt: NOON + 1000, csCartStatus: 'C' },
      { runId: 7, at: NOON + 1000 },
    )

  test('status C alone: the next import writes nothing', () => {
    const { orderId } = save(imported(1001))
    exported(orderId)
    const before = writes()
    expect(save(imported(1001, { csCartStatus: 'C' })).outcome).toBe('unchanged')
    expect(writes()).toBe(before)
  })

  test('shipped amounts and updated_at are brought up to date without a call for attention', () => {
    const order = imported(1001, { csCartUpdatedAt: NOON })
    const { orderId } = save(order)
    exported(orderId)
    const after = { ...order, csCartStatus: 'C', csCartUpdatedAt: NOON + 900, lines: shippedLines(order) }
    expect(save(after, { at: NOON + 2000 }).outcome).toBe('unchanged')
    expect(book.row(orderId)).toMatchObject({ changedInCsCartAt: null, csCartUpdatedAt: NOON + 900 })
    expect(book.orders.historyOf(orderId)[0]).toMatchObject({
      event: 'shipped_in_cs_cart',
      changes: [{ field: 'shippedAmount', from: '0/3', to: '3/3' }],
    })
    const before = writes()
    expect(save(after, { at: NOON + 3000 }).outcome).toBe('unchanged')
    expect(writes()).toBe(before)
  })

  test('a shipment that is gone from the shop is none of our doing', () => {
    const order = imported(1001)
    const { orderId } = save(order)
    exported(orderId)
    const shipped = { ...order, csCartStatus: 'C', lines: shippedLines(order) }
    save(shipped, { at: NOON + 2000 })
    expect(save({ ...shipped, lines: order.lines }, { at: NOON + 3000 }).outcome).toBe('changed')
    expect(book.row(orderId).changedInCsCartAt).toBe(NOON + 3000)
    expect(book.orders.historyOf(orderId)[0]).toMatchObject({
      event: 'changed_in_cs_cart',
      changes: [{ field: 'shippedAmount', from: '3/3', to: '0/3' }],
    })
  })

  test('also when the export was cut off before it could note its own status', () => {
    const order = imported(1001)
    const { orderId } = save(order)
    book.sql
      .prepare(`insert into parcels (order_id, group_key, state, tracking_number, carrier_code, comment, lines, run_id, created_at,
        updated_at) values (?, 0, 'intent', '1', 'yamato', '', '{}', 7, 0, 0)`)
      .run(orderId)
    expect(save({ ...order, csCartStatus: 'C', lines: shippedLines(order) }).outcome).toBe('unchanged')
    expect(book.row(orderId)).toMatchObject({ csCartStatus: 'C', changedInCsCartAt: null })
  })

  test('an answer that the export overtook does not bring the old status back', () => {
    const { orderId } = save(imported(1001))
    exported(orderId)
    expect(save(imported(1001, { csCartStatus: 'O' }), { fetchedAt: NOON + 500, at: NOON + 1500 }).outcome).toBe(
      'unchanged',
    )
    expect(book.row(orderId).csCartStatus).toBe('C')
  })

  test('somebody else shipping it in CS-Cart is a change', () => {
    const order = imported(1001)
    const { orderId } = save(order)
    expect(save({ ...order, csCartStatus: 'C', lines: shippedLines(order) }, { at: NOON + 3 }).outcome).toBe('changed')
    expect(book.row(orderId).changedInCsCartAt).toBe(NOON + 3)
  })

  test('a status that leaves C after our export is a change', () => {
    const { orderId } = save(imported(1001))
    exported(orderId)
    expect(save(imported(1001, { csCartStatus: 'P' }), { at: NOON + 4000, fetchedAt: NOON + 3000 }).outcome).toBe(
      'changed',
    )
    expect(book.row(orderId).changedInCsCartAt).toBe(NOON + 4000)
  })
})

test('an answer older than what is stored changes nothing', () => {
  save(imported(1001, { csCartUpdatedAt: NOON, customerNotes: 'newer' }))
  const before = writes()
  expect(save(imported(1001, { csCartUpdatedAt: NOON - 1000, customerNotes: 'older' })).outcome).toBe('unchanged')
  expect(writes()).toBe(before)
})

test('money is kept to the hundredth, up to sums beyond what a float of the yen amount would hold', () => {
  const { orderId } = save(imported(1, { totalCents: 9_007_199_254_740_991, discountCents: -1, surchargeCents: 1 }))
  expect(book.row(orderId)).toMatchObject({ totalCents: 9_007_199_254_740_991, discountCents: -1, surchargeCents: 1 })
})

test('known orders are told without reading them whole', () => {
  save(imported(1, { csCartStatus: 'O' }))
  save(imported(2, { csCartStatus: 'C' }))
  save(imported(3, { csCartStatus: 'I' }))
  const known = book.orders.known(1, [1, 3, 99])
  expect([...known.keys()].sort()).toEqual([1, 3])
  expect(known.get(1)).toMatchObject({ csCartStatus: 'O', totalCents: 319_200 })
})

/** Every single field of an order that CS-Cart owns, changed by itself; shipped amounts and status have tests of their own. */
function* changedByOneField(order: ImportedOrder): Generator<[string, ImportedOrder]> {
  const apart = new Set([
    'shopId',
    'csCartOrderId',
    'csCartStatus',
    'csCartUpdatedAt',
    'raw',
    'readBy',
    'shippedAmount',
    'itemId',
  ])
  const other = (value: unknown): unknown =>
    typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : `${value ?? ''}x`
  function* walk(part: unknown, path: (string | number)[]): Generator<[string, ImportedOrder]> {
    if (typeof part !== 'object' || part === null) {
      const copy = structuredClone(order)
      const last = path.at(-1) ?? ''
      // biome-ignore lint/suspicious/noExplicitAny: any field at any depth
      const holder: any = path.slice(0, -1).reduce((at: any, key) => at[key], copy)
      holder[last] = other(part)
      yield [path.join('.'), copy]
      return
    }
    for (const [key, value] of Object.entries(part)) if (!apart.has(key)) yield* walk(value, [...path, key])
  }
  yield* walk(order, [])
}

test('whatever CS-Cart changes of an order is counted, called to attention and told in its history, from and to', () => {
  const order = imported(1001, { taxes: [{ name: '消費税', rate: '10', included: true, cents: 100 }] })
  const changes = [...changedByOneField(order)]
  expect(changes.map(([field]) => field)).toEqual(
    expect.arrayContaining([
      'shipping.country',
      'taxes.0.rate',
      'lines.0.groupKey',
      'lines.0.unitPriceCents',
      'totalCents',
    ]),
  )
  for (const [field, changed] of changes) {
    const { orderId } = save({ ...order, csCartOrderId: 2_000 + changes.findIndex(([name]) => name === field) })
    const csCartOrderId = book.row(orderId).csCartOrderId
    const saved = save({ ...changed, csCartOrderId })
    const [newest] = book.orders.historyOf(orderId)
    const told = newest?.changes.map(({ from, to }) => from !== to)
    expect([field, saved.outcome, newest?.event, told]).toEqual([field, 'changed', 'changed_in_cs_cart', [true]])
    expect(book.row(orderId).changedInCsCartAt).not.toBeNull()
  }
})

test('text that moves from one part of an address to the next is told, although both read alike in one line', () => {
  const moved = { prefecture: '東京', city: '都千代田区' }
  const order = imported(1001)
  const { orderId } = save(order)
  save({ ...order, shipping: { ...order.shipping, ...moved } })
  expect(book.orders.historyOf(orderId)[0]?.changes).toMatchObject([
    {
      field: 'shipping',
      from: expect.stringContaining('東京都 / 千代田区'),
      to: expect.stringContaining('東京 / 都千代田区'),
    },
  ])
})

describe('an answer that was read before', () => {
  const order = imported(1001, { csCartUpdatedAt: NOON })
  const saysAll = (answer: ImportedOrder = order) => book.orders.saysAll(1, 1001, answer)

  test('is known by its text and the rules by which it was read, for as long as the order says the same', () => {
    expect(saysAll()).toBe(false)
    save(order)
    expect(saysAll()).toBe(true)
    expect(saysAll({ ...order, raw: `${order.raw} ` })).toBe(false)
    expect(saysAll({ ...order, readBy: 'other rules' })).toBe(false)
    expect(book.orders.saysAll(1, 1002, order)).toBe(false)

    const changed = { ...order, raw: '{"order_id":"1001","notes":"急ぎ"}', customerNotes: '急ぎ' }
    save(changed)
    expect([saysAll(), saysAll(changed)]).toEqual([false, true])
  })

  test('is read again once an export has noted another status, or the order was taken for removed', () => {
    const { orderId } = save(order)
    book.orders.setExport(
      orderId,
      { state: 'confirmed', exportedAs: 'yamato|1', exportedAt: NOON + 1000, csCartStatus: 'C' },
      { runId: 7, at: NOON + 1000 },
    )
    expect(saysAll()).toBe(false)
    save({ ...order, raw: 'later', csCartUpdatedAt: NOON + 5000 }, { at: NOON + 9000, fetchedAt: NOON + 8000 })
    expect(saysAll({ ...order, raw: 'later' })).toBe(true)
    book.orders.markGone(orderId, { runId: 7, at: NOON + 9000 })
    expect(saysAll({ ...order, raw: 'later' })).toBe(false)
  })

  test('is read again where a line was shipped since', () => {
    const { orderId } = save(order)
    book.sql.prepare('update order_lines set shipped_amount = 1 where order_id = ?').run(orderId)
    expect(saysAll()).toBe(false)
  })

  test('is read again where an export had overtaken it, and where it was stored before answers were known again', () => {
    const { orderId } = save(order)
    book.orders.setExport(
      orderId,
      { state: 'confirmed', exportedAs: 'yamato|1', exportedAt: NOON + 1000, csCartStatus: 'C' },
      { runId: 7, at: NOON + 1000 },
    )
    // The shop said O with another note while the export was writing C: the note is taken over, the status is not.
    const overtaken = { ...order, raw: 'overtaken', customerNotes: '急ぎ' }
    save(overtaken, { fetchedAt: NOON + 500, at: NOON + 1500 })
    expect(book.row(orderId)).toMatchObject({ csCartStatus: 'C', customerNotes: '急ぎ' })
    expect(saysAll(overtaken)).toBe(false)

    const next = { ...overtaken, raw: 'next', csCartStatus: 'C', customerNotes: '' }
    save(next, { fetchedAt: NOON + 5000, at: NOON + 6000 })
    expect(saysAll(next)).toBe(true)
    book.sql.exec('update orders set read_as = null')
    expect(saysAll(next)).toBe(false)
  })
})
