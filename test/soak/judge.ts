/** What must hold whatever happened to the process: the database by itself, and the database against the shop's own ledger. */

import type { Db } from '../../src/db/open.ts'
import type { Profile, ShopOrder } from '../../src/demo/shop/index.ts'
import type { RemoteShop } from '../../src/demo/shop/remote.ts'
import { CARRIERS } from '../../src/orders/carriers.ts'
import { orderRepository } from '../../src/orders/repository.ts'
import { databaseFile, withDatabase } from './data-dir.ts'
import { parcelsOf, type ShopBook } from './shop-life.ts'
import { type StaffBook, staffFaults } from './staff.ts'

const FETCHED = new Set(['O', 'P'])

/** The invariants that need no shop. `quiet`: nothing is running, so no run may say that it is. */
export function databaseFaults(db: Db, quiet: boolean): string[] {
  const sql = db.$client
  const faults: string[] = []
  const none = (what: string, query: string): void => {
    const rows = sql.prepare(query).all()
    if (rows.length > 0)
      faults.push(
        `${what}: ${JSON.stringify(rows.slice(0, 3))}${rows.length > 3 ? ` and ${rows.length - 3} more` : ''}`,
      )
  }
  const integrity = sql.pragma('integrity_check', { simple: true })
  if (integrity !== 'ok') faults.push(`integrity_check: ${String(integrity)}`)
  none('foreign_key_check', 'pragma foreign_key_check')
  none(
    'a run counts other than its items',
    `select r.id, r.kind, r.state from runs r where exists (
       select 1 from (select 'created' as outcome, r.created as n union all select 'changed', r.changed
         union all select 'unchanged', r.unchanged union all select 'done', r.done
         union all select 'skipped', r.skipped union all select 'failed', r.failed) told
       where told.n <> (select coalesce(sum(count), 0) from run_items i where i.run_id = r.id and i.outcome = told.outcome))`,
  )
  none(
    'more than one run at work',
    "select shop_id, kind from runs where state = 'running' group by 1, 2 having count(*) > 1",
  )
  if (quiet) none('a run is left running', "select id, kind from runs where state = 'running'")
  none('a run ended before it began', 'select id from runs where finished_at < started_at')
  none('a run failed unexpectedly', "select id, kind, detail from runs where reason = 'unexpected'")
  none(
    'an order is stored twice',
    'select cs_cart_order_id from orders group by shop_id, cs_cart_order_id having count(*) > 1',
  )
  none(
    'an order without lines',
    'select cs_cart_order_id from orders o where not exists (select 1 from order_lines where order_id = o.id)',
  )
  none(
    'an order without the original answer, or with other lines than that',
    `select cs_cart_order_id from orders o left join order_payloads p on p.order_id = o.id
     where p.order_id is null or (select count(*) from order_lines where order_id = o.id)
       <> (select count(*) from json_each(cast(p.body as text), '$.products'))`,
  )
  none(
    'an order that was not imported exactly once',
    "select cs_cart_order_id from orders o where (select count(*) from order_history where order_id = o.id and event = 'imported') <> 1",
  )
  none(
    'a version without its history',
    "select cs_cart_order_id from orders o where version <> 1 + (select count(*) from order_history where order_id = o.id and event = 'edited')",
  )
  none(
    'an order called confirmed with a parcel that is not',
    `select o.cs_cart_order_id, p.state from orders o join parcels p on p.order_id = o.id
     where o.export_state = 'confirmed' and o.exported_as = coalesce(o.carrier, '') || '|' || o.tracking_number and p.state <> 'confirmed'`,
  )
  return faults
}

export type JudgeOptions = { dataDir: string; shopId: number; profile: Profile; staff: StaffBook; shopBook: ShopBook }

