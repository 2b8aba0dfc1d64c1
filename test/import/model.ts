/**
 * What must hold whatever happens in a shop and whenever imports run: after any history and two quiet imports the stored
 * orders are exactly those that should be there, with CS-Cart's present content, and a further import writes no row.
 * Used by `npm test` (a few hundred histories) and by `npm run soak` (ten thousand).
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openDatabase } from '../../src/db/open.ts'
import { shops as shopsTable } from '../../src/db/schema.ts'
import { sealer } from '../../src/db/seal.ts'
import { importedOrder } from '../../src/import/from-cscart.ts'
import { importRepository } from '../../src/import/repository.ts'
import { type ImportService, importService } from '../../src/import/start-import.ts'
import { contentHashOf, jsonColumns } from '../../src/orders/content-hash.ts'
import { orderRepository } from '../../src/orders/repository.ts'
import { runRepository } from '../../src/runs/repository.ts'
import type { Run } from '../../src/runs/run.ts'
import { shopRepository } from '../../src/shops/repository.ts'
import { watchHistory } from '../support/told-changes.ts'
import { type DirectShop, directShop } from './direct-shop.ts'
import { expectations, type StoredFacts } from './expectations.ts'
import { type Change, type History, history, type Meanwhile } from './history.ts'

const START = Date.parse('2026-11-24T00:31:50Z')
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const FETCH_DAYS = 7

/**
 * Plays `count` random histories.
 * @throws with the seed and the smallest history that breaks a promise
 */
export async function runHistories(count: number, seed: number): Promise<void> {
  const stage = openStage()
  try {
    await fc.assert(
      fc.asyncProperty(history, (one) => play(stage, one)),
      { numRuns: count, seed },
    )
  } finally {
    stage.close()
  }
}

type Stage = ReturnType<typeof openStage>

/** One database in memory for all histories, each with a shop of its own. */
function openStage() {
  const db = openDatabase(':memory:')
  const seal = sealer('a secret key for tests only')
  const orders = orderRepository(db)
  const runs = runRepository(db)
  const shops = shopRepository(db, seal)
  const imports = importRepository(db)
  return { db, orders, runs, shops, imports, everyChangeIsTold: watchHistory(db), close: () => db.$client.close() }
}

async function play(stage: Stage, one: History): Promise<void> {
  const { orders, runs, shops, imports, db } = stage
  let at = START
  const now = (): Date => new Date(at)
  let onList = (): void => {}
  const shop = directShop({
    profile: one.profile,
    now,
    clockOffsetMs: one.offsetSeconds * 1000,
    onList: () => onList(),
  })
  const shopId = db
    .insert(shopsTable)
    .values({
      name: '店',
      baseUrl: 'http://127.0.0.1/',
      apiEmail: 'a@example.jp',
      apiKeySealed: '',
      landingStatusId: 1,
      fetchStatuses: one.fetchStatuses,
      fetchDays: FETCH_DAYS,
      fenceAt: one.fenceDays === null ? null : START - one.fenceDays * DAY,
      kanaFields: { contact: ['36', '37'], billing: ['38', '40'], shipping: ['39', '41'] },
      carrierCodes: {},
      capabilities: {},
      knownStatuses: [],
      requestsAtOnce: one.requestsAtOnce,
      createdAt: at,
      settingsSavedAt: at,
    })
    .returning({ id: shopsTable.id })
    .get().id
  const quietLog = { info() {}, warn() {}, error() {} }
  const { pageSize } = one
  const deps = { db, orders, runs, shops, imports, now, pageSize, log: quietLog, clientFor: () => shop.client }
  const importing = importService(deps)
  const expected = expectations(one, shop)
  const typed = new Map<number, string>()

  for (const { status, daysAgo } of one.before) expected.touch(addOrder(shop, status, daysAgo, daysAgo))
  for (const step of one.steps) {
    if (step.do === 'wait') at += step.minutes * MINUTE
    else if (step.do === 'change') expected.touch(apply(shop, step.change))
    else if (step.do === 'type') typeInto(stage, shopId, step.at, at, typed)
    else await runImport(step.mode, step.meanwhile)
  }
  for (let quiet = 0; quiet < 2; quiet += 1) {
    at += MINUTE
    const run = await runImport('days', [])
    assert.equal(run.state, 'succeeded', `a quiet import ended ${run.state} ${run.reason ?? ''}`)
  }

  const stored = storedOrders(stage, shopId)
  for (const id of expected.check(stored, now())) {
    const { contentHash } = stored.find((order) => order.csCartOrderId === id) ?? {}
    assert.equal(contentHash, await hashInShop(stage, shopId, shop, id), `order ${id} differs from the shop's`)
  }
  for (const [orderId, memo] of typed) assert.equal(orders.find(orderId)?.memo, memo, 'what staff typed was touched')
  const rows = rowsOf(stage, shopId)
  at += MINUTE
  const last = await runImport('days', [])
  assert.equal(last.created + last.changed + last.failed, 0, 'an import of unchanged orders found something to do')
  assert.equal(rowsOf(stage, shopId), rows, 'an import of unchanged orders wrote a row')
  stage.everyChangeIsTold()
  clear(stage, shopId)

  async function runImport(mode: 'days' | 'scheduled', meanwhile: Meanwhile[]) {
    let lists = 0
    const left = [...meanwhile]
    expected.importBegins(mode, now())
    onList = () => {
      lists += 1
      for (const each of left.filter(({ afterList }) => afterList === lists)) {
        left.splice(left.indexOf(each), 1)
        expected.touch(apply(shop, each.change))
      }
    }
    const run = await ended(importing, stage, shopId, mode)
    onList = () => {}
    expected.importEnded(new Set(storedOrders(stage, shopId).map((order) => order.csCartOrderId)))
    countsEqualItems(stage, run)
    return run
  }
}

