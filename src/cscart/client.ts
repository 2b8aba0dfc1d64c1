import type { LookupFunction } from 'node:net'
import { CsCartError } from '../errors.ts'
import { guardRoot } from './address-guard.ts'
import { type Answer, judge } from './answer.ts'
import { type Ask, type CsCartRequest, csCartCalls, type Query } from './calls.ts'
import { type Exchange, exchangeOf } from './exchange.ts'
import { guardedPool, type ShopPool } from './guarded-pool.ts'
import { queue } from './queue.ts'
import { retrying, sleepFor } from './retry.ts'
import { TookTooLong, transfer } from './transfer.ts'
import { transportFault } from './transport-faults.ts'

export type { FetchedOrder, NewShipment, OrdersQuery, ShipmentChange } from './calls.ts'
export type { Exchange } from './exchange.ts'
export type { CsCartShipment, OrderRow, OrderStatusName, OrdersPage } from './lists.ts'

export type CsCartConnection = {
  /** The shop's root, with or without a slash at the end. */
  baseUrl: string
  email: string
  apiKey: string
  /** Whether http:// and private addresses are allowed. */
  allowPrivate: boolean
  /** How many requests may be under way at the same time; CS-Cart's tables lock, so few. */
  requestsAtOnce: number
}

/** In ms. `readMs` and `writeMs` bound a whole request, headers, body and all: a body that dribbles never pauses for long. */
export type Timeouts = { connectMs: number; headersMs: number; bodyMs: number; readMs: number; writeMs: number }

const TIMEOUTS: Timeouts = { connectMs: 10_000, headersMs: 90_000, bodyMs: 30_000, readMs: 60_000, writeMs: 90_000 }

export type ClientOptions = {
  now?: () => Date
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  random?: () => number
  timeouts?: Partial<Timeouts>
  userAgent?: string
  /** How often a read is tried in all; 4 by default. A write never is twice. */
  attempts?: number
  /** 20 MB by default. */
  maxBodyBytes?: number
  /** Instead of the system's. */
  lookup?: LookupFunction
}

export type CsCartClient = ReturnType<typeof csCartCalls> & {
  /** The same client, over the same connections, that pushes one masked exchange for each HTTP request. */
  recorded(sink: Exchange[]): CsCartClient
  /** The shop's clock minus ours, to the second, from the `Date` of the last answer; undefined before the first. */
  shopClock(): { offsetMs: number } | undefined
  /** Lets what is under way finish and closes all connections. */
  close(): Promise<void>
}

/**
 * A client of one shop. Each call throws a CsCartError with one reason, or the signal's own reason where the caller aborts; a
 * write that was aborted may have been applied, as with `mayHaveBeenApplied`.
 * @throws CsCartError('not_an_api') where `baseUrl` is no address
 */
export function csCartClient(connection: CsCartConnection, options: ClientOptions = {}): CsCartClient {
  const { now = () => new Date(), sleep = sleepFor, random = Math.random, attempts = 4 } = options
  const { maxBodyBytes = 20_000_000, userAgent = 'Tsunagi/1.0' } = options
  const { email, apiKey, allowPrivate, requestsAtOnce } = connection
  const timeouts = { ...TIMEOUTS, ...options.timeouts }
  const root = rootOf(connection.baseUrl)
  const credentials = Buffer.from(`${email}:${apiKey}`).toString('base64')
  const secrets = [apiKey, credentials, email]
  const inTurn = queue(requestsAtOnce)
  const { connectMs, headersMs, bodyMs } = timeouts
  const connections = Math.max(1, requestsAtOnce)
  let opened: Promise<ShopPool> | undefined
  const pool = () => {
    opened ??= guardedPool(root.origin, {
      allowPrivate,
      connections,
      connectMs,
      headersMs,
      bodyMs,
      maxBodyBytes,
      lookup: options.lookup,
    })
    return opened
  }
  const headers = { authorization: `Basic ${credentials}`, accept: 'application/json', 'user-agent': userAgent }
  let clock: { offsetMs: number } | undefined
  let closed = false

  const exchange = async (request: CsCartRequest<unknown>, path: string, signal?: AbortSignal): Promise<Answer> => {
    const { method } = request
    const write = method !== 'GET'
    const outgoing = {
      method,
      path,
      headers: write ? { ...headers, 'content-type': 'application/json' } : headers,
      body: request.body ? JSON.stringify(request.body) : null,
    }
    try {
      const within = write ? timeouts.writeMs : timeouts.readMs
      const { status, headers: answered, bytes } = await transfer(await pool(), outgoing, within, signal)
      const date = Date.parse(one(answered.date))
      if (!Number.isNaN(date)) clock = { offsetMs: date - now().getTime() }
      return {
        status,
        contentType: one(answered['content-type']),
        contentEncoding: one(answered['content-encoding']),
        location: one(answered.location),
        retryAfter: one(answered['retry-after']),
        bytes,
      }
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof TookTooLong) throw new CsCartError('timeout', { cause: error, mayHaveBeenApplied: write })
      throw transportFault(error, write)
    }
  }

  const send = async <T>(request: CsCartRequest<T>, sink?: Exchange[], signal?: AbortSignal): Promise<T> => {
    const path = `${root.pathname}api/2.0/${request.path}?${queryText(request.query)}`
    const at = now()
    const started = performance.now()
    let answer: Answer | undefined
    try {
      answer = await exchange(request, path, signal)
      const write = request.method !== 'GET'
      const asked = { write, one: request.one ?? false, now: now(), secrets }
      const { value, text, isKnown } = judge(answer, asked, request.known?.isKnown)
      if (isKnown && request.known) return request.known.as
      return read(request, value, text, answer.status)
    } finally {
      const ms = Math.round(performance.now() - started)
      sink?.push(exchangeOf({ at: at.getTime(), ms, path, request, answer, secrets }))
    }
  }

  const asking = (sink?: Exchange[]): Ask => {
    return async (request, signal) => {
      if (closed) throw new CsCartError('connection_lost')
      guardRoot(root, allowPrivate)
      const once = () => send(request, sink, signal)
      const policy = { attempts, sleep, random }
      return inTurn(() => (request.method === 'GET' ? retrying(once, policy, signal) : once()), signal)
    }
  }

  const clientOver = (ask: Ask): CsCartClient => ({
    ...csCartCalls(ask),
    recorded: (sink) => clientOver(asking(sink)),
    shopClock: () => clock,
    close: async () => {
      if (closed) return
      closed = true
      await (await opened)?.close()
    },
  })
  return clientOver(asking())
}

/** A good answer that cannot be read leaves open what a write did. */
function read<T>(request: CsCartRequest<T>, value: unknown, text: string, status: number): T {
  try {
    return request.read(value, text)
  } catch (error) {
    if (!(error instanceof CsCartError)) throw error
    const { reason, path } = error
    const mayHaveBeenApplied = request.method !== 'GET'
    throw new CsCartError(reason, { status, mayHaveBeenApplied, cause: error, ...(path === undefined ? {} : { path }) })
  }
}

function rootOf(baseUrl: string): URL {
  if (!URL.canParse(baseUrl)) throw new CsCartError('not_an_api')
  const root = new URL(baseUrl)
  root.pathname = root.pathname.endsWith('/') ? root.pathname : `${root.pathname}/`
  return root
}

/** The query, always with the language in which names and messages come. */
function queryText(query: Query = {}): string {
  const params = new URLSearchParams({ sl: 'ja' })
  for (const [key, value] of Object.entries(query)) {
    for (const each of typeof value === 'string' ? [value] : value) params.append(key, each)
  }
  return params.toString()
}

function one(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? ''
}
