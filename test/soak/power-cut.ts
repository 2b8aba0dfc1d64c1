/**
 * Power cuts: the database and its WAL are copied while an import and an export work, the copy's WAL is cut off, zeroed
 * or garbled somewhere, as a disk may leave it, and what then opens must still keep every promise of ours.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Db, openDatabase } from '../../src/db/open.ts'
import { startPretendShop } from '../../src/demo/shop/index.ts'
import { frozenClock, testApp } from '../support/app.ts'

type Snapshot = { db: Buffer; wal: Buffer }
type Damage = 'cut' | 'zeroed' | 'garbled'
const DAMAGES: readonly Damage[] = ['cut', 'zeroed', 'garbled']

/** So many of the copies are cut, the last one among them: enough to meet every step of both runs. */
const MOST_COPIES = 12

/** A disk writes whole sectors or nothing of them. */
const SECTOR = 512

/**
 * Runs a real import and a real export of so many orders, and copies the files between their transactions.
 * @returns the copies, oldest first; the last one was taken when all was done
 */
async function workAndCopy(orders: number): Promise<Snapshot[]> {
  const clock = frozenClock()
  const shop = await startPretendShop({ profile: 'jp413', now: clock.now })
  const t = await testApp({ clock })
  const snapshots: Snapshot[] = []
  const file = join(t.dataDir, 'tsunagi.db')
  const copy = () => snapshots.push({ db: readFileSync(file), wal: readFileSync(`${file}-wal`) })
  try {
    // Everything stays in the WAL, so that a cut can reach every transaction.
    t.db.$client.pragma('wal_autocheckpoint = 0')
    const shopId = t.connectShop(shop, { carrierCodes: { yamato: 'yamato', sagawa: 'sagawa', jpost: 'jpost' } })
    for (let n = 0; n < orders; n += 1) shop.addOrder({ status: 'P', timestamp: clock.now() })
    const stored = t.services.shops.find(shopId)
    if (!stored) throw new Error('the shop is gone')
    const finished = async (started: ReturnType<typeof t.services.importing.start>) => {
      if (!started.started) throw new Error('the run did not start')
      const copying = setInterval(copy, 20)
      await started.done
      clearInterval(copying)
      copy()
    }
    await finished(t.services.importing.start(stored, { mode: 'days' }, { trigger: 'manual' }))
    t.db.$client
      .prepare(
        `update orders set status_id = 4, ship_date = '2026-11-24', carrier = 'yamato', tracking_number = '4012345' || (10000 + id)`,
      )
      .run()
    await finished(t.services.exporting.start(stored, 'manual'))
    return snapshots
  } finally {
    await t.close()
    await shop.close()
  }
}

function damaged(wal: Buffer, damage: Damage, offset: number): Buffer {
  if (damage === 'cut') return wal.subarray(0, offset)
  const copy = Buffer.from(wal)
  if (damage === 'zeroed') return copy.fill(0, offset)
  for (let at = offset; at < Math.min(offset + SECTOR, copy.length); at += 1) copy[at] = (at * 2_654_435_761) & 0xff
  return copy
}

