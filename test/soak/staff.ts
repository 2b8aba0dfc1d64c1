/** Our merchant's staff during a kill loop: they type while the program is down, and remember what they typed. */

import type { Db } from '../../src/db/open.ts'
import type { Random } from '../../src/demo/shop/generate/random.ts'
import { CARRIERS } from '../../src/orders/carriers.ts'
import { orderRepository } from '../../src/orders/repository.ts'
import { dayOf } from '../../src/period.ts'

export type Typed = { shipDate: string; carrier: string; trackingNumber: string; statusId: number; edits: number }

/** By CS-Cart's order number. */
export type StaffBook = Map<number, Typed>

type Row = {
  id: number
  number: number
  version: number
  statusId: number
  shipDate: string | null
  carrier: string | null
  trackingNumber: string
  cancelledAt: number | null
}

const rowsOf = (db: Db): Row[] =>
  db.$client
    .prepare<[], Row>(
      `select id, cs_cart_order_id as number, version, status_id as statusId, ship_date as shipDate, carrier,
         tracking_number as trackingNumber, cancelled_in_cs_cart_at as cancelledAt from orders order by id`,
    )
    .all()

/**
 * Types ship date, carrier, slip number and 処理済み into up to three orders, and now and then corrects a slip number.
 * @param mayCorrect whether the shop can be told of a corrected number
 */
export function typeSomething(
  db: Db,
  chance: Random,
  book: StaffBook,
  options: { mayCorrect: boolean; isOver: (orderNumber: number) => boolean },
): void {
  const orders = orderRepository(db)
  const rows = rowsOf(db)
  const processed = db.$client
    .prepare<[], number>("select id from order_statuses where role = 'processed'")
    .pluck()
    .get()
  if (processed === undefined) throw new Error('no status 処理済み')
  const [yamato, ...others] = CARRIERS.slice(0, 3).map((carrier) => carrier.id)
  if (!yamato) throw new Error('no carriers')
  const type = (row: Row, typed: Typed): void => {
    const { edits: _, ...fields } = typed
    const saved = orders.update(row.id, row.version, fields, { accountId: null, at: Date.now() })
    if (!saved?.ok) throw new Error(`order ${row.number} could not be typed into`)
    book.set(row.number, typed)
  }

  const typedBefore = rows.filter((row) => book.has(row.number) && row.cancelledAt === null)
  const untouched = rows.filter(
    (row) => !book.has(row.number) && row.cancelledAt === null && !options.isOver(row.number),
  )
  for (const row of untouched.slice(0, chance.int(0, 3))) {
    type(row, {
      shipDate: dayOf(Date.now(), 'Asia/Tokyo'),
      carrier: chance.pick([yamato, ...others]),
      trackingNumber: `4${chance.digits(11)}`,
      statusId: processed,
      edits: 1,
    })
  }
  if (!options.mayCorrect || !chance.chance(0.15)) return
  const [first, ...more] = typedBefore
  if (!first) return
  const row = chance.pick([first, ...more])
  const before = book.get(row.number)
  if (before) type(row, { ...before, trackingNumber: `5${chance.digits(11)}`, edits: before.edits + 1 })
}

/** What of the staff's fields is not as it was typed, in words; none is right. */
export function staffFaults(db: Db, book: StaffBook): string[] {
  const rows = rowsOf(db)
  const known = new Set(rows.map((row) => row.number))
  const gone = [...book.keys()]
    .filter((number) => !known.has(number))
    .map((number) => `order ${number}: typed into, and gone`)
  const landing = db.$client.prepare<[], number>('select min(landing_status_id) from shops').pluck().get()
  const edited = db.$client
    .prepare<[number], number>("select count(*) from order_history where order_id = ? and event = 'edited'")
    .pluck()
  const wrong = rows.flatMap((row) => {
    const typed = book.get(row.number)
    const wanted = typed
      ? [typed.statusId, typed.shipDate, typed.carrier, typed.trackingNumber, typed.edits + 1, typed.edits]
      : // The carrier is proposed by the import that stores the order.
        [landing, null, row.carrier, '', 1, 0]
    const is = [row.statusId, row.shipDate, row.carrier, row.trackingNumber, row.version, edited.get(row.id)]
    return JSON.stringify(is) === JSON.stringify(wanted)
      ? []
      : [`order ${row.number}: staff's fields are ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`]
  })
  return [...gone, ...wrong]
}
