import type { Db } from '../db/open.ts'
import { numberFault, numbersOf } from './tracking.ts'

/**
 * Two orders farther apart than this are no contradiction: carriers use their numbers again.
 * The number is ours; carriers name none.
 */
const REUSED_AFTER_MS = 180 * 24 * 3_600_000

/**
 * Keeps `tracking_numbers` in step with `orders.tracking_number`, and knows which numbers are shared by orders of different
 * customers. Different: no e-mail, phone, or name and address in common (parcels put together are nothing wrong).
 */
export function trackingWriter(db: Db) {
  const client = db.$client
  const storedOf = client
    .prepare<[number], string>('select number from tracking_numbers where order_id = ? order by number')
    .pluck()
  const remove = client.prepare<[number]>('delete from tracking_numbers where order_id = ?')
  const insert = client.prepare<[string, number, number]>(
    'insert into tracking_numbers (number, order_id, check_digit_wrong) values (?, ?, ?)',
  )
  const mark = client.prepare<[number, string]>(`
    update tracking_numbers set shared = exists (
      select 1 from tracking_numbers other
      join orders a on a.id = tracking_numbers.order_id
      join orders b on b.id = other.order_id
      where other.number = tracking_numbers.number and other.order_id <> tracking_numbers.order_id
        and abs(a.ordered_at - b.ordered_at) < ?
        and not (a.email <> '' and lower(a.email) = lower(b.email))
        and not (a.phone <> '' and a.phone = b.phone)
        and not (a.shipping = b.shipping)
    ) where number = ?`)

  const refresh = (numbers: Iterable<string>) => {
    for (const number of numbers) mark.run(REUSED_AFTER_MS, number)
  }

  return {
    /** Writes down the order's numbers; call it in the transaction that writes `orders.tracking_number` or `carrier`. */
    store(order: { id: number; trackingNumber: string; carrier: string | null }): void {
      const before = storedOf.all(order.id)
      remove.run(order.id)
      const numbers = numbersOf(order.trackingNumber)
      // A wrong length counts as a wrong check digit: both are numbers to compare with the slip.
      for (const number of numbers) insert.run(number, order.id, numberFault(number, order.carrier) ? 1 : 0)
      refresh(new Set([...before, ...numbers]))
    },

    /** The customer of an order became another one: looks again at who shares its numbers. */
    refreshShared(orderId: number): void {
      refresh(storedOf.all(orderId))
    },
  }
}
export type TrackingWriter = ReturnType<typeof trackingWriter>
