import { csCartClient, type Timeouts } from '../../src/cscart/client.ts'
import type { Db } from '../../src/db/open.ts'
import { sealer } from '../../src/db/seal.ts'
import { type ExportDeps, sleep, type Waits } from '../../src/export/deps.ts'
import { parcelRepository, planRepository } from '../../src/export/repository.ts'
import { recoverExport, type StartDeps } from '../../src/export/start-export.ts'
import { orderRepository } from '../../src/orders/repository.ts'
import { runRepository } from '../../src/runs/repository.ts'
import { shopRepository } from '../../src/shops/repository.ts'
import type { Shop } from '../../src/shops/shop.ts'

export const TODAY = '2026-11-24'
export const NOW = new Date(`${TODAY}T10:00:00+09:00`)
export const SECRET = 'a secret key for tests only'

/** Repositories, client and operations over an open database; the shop must be in it already. */
export function exportServices(
  db: Db,
  options: { waits?: Partial<Waits>; now?: () => Date; timeouts?: Partial<Timeouts> } = {},
) {
  const now = options.now ?? (() => NOW)
  const shopsOf = shopRepository(db, sealer(SECRET))
  const orders = orderRepository(db)
  const runs = runRepository(db)
  const clients = new Map<number, ReturnType<typeof csCartClient>>()
  const clientFor = (shop: Shop) => {
    const known = clients.get(shop.id)
    if (known) return known
    const made = csCartClient(
      { ...shopsOf.connectionOf(shop), allowPrivate: true, requestsAtOnce: shop.requestsAtOnce },
      {
        sleep: async () => {},
        attempts: 2,
        maxBodyBytes: 1_000_000,
        timeouts: { readMs: 10_000, writeMs: 10_000, ...options.timeouts },
      },
    )
    clients.set(shop.id, made)
    return made
  }
  const exports: ExportDeps = {
    db,
    orders,
    plans: planRepository(db),
    parcels: parcelRepository(db),
    shops: shopsOf,
    clientFor,
    now,
    timeZone: 'Asia/Tokyo',
    apiOptionInForce: () => true,
    sleep,
    waits: { afterLostAnswer: 0, settle: 0, lookAgain: 3_000, finish: 1_000, ...options.waits },
  }
  const log = { info() {}, warn() {}, error: (fields: object, message: string) => console.error(message, fields) }
  const start: StartDeps = { exports, runs: { runs, now, log } }
  return {
    db,
    orders,
    runs,
    exports,
    start,
    shops: shopsOf,
    clientFor,
    closeClients: () => Promise.all([...clients.values()].map((client) => client.close())),
  }
}

/** What a start of the program does: what says that it runs was cut off, and the newest run is gone on with where it was. */
export async function startUp({ runs, shops, start }: ReturnType<typeof exportServices>): Promise<void> {
  runs.interruptRunning(NOW.getTime())
  for (const shop of shops.list()) {
    const newest = runs.latest(shop.id, 'export')
    const started = newest?.state === 'interrupted' ? recoverExport(start, newest) : undefined
    if (started?.started) await started.done
  }
}
