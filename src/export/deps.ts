import type { CsCartClient } from '../cscart/client.ts'
import type { Db } from '../db/open.ts'
import type { OrderRepository } from '../orders/repository.ts'
import type { RunHandle } from '../runs/start-run.ts'
import type { ShopRepository } from '../shops/repository.ts'
import type { Shop } from '../shops/shop.ts'
import type { ParcelRepository, PlanRepository } from './repository.ts'

/** Waits in ms. */
export type Waits = {
  /** After a lost answer, before the shop is asked whether it did the work. */
  afterLostAnswer: number
  /** How long the shop may still be busy with a write whose answer nobody waited for; nothing is repeated before. */
  settle: number
  /** A look at the shop that is older is repeated before an order's status is written. */
  lookAgain: number
  /** After 「中止」 or a stop: how long an order that was begun may go on to its end. */
  finish: number
}

export const WAITS: Waits = { afterLostAnswer: 2_000, settle: 15_000, lookAgain: 3_000, finish: 3_000 }

/** What an export is handed: it fetches nothing by itself. */
export type ExportDeps = {
  db: Db
  orders: OrderRepository
  plans: PlanRepository
  parcels: ParcelRepository
  shops: Pick<ShopRepository, 'find' | 'remember'>
  clientFor: (shop: Shop) => CsCartClient
  now: () => Date
  /** IANA name: in it 「今日」 and the ship dates are days. */
  timeZone: string
  /** The one gate of automatic export, asked before each order: the contract may end while a long run works. */
  apiOptionInForce: () => boolean
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  waits: Waits
}

/** The part of a run that writing needs. */
export type RunPart = Pick<RunHandle, 'id' | 'signal' | 'found' | 'record' | 'save'>

/** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const done = () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    const timer = setTimeout(done, ms)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
