import { spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { startPlanned } from '../../src/export/start-export.ts'
import { taking } from './clock.ts'
import { judged, median, type Row } from './table.ts'
import { importAll, must, openWorld, tempDir, type World } from './world.ts'

const PARCELS = 1_000
const AT_ONCE = 8
const LATENCY_MS = 100
/** Order and shipments, which 「更新対象の確認」 reads one after the other so that it does not miss a late shipment. */
const TO_LOOK = 2
/** The same again right before writing, POST and read back, PUT of the status and read back: none can begin before the last. */
const TO_WRITE = TO_LOOK + 4

/** Writing 1,000 parcels to a slow shop, each read back, against the requests that have to follow one another. */
export async function benchExport(rounds: number): Promise<Row[]> {
  const looking: number[] = []
  const writing: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const shop = await spawnPretendShop({ profile: 'v416', seed: round + 1 })
    const { dir, remove } = tempDir()
    try {
      for (let count = 0; count < PARCELS; count += 1) await shop.call('addOrder', ONE_PARCEL)
      await shop.call('warm')
      const world = openWorld(dir, shop, AT_ONCE)
      await importAll(world)
      pack(world)
      await shop.call('setLatency', LATENCY_MS)
      const { exporting } = world.services
      const prepared = await taking(async () => {
        const { plan, done } = exporting.preparing.start(world.shop(), null)
        await done
        must('orders of the plan', exporting.deps.exports.plans.find(plan.id)?.state, 'ready')
      })
      const written = await taking(() => write(world))
      await shop.call('setLatency', 0)
      const { orders } = await shop.ledger()
      must('shipments in the shop', Object.values(orders).flatMap((order) => order.shipments).length, PARCELS)
      looking.push(ideal(TO_LOOK) / prepared.ms)
      writing.push(ideal(TO_WRITE) / written.ms)
      world.close()
    } finally {
      remove()
      await shop.close()
    }
  }
  const perSecond = (shares: readonly number[], requests: number) =>
    `${((median(shares) * PARCELS * 1000) / ideal(requests)).toFixed(1)}個/秒`
  return [
    judged({
      name: `${PARCELS}個の書出（${LATENCY_MS} ms、同時${AT_ONCE}、読み返し込み）／理想の往復`,
      values: writing,
      least: 0.9,
      digits: 3,
      note: perSecond(writing, TO_WRITE),
    }),
    judged({
      name: '  その前の更新対象の確認／理想の往復',
      values: looking,
      digits: 3,
      note: perSecond(looking, TO_LOOK),
    }),
  ]
}

const ONE_PARCEL = {
  status: 'P',
  shippingShape: 'list' as const,
  lines: [{ productId: 1201, amount: 1 }],
  groups: [{ shippingId: 12, groupKey: 0 }],
}

const ideal = (requests: number): number => (PARCELS * requests * LATENCY_MS) / AT_ONCE

/** What staff do before an export: every order has its slip number, carrier and today's ship date. */
function pack({ services }: World): void {
  const { db, orderStatuses } = services
  const processed = orderStatuses.list().find(({ role }) => role === 'processed')
  const today = new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Tokyo' }).format(services.now())
  db.$client
    .prepare(
      `update orders set status_id = ?, ship_date = ?, carrier = 'yamato', tracking_number = cast(401234500000 + id as text),
         version = version + 1`,
    )
    .run(processed?.id, today)
}

async function write({ services }: World): Promise<void> {
  const { plans } = services.exporting.deps.exports
  const planId = services.db.$client.prepare<[], number>('select max(id) from export_plans').pluck().get() ?? 0
  const all = new Set(plans.items(planId).map(({ orderId }) => orderId))
  const started = startPlanned(services.exporting.deps, planId, all, null)
  if (!started.started) throw new Error('an export is running already')
  const run = await started.done
  must(`confirmed parcels (${run.state}, ${run.reason})`, run.done, PARCELS)
}
