import type { Timeouts } from '../../src/cscart/client.ts'
import { eq } from '../../src/db/drizzle.ts'
import { type Db, openDatabase } from '../../src/db/open.ts'
import { orderStatuses, shops } from '../../src/db/schema.ts'
import { sealer } from '../../src/db/seal.ts'
import { type OrderDraft, type PretendShop, type Profile, startPretendShop } from '../../src/demo/shop/index.ts'
import { beginPlan, lookThrough } from '../../src/export/create-plan.ts'
import type { Waits } from '../../src/export/deps.ts'
import { retryExport, startExport, startPlanned } from '../../src/export/start-export.ts'
import { importedOrder } from '../../src/import/from-cscart.ts'
import type { Run } from '../../src/runs/run.ts'
import type { StartedRun } from '../../src/runs/start-run.ts'
import type { Shop } from '../../src/shops/shop.ts'
import { watchHistory } from '../support/told-changes.ts'
import { exportServices, NOW, SECRET, startUp, TODAY } from './services.ts'

export const NUMBER = '401234567891'

export { exportServices, NOW, TODAY }

const ONE_GROUP = { lines: [{ productId: 1201, amount: 1 }], groups: [{ shippingId: 12, groupKey: 0 }] }

/** Lines of two products. */
export const A = (amount: number) => ({ productId: 1201, amount })
export const B = (amount: number) => ({ productId: 1305, amount })

/** Two lines that travel in two shipping groups. */
export const TWO_GROUPS = {
  lines: [A(1), { ...B(2), groupKey: 1 }],
  groups: [
    { shippingId: 12, groupKey: 0 },
    { shippingId: 13, groupKey: 1 },
  ],
}

/** Where an export is tested: the real repositories over real SQLite, and the pretend shop over HTTP. Only the clock stands. */
export type World = Awaited<ReturnType<typeof exportWorld>>

type Options = {
  profile?: Profile
  /** An existing shop, such as one in another process. */
  shop?: { url: string; email: string; apiKey: string }
  file?: string
  waits?: Partial<Waits>
  settings?: Partial<typeof shops.$inferInsert>
  timeouts?: Partial<Timeouts>
  /** What our own clock says; the shop's stands. */
  now?: () => Date
}

export function connectShop(
  db: Db,
  shop: { url: string; email: string; apiKey: string },
  settings: Options['settings'] = {},
) {
  return db
    .insert(shops)
    .values({
      name: 'うつわ工房',
      baseUrl: `${shop.url.replace(/\/+$/, '')}/`,
      apiEmail: shop.email,
      apiKeySealed: sealer(SECRET).seal(shop.apiKey),
      landingStatusId: 1,
      fetchStatuses: ['O', 'P'],
      fetchDays: 7,
      kanaFields: { contact: ['36', '37'], billing: ['38', '40'], shipping: ['39', '41'] },
      carrierCodes: {},
      capabilities: {},
      knownStatuses: [],
      createdAt: NOW.getTime(),
      settingsSavedAt: NOW.getTime(),
      ...settings,
    })
    .returning({ id: shops.id })
    .get().id
}

export type Services = Pick<ReturnType<typeof exportServices>, 'db' | 'orders' | 'clientFor'>

/** Imports an order of the shop and does what staff do before it is exported. */
export async function takeIn(
  services: Services,
  shop: Shop,
  csCartOrderId: number,
  typed: { carrier?: string; trackingNumber?: string; shipDate?: string } = {},
): Promise<number> {
  const { db, orders } = services
  const fetched = await services.clientFor(shop).order(csCartOrderId)
  if (!fetched) throw new Error(`no order ${csCartOrderId}`)
  const { orderId } = orders.saveImported(importedOrder(fetched.order, shop, fetched.raw), {
    runId: null,
    at: NOW.getTime(),
    landingStatusId: shop.landingStatusId,
  })
  const processed = db.select().from(orderStatuses).where(eq(orderStatuses.role, 'processed')).get()
  if (!processed) throw new Error('no processed status')
  const stored = orders.find(orderId)
  const { carrier = 'yamato', trackingNumber = NUMBER, shipDate = TODAY } = typed
  orders.update(
    orderId,
    stored?.version ?? 1,
    { statusId: processed.id, shipDate, carrier, trackingNumber },
    { accountId: null, at: NOW.getTime() },
  )
  return orderId
}

/** As an import does that runs beside the export, a minute after the order was taken in. */
export async function importAgain(world: World, csCartOrderId: number): Promise<void> {
  const shop = world.shop()
  const fetched = await world.clientFor(shop).order(csCartOrderId)
  if (!fetched) throw new Error(`no order ${csCartOrderId}`)
  const at = NOW.getTime() + 60_000
  const { landingStatusId } = shop
  world.orders.saveImported(importedOrder(fetched.order, shop, fetched.raw), {
    runId: null,
    at,
    fetchedAt: at,
    landingStatusId,
  })
}

export async function exportWorld(options: Options = {}) {
  const pretend: PretendShop = await startPretendShop({ profile: options.profile ?? 'v420', now: () => NOW })
  const db = openDatabase(options.file ?? ':memory:')
  const everyChangeIsTold = watchHistory(db)
  const shopId = connectShop(db, pretend, options.settings)
  const services = exportServices(db, options)
  const shop = () => {
    const found = services.shops.find(shopId)
    if (!found) throw new Error('the shop is gone')
    return found
  }
  const ended = async (started: StartedRun | undefined): Promise<Run> => {
    if (!started?.started) throw new Error('no run was started')
    return started.done
  }

  return {
    ...services,
    pretend,
    shop,
    /** An order that is due: in the shop, imported, and with all that staff type. */
    async dueOrder(
      draft: OrderDraft = {},
      typed: Parameters<typeof takeIn>[3] = {},
    ): Promise<{ id: number; csCartId: number }> {
      const order = pretend.addOrder({ status: 'P', shippingShape: 'list', ...ONE_GROUP, ...draft })
      return { id: await takeIn(services, shop(), order.id, typed), csCartId: order.id }
    },
    edit(orderId: number, fields: Parameters<typeof services.orders.update>[2]) {
      const order = services.orders.find(orderId)
      services.orders.update(orderId, order?.version ?? 1, fields, { accountId: null, at: NOW.getTime() })
    },
    /** 「更新対象の確認」. */
    async plan() {
      const plan = beginPlan(services.exports, { shop: shop(), days: shop().exportDays, accountId: null })
      await lookThrough(services.exports, shop(), plan.id, new AbortController().signal)
      return { id: plan.id, items: services.exports.plans.items(plan.id) }
    },
    /** 「発送情報を更新」 of a plan with all its orders, or some. */
    execute: (planId: number, orderIds?: number[]) =>
      ended(
        startPlanned(
          services.start,
          planId,
          new Set(orderIds ?? services.exports.plans.items(planId).map((item) => item.orderId)),
          null,
        ),
      ),
    exportAll: (trigger: 'manual' | 'schedule' = 'manual') => ended(startExport(services.start, shop(), trigger)),
    retry: (run: Run) => ended(retryExport(services.start, run, null)),
    /** What a start-up does after a crash. */
    recover: () => startUp(services),
    itemsOf: (run: Run) => services.runs.items(run.id, { limit: 1_000 }).items,
    async close() {
      everyChangeIsTold()
      await services.closeClients()
      await pretend.close()
      db.$client.close()
    },
  }
}
