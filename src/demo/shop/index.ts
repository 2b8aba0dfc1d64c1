/**
 * The pretend shop: a CS-Cart over HTTP that keeps a ledger of all that was done to it. The demo and every test use it.
 *
 *     const shop = await startPretendShop({ profile: 'jp413', seed: 7, now: () => clock })
 *     shop.addOrders(20, { from: new Date('2026-11-01T00:00:00+09:00'), statuses: ['O', 'P'] })
 *     const order = shop.addOrder({ status: 'P', lines: [{ product: '急須', price: 6600, amount: 2 }] })
 *     shop.faults.add({ kind: 'reset-after', on: 'shipments.post' })            // the next POST only
 *     … the app under test talks to shop.url with shop.email and shop.apiKey …
 *     expect(shop.ledger.order(order.id).shipments).toHaveLength(1)              // never ask the app's own database
 *     expect(shop.ledger.recalculated()).toEqual([])                             // no order was ever rewritten
 *     await shop.close()
 *
 * Helpers act as the shop's staff: they are in an order's history, not among `ledger.writes`, which are the API's alone.
 * Money is in yen, times are Unix seconds or Dates. In another process: `main.ts`, driven through `remote.ts`.
 */
import { shopClock } from './clock.ts'
import type { Controls } from './controls.ts'
import { type Faults, shopFaults } from './faults.ts'
import { shopHelpers } from './helpers.ts'
import { shopServer } from './http.ts'
import { type Ledger, shopLedger } from './ledger.ts'
import { shopMemory } from './memory.ts'
import { PROFILES } from './profiles.ts'
import type { Shop } from './shop.ts'
import { SHIPPED_STATUSES } from './statuses.ts'
import type { Profile } from './types.ts'

export type { Fault, FaultKind } from './faults.ts'
export type { AddOrdersOptions } from './helpers.ts'
export type {
  Ledger,
  LedgerSnapshot,
  MailRecord,
  OrderLedger,
  RequestRecord,
  StatusStep,
  WriteRecord,
} from './ledger.ts'
export type * from './types.ts'

export type PretendShopOptions = {
  profile: Profile
  /** 0, any free port, by default. */
  port?: number
  /** 127.0.0.1 by default. */
  host?: string
  /** The folder of the shop on its host, such as `/shop`. */
  subdirectory?: string
  /** Orders follow from it; 1 by default. */
  seed?: number
  now?: () => Date
  /** How long each request takes; others are served meanwhile. */
  latencyMs?: number
  /** Whether another process may drive the shop under `/__shop/`. */
  controls?: boolean
  /** 10001 by default. */
  firstOrderId?: number
}

export type PretendShop = ReturnType<typeof shopHelpers> & {
  profile: Profile
  /** The shop's address with its folder and without a slash at the end. */
  url: string
  port: number
  /** The administrator with all rights. */
  email: string
  apiKey: string
  ledger: Ledger
  faults: Faults
  /** The shop's own time. */
  now: () => Date
  setLatency: (ms: number) => void
  /** Ends every connection, request and timer. */
  close: () => Promise<void>
}

export const ADMIN_EMAIL = 'admin@shop.example.jp'
export const ADMIN_KEY = 'PretendShopKey0123456789ABCDEFGH'

/** Starts a shop without orders. */
export async function startPretendShop(options: PretendShopOptions): Promise<PretendShop> {
  const { profile, port = 0, host = '127.0.0.1', seed = 1, now = () => new Date(), controls = false } = options
  const subdirectory = options.subdirectory ? `/${options.subdirectory.replace(/^\/+|\/+$/g, '')}` : ''
  const clock = shopClock(now)
  const memory = shopMemory(options.firstOrderId ?? 10_001)
  const ledger = shopLedger(clock.now, {
    orderIds: memory.orderIds,
    statusOf: (id) => memory.order(id)?.status ?? null,
    shipmentsOf: (id) =>
      memory.shipmentsOf(id).map((shipment) => ({
        id: shipment.id,
        number: shipment.trackingNumber,
        carrier: shipment.carrier,
        status: shipment.status,
        products: { ...shipment.products },
      })),
  })
  let url = ''
  let latencyMs = options.latencyMs ?? 0
  const shop: Shop = {
    rules: PROFILES[profile],
    clock,
    memory,
    ledger,
    faults: shopFaults(),
    settings: {
      itemsPerPage: 10,
      rewriting: true,
      closed: false,
      ipBlocked: false,
      httpsOnly: false,
      displayErrors: false,
      newShipmentStatus: null,
      notifications: { shipment: true, orderStatus: true },
    },
    statuses: [...SHIPPED_STATUSES],
    users: [{ email: ADMIN_EMAIL, apiKey: ADMIN_KEY, status: 'A', privileges: 'all' }],
    url: () => url,
  }
  const handle = {
    ...shopHelpers(shop, seed),
    profile,
    email: ADMIN_EMAIL,
    apiKey: ADMIN_KEY,
    ledger,
    faults: shop.faults,
    now: clock.now,
    setLatency: (ms: number): void => {
      latencyMs = ms
    },
  }
  const driven: Controls = {
    ...handle,
    get url() {
      return url
    },
  }
  const server = shopServer({ shop, subdirectory, latencyMs: () => latencyMs, controls: controls ? driven : null })
  const listening = await server.listen(port, host)
  url = `http://${host}:${listening}${subdirectory}`
  return { ...handle, url, port: listening, close: server.close }
}
