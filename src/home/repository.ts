import type { Db } from '../db/open.ts'
import { remembering } from '../db/remember.ts'
import { addDays, type Day, startOfDay } from '../period.ts'
import type { SalesDay } from './home.ts'

export type HomeRepository = ReturnType<typeof homeRepository>

/** What ホーム counts over several rooms' tables. */
export function homeRepository(db: Db, timeZone: string) {
  // A status that CS-Cart gave back stock for is no sale: F, D, I.
  const between = db.$client.prepare<[number, number], { orders: number; cents: number }>(
    `select count(*) as orders, coalesce(sum(total_cents), 0) as cents from orders
     where ordered_at >= ? and ordered_at < ? and cs_cart_status not in ('F', 'D', 'I')`,
  )
  return {
    /**
     * Orders and their sums by the day on which they were placed, oldest first.
     * @param today in the app's time zone; the last of the days
     */
    salesByDay: remembering(db, { withoutRuns: true })((today: Day, days: number): readonly SalesDay[] =>
      Array.from({ length: days }, (_, index) => {
        const day = addDays(today, index - days + 1)
        const row = between.get(startOfDay(day, timeZone), startOfDay(addDays(day, 1), timeZone))
        return { day, orders: row?.orders ?? 0, cents: row?.cents ?? 0 }
      }),
    ),
  }
}