/** Every promise that a database must keep whatever happened to it, as one line for each that is broken. */
export function brokenInvariants(db: Db): string[] {
  const sql = db.$client
  const rows = (query: string): unknown[] => sql.prepare(query).all()
  const none = (what: string, query: string) => {
    const found = rows(query)
    return found.length === 0 ? [] : [`${what}: ${JSON.stringify(found.slice(0, 3))}`]
  }
  const integrity = sql.pragma('integrity_check', { simple: true })
  return [
    ...(integrity === 'ok' ? [] : [`integrity_check: ${String(integrity)}`]),
    ...none('a reference leads nowhere', 'pragma foreign_key_check'),
    ...none('an order stands twice', 'select shop_id, cs_cart_order_id from orders group by 1, 2 having count(*) > 1'),
    ...none('an order has no lines', 'select id from orders where id not in (select order_id from order_lines)'),
    ...none(
      "an order lacks CS-Cart's own answer",
      'select id from orders where id not in (select order_id from order_payloads)',
    ),
    ...none(
      'an order came in without a word in its history',
      "select id from orders where id not in (select order_id from order_history where event = 'imported')",
    ),
    ...none(
      "a run's counts differ from its items",
      `select r.id from runs r where
         r.created <> (select coalesce(sum(count), 0) from run_items where run_id = r.id and outcome = 'created') or
         r.changed <> (select coalesce(sum(count), 0) from run_items where run_id = r.id and outcome = 'changed') or
         r.unchanged <> (select coalesce(sum(count), 0) from run_items where run_id = r.id and outcome = 'unchanged') or
         r.done <> (select coalesce(sum(count), 0) from run_items where run_id = r.id and outcome = 'done') or
         r.skipped <> (select coalesce(sum(count), 0) from run_items where run_id = r.id and outcome = 'skipped') or
         r.failed <> (select coalesce(sum(count), 0) from run_items where run_id = r.id and outcome = 'failed')`,
    ),
    ...none(
      'an order is called confirmed without a confirmed parcel',
      `select id from orders where export_state = 'confirmed'
         and id not in (select order_id from parcels where state = 'confirmed' and shipment_id is not null)`,
    ),
    ...none(
      'a parcel is confirmed and its order is not',
      `select p.order_id from parcels p join orders o on o.id = p.order_id
         where p.state = 'confirmed' and o.export_state <> 'confirmed'`,
    ),
  ]
}

export type PowerCutResult = { cuts: number; orders: number; lossless: boolean; faults: string[] }

/**
 * @param cuts how many damaged copies are opened at least
 * @param orders how many orders the import and the export work on
 */
export async function powerCuts(cuts: number, orders = 24): Promise<PowerCutResult> {
  const taken = await workAndCopy(orders)
  const every = Math.ceil(taken.length / MOST_COPIES)
  const snapshots = taken.filter((_, index) => (taken.length - 1 - index) % every === 0)
  const folder = mkdtempSync(join(tmpdir(), 'tsunagi-power-'))
  const faults: string[] = []
  let done = 0
  try {
    const perSnapshot = Math.ceil(cuts / snapshots.length / DAMAGES.length)
    for (const [index, snapshot] of snapshots.entries()) {
      for (const damage of DAMAGES) {
        for (let n = 0; n < perSnapshot; n += 1) {
          // Offsets spread over the whole file, and not all on the edges of frames or sectors.
          const offset = Math.floor(((n + (index % 7) / 7) / perSnapshot) * snapshot.wal.length)
          const broken = openDamaged(folder, snapshot.db, damaged(snapshot.wal, damage, offset))
          faults.push(...broken.map((fault) => `copy ${index}, WAL ${damage} at ${offset}: ${fault}`))
          done += 1
        }
      }
    }
    const last = snapshots.at(-1)
    return { cuts: done, orders, lossless: last !== undefined && holdsEverything(folder, last, orders), faults }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function openCopy<T>(folder: string, db: Buffer, wal: Buffer, look: (db: Db) => T): T {
  const place = join(folder, 'copy')
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place)
  const file = join(place, 'tsunagi.db')
  writeFileSync(file, db)
  writeFileSync(`${file}-wal`, wal)
  const opened = openDatabase(file)
  try {
    return look(opened)
  } finally {
    opened.$client.close()
  }
}

function openDamaged(folder: string, db: Buffer, wal: Buffer): string[] {
  try {
    return openCopy(folder, db, wal, brokenInvariants)
  } catch (error) {
    return [`it does not open: ${String(error)}`]
  }
}

/** What was acknowledged before the copy is in the copy: nothing waits in memory. */
function holdsEverything(folder: string, { db, wal }: Snapshot, orders: number): boolean {
  return openCopy(folder, db, wal, ({ $client }) => {
    const confirmed = $client.prepare("select count(*) from orders where export_state = 'confirmed'").pluck().get()
    return confirmed === orders
  })
}
