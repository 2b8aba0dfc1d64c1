import { type PretendShop, type PretendShopOptions, type Profile, startPretendShop } from '../../src/demo/shop/index.ts'
import type { ImportRequest } from '../../src/import/request.ts'
import type { Run } from '../../src/runs/run.ts'
import type { Shop } from '../../src/shops/shop.ts'
import { frozenClock, type TestAppOptions, testApp } from '../support/app.ts'
import { watchHistory } from '../support/told-changes.ts'

export const PROFILES: readonly Profile[] = ['jp410', 'jp413', 'v416', 'v420']
export const DAY = 24 * 3_600_000
export const MINUTE = 60_000

/** The real app and one pretend shop that tell the time by the same clock, connected to each other. */
export async function importWorld(
  options: {
    profile?: Profile
    shop?: Partial<PretendShopOptions>
    app?: TestAppOptions
    settings?: Parameters<Awaited<ReturnType<typeof testApp>>['connectShop']>[1]
  } = {},
) {
  const clock = options.app?.clock ?? frozenClock()
  const shop: PretendShop = await startPretendShop({
    profile: options.profile ?? 'jp413',
    now: clock.now,
    ...options.shop,
  })
  const app = await testApp({ accounts: false, ...options.app, clock })
  const shopId = app.connectShop(shop, options.settings)
  const { services, db } = app
  const everyChangeIsTold = watchHistory(db)

  const ourShop = (): Shop => {
    const found = services.shops.find(shopId)
    if (!found) throw new Error('the shop is gone')
    return found
  }

  return {
    clock,
    shop,
    app,
    db,
    services,
    shopId,
    ourShop,
    merchant: app.merchant,
    /** Runs an import to its end, as button or clock would. */
    async import(request: ImportRequest = { mode: 'days' }): Promise<Run> {
      const trigger = request.mode === 'scheduled' ? 'schedule' : 'manual'
      const started = services.importing.start(ourShop(), request, { trigger })
      if (!started.started) throw new Error('an import is running already')
      return started.done
    },
    /** A time in the shop, as many ms before now. */
    ago: (ms: number): Date => new Date(clock.now().getTime() - ms),
    stored: (csCartOrderId: number) => services.orders.findByCsCartId(shopId, csCartOrderId),
    /** All stored CS-Cart order numbers. */
    numbers: (): number[] =>
      db.$client.prepare('select cs_cart_order_id from orders order by 1').pluck().all().map(Number),
    /** Every row of orders, lines and payloads as text: equal means that nothing was written. */
    rows: (): string =>
      JSON.stringify([
        db.$client.prepare('select * from orders order by id').all(),
        db.$client.prepare('select * from order_lines order by order_id, item_id').all(),
        db.$client.prepare('select order_id, hex(body), fetched_at from order_payloads order by order_id').all(),
        db.$client.prepare('select * from order_history order by id').all(),
      ]),
    items: (run: Run) => services.runs.items(run.id, { limit: 10_000 }).items,
    async close(): Promise<void> {
      everyChangeIsTold()
      await app.close()
      await shop.close()
    },
  }
}
export type ImportWorld = Awaited<ReturnType<typeof importWorld>>