/** The content of an order as the shop has it now, mapped and hashed as an import would. */
async function hashInShop({ shops }: Stage, shopId: number, shop: DirectShop, id: number): Promise<string> {
  const fetched = await shop.client.order(id)
  const settings = shops.find(shopId)
  assert(fetched && settings)
  const order = importedOrder(fetched.order, settings, fetched.raw)
  return contentHashOf(order, jsonColumns(order))
}

async function ended(
  importing: ImportService,
  { shops }: Stage,
  shopId: number,
  mode: 'days' | 'scheduled',
): Promise<Run> {
  const shop = shops.find(shopId)
  assert(shop)
  const started = importing.start(shop, { mode }, { trigger: mode === 'days' ? 'manual' : 'schedule' })
  assert(started.started, 'an import was running already')
  return started.done
}

/** @returns the order that was touched, undefined where there was none */
function apply(shop: DirectShop, change: Change): number | undefined {
  if (change.kind === 'create') return addOrder(shop, change.status, change.daysLate)
  const ids = shop.orders().map((order) => order.id)
  const id = ids[change.at % Math.max(1, ids.length)]
  if (id === undefined) return undefined
  const order = shop.order(id)
  if (change.kind === 'status') shop.setStatus(id, change.to)
  else if (change.kind === 'edit') shop.editOrder(id, { total: (order?.total ?? 0) + 100 })
  else if (change.kind === 'note') {
    const moved = { city: `${order?.shipping.city ?? ''}町` }
    // Nothing that a list shows moves, a total that was edited before included.
    const note = { details: `${order?.details ?? ''}!`, shipping: moved, total: order?.total ?? 0 }
    shop.editOrder(id, note, { bumpUpdatedAt: false })
  } else shop.removeOrder(id)
  return id
}

function addOrder(shop: DirectShop, status: string, daysAgo: number, untouchedFor = 0): number {
  const secondsAgo = (days: number) => shop.seconds() - Math.round((days * DAY) / 1000)
  const line = { product: '湯のみ', price: 1000, amount: 1 }
  return shop.addOrder({ status, timestamp: secondsAgo(daysAgo), updatedAt: secondsAgo(untouchedFor), lines: [line] })
    .id
}

function typeInto({ orders, db }: Stage, shopId: number, pick: number, at: number, typed: Map<number, string>): void {
  const ids = db.$client
    .prepare<[number], number>('select id from orders where shop_id = ? order by id')
    .pluck()
    .all(shopId)
  const id = ids[pick % Math.max(1, ids.length)]
  const order = id === undefined ? undefined : orders.find(id)
  if (!order) return
  const memo = `${order.memo}.`
  const saved = orders.update(
    order.id,
    order.version,
    { memo, trackingNumber: '123456789012' },
    { accountId: null, at },
  )
  assert(saved?.ok)
  typed.set(order.id, memo)
}

function storedOrders({ db }: Stage, shopId: number): StoredFacts[] {
  return db.$client
    .prepare<[number], StoredFacts>(
      `select cs_cart_order_id as "csCartOrderId", cs_cart_status as "csCartStatus", total_cents as "totalCents",
         content_hash as "contentHash", cancelled_in_cs_cart_at as "cancelledInCsCartAt" from orders where shop_id = ?`,
    )
    .all(shopId)
}

function rowsOf({ db }: Stage, shopId: number): string {
  const all = (sql: string): unknown[] => db.$client.prepare(sql).all(shopId)
  return JSON.stringify([
    all('select * from orders where shop_id = ? order by id'),
    all('select l.* from order_lines l join orders o on o.id = l.order_id where o.shop_id = ? order by o.id, item_id'),
    all('select h.* from order_history h join orders o on o.id = h.order_id where o.shop_id = ? order by h.id'),
    all(
      'select p.fetched_at from order_payloads p join orders o on o.id = p.order_id where o.shop_id = ? order by o.id',
    ),
  ])
}

function countsEqualItems({ runs }: Stage, run: Run): void {
  const sums = { created: 0, changed: 0, unchanged: 0, done: 0, skipped: 0, failed: 0 }
  for (const item of runs.items(run.id, { limit: 10_000 }).items) sums[item.outcome] += item.count
  for (const [outcome, sum] of Object.entries(sums)) {
    assert.equal(Reflect.get(run, outcome), sum, `the count of ${outcome} is not that of the items`)
  }
}

function clear({ db }: Stage, shopId: number): void {
  for (const table of ['orders', 'runs', 'import_states', 'import_baseline', 'import_failures']) {
    db.$client.prepare(`delete from ${table} where shop_id = ?`).run(shopId)
  }
  db.$client.prepare('delete from shops where id = ?').run(shopId)
}
