import { createRequire } from 'node:module'
import { isIP, type LookupFunction } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Pool } from 'undici'
import { CsCartError } from '../errors.ts'
import { guardedLookup, isPrivateAddress } from './address-guard.ts'
import { ConnectFailure } from './transport-faults.ts'

/** What `guardedPool` gives: of undici's pool only what it has without undici's entry point. */
export type ShopPool = Pick<Pool, 'dispatch' | 'close' | 'destroy'>

export type PoolOptions = {
  allowPrivate: boolean
  /** How many requests may be under way at the same time, at least one. */
  connections: number
  connectMs: number
  headersMs: number
  bodyMs: number
  maxBodyBytes: number
  /** Instead of the system's. */
  lookup: LookupFunction | undefined
}

type Undici = typeof import('undici')
const load = createRequire(import.meta.url)
/** What a pool is made of, each after what it needs itself. */
const PARTS = [
  'core/util',
  'core/connect',
  'dispatcher/dispatcher-base',
  'core/request',
  'dispatcher/client-h1',
  'dispatcher/client-h2',
  'dispatcher/client',
  'dispatcher/pool',
]
/** After each of them others have their turn, ms. */
const REST_MS = 5
let partsRead: Promise<void> | undefined

async function readParts(): Promise<void> {
  for (const part of PARTS) {
    await wait(REST_MS)
    load(`undici/lib/${part}.js`)
  }
}

/**
 * Connections to a shop: HTTP/1.1 only, and never to a private address. The check is made here, at connect time and for
 * literals too: a lookup is not asked about those, and a name checked earlier may point elsewhere by now.
 *
 * undici is a hundred modules, whose reading holds the process up for a tenth of a second and takes 15 MB. What a pool is made
 * of are twenty of them. They are read when a shop is first called, not when the program starts, and with rests between, so
 * that nobody who waits for a page waits for all of them.
 */
export async function guardedPool(origin: string, options: PoolOptions): Promise<ShopPool> {
  partsRead ??= readParts()
  await partsRead
  const Pool: Undici['Pool'] = load('undici/lib/dispatcher/pool.js')
  const buildConnector: Undici['buildConnector'] = load('undici/lib/core/connect.js')
  const { allowPrivate } = options
  const lookup = allowPrivate ? options.lookup : guardedLookup(options.lookup)
  const connect = buildConnector({ allowH2: false, timeout: options.connectMs, ...(lookup ? { lookup } : {}) })
  return new Pool(origin, {
    connections: options.connections,
    headersTimeout: options.headersMs,
    bodyTimeout: options.bodyMs,
    maxResponseSize: options.maxBodyBytes,
    connect(target, callback) {
      const host = target.hostname.replace(/^\[|\]$/g, '')
      if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) {
        callback(new ConnectFailure(new CsCartError('private_address')), null)
        return
      }
      connect(target, (error, socket) => {
        if (socket) callback(null, socket)
        else callback(new ConnectFailure(error), null)
      })
    },
  })
}