/** Everything after the loop, with the process gone and all work done. None is right. */
export async function faultsAtTheEnd(shop: RemoteShop, options: JudgeOptions): Promise<string[]> {
  const orders: readonly ShopOrder[] = await shop.call('orders')
  const ledger = await shop.ledger()
  return withDatabase(options.dataDir, (db) => {
    const faults = [...databaseFaults(db, true), ...staffFaults(db, options.staff)]
    const stored = orderRepository(db)
    for (const order of orders) {
      const ours = stored.findByCsCartId(options.shopId, order.id)
      const say = (wrong: boolean, what: string): void => {
        if (wrong) faults.push(`order ${order.id} (${order.status}): ${what}`)
      }
      if (!ours) {
        say(FETCHED.has(order.status), 'it was never imported')
        continue
      }
      say(ours.csCartStatus !== order.status, `its status here is ${ours.csCartStatus}`)
      say((ours.cancelledInCsCartAt !== null) !== (order.status === 'I'), 'cancelled there and here differ')
      say(ours.totalCents !== Math.round(order.total * 100), `its total here is ${ours.totalCents}`)
      const lines = (list: readonly { itemId: string; amount: number }[]): string =>
        list
          .map((line) => `${line.itemId}x${line.amount}`)
          .sort()
          .join(' ')
      say(lines(stored.linesOf(ours.id)) !== lines(order.lines), `its lines here are ${lines(stored.linesOf(ours.id))}`)

      const book = ledger.orders[order.id]
      const shipments = book?.shipments ?? []
      const typed = options.staff.get(order.id)
      say((book?.recalculated.length ?? 0) > 0, 'the shop recalculated it')
      say(
        shipments.length > (typed ? parcelsOf(order) : 0),
        `${shipments.length} shipments for ${parcelsOf(order)} parcels`,
      )
      const mails = book?.mails ?? []
      const kinds = mails.map((mail) => `${mail.kind} ${mail.about}`)
      say(new Set(kinds).size < kinds.length, `two mails of one kind: ${kinds.join(', ')}`)
      say(
        mails.length > (mailsAlways(options.profile) ? Math.max(1, parcelsOf(order)) : 1),
        `${mails.length} mails: ${kinds.join(', ')}`,
      )
      say(ours.exportState === 'confirmed' && order.status !== 'C', 'it is called confirmed here')
      if (!typed || options.shopBook.ended.has(order.id)) continue
      say(shipments.length < parcelsOf(order), `${shipments.length} shipments for ${parcelsOf(order)} parcels`)
      say(order.status !== 'C', 'its status was not written')
      const code = CARRIERS.find((carrier) => carrier.id === typed.carrier)?.code
      for (const shipment of shipments) {
        say(
          shipment.number !== typed.trackingNumber || shipment.carrier !== code || shipment.status !== 'S',
          `shipment ${shipment.id} is ${shipment.carrier} ${shipment.number} ${shipment.status}, not ${code} ${typed.trackingNumber} S`,
        )
      }
      for (const line of order.lines.filter((each) => !each.downloadable)) {
        const shipped = shipments.reduce((sum, shipment) => sum + (shipment.products[line.itemId] ?? 0), 0)
        say(shipped !== line.amount, `${shipped} of ${line.amount} pieces of line ${line.itemId} were shipped`)
      }
      say(ours.exportState !== 'confirmed', `it is ${ours.exportState} (${ours.exportReason}) here`)
    }
    for (const number of options.shopBook.ended) {
      const ours = stored.findByCsCartId(options.shopId, number)
      if (ours && ours.cancelledInCsCartAt === null)
        faults.push(`order ${number}: cancelled or removed in the shop, not here`)
    }
    return faults
  })
}

/** Shops of these versions mail with each shipment whatever the caller asks. */
const mailsAlways = (profile: Profile): boolean => profile === 'jp413' || profile === 'v416'

/** For a person who looks into a failure: what lies where. */
export const whereToLook = (dataDir: string): string => `kept for a look: ${databaseFile(dataDir)}`
