import type { FetchedOrder } from '../cscart/client.ts'
import { orderOrShop } from '../cscart/order-or-shop.ts'
import { inBulk } from '../db/remember.ts'
import { LeaseLost } from '../runs/run.ts'
import type { RunHandle } from '../runs/start-run.ts'
import type { Shop } from '../shops/shop.ts'
import { fetchOrder } from './fetch-order.ts'
import { fetchQueue } from './fetch-queue.ts'
import { readingOf } from './from-cscart.ts'
import { type ImportDeps, type ImportJob, importJob } from './job.ts'
import { lookForOrders } from './looks.ts'
import type { ImportRequest } from './request.ts'
import { type Batch, type Candidate, type Fetched, takeIn, toBeWritten } from './take-in.ts'

export type { ImportDeps } from './job.ts'

/** So many orders are held and then written in one transaction, during which no page is served: fewer while people look. */
const BATCH = { watched: 5, alone: 100 }
/** A slow shop's orders, and the count of unchanged ones, are not held back until there are enough of them, ms. */
const BATCH_AGE = 2_000

/**
 * Imports orders of a shop: the work of a run. One looks through the lists while `requestsAtOnce` others fetch details,
 * and what has been fetched is written in small transactions, so that a crash keeps what was done.
 * @throws CsCartError where the shop failed as a whole, LeaseLost, SqliteError; what was written until then stays
 */
export async function importOrders(
  deps: ImportDeps,
  run: RunHandle,
  { shop, request }: { shop: Shop; request: ImportRequest },
): Promise<void> {
  const job = importJob(deps, shop, request)
  const client = deps.clientFor(shop)
  const readBy = readingOf(shop)
  const judge = orderOrShop(client, failedBefore(job))
  const stop = new AbortController()
  const signal = AbortSignal.any([run.signal, stop.signal])
  const queue = fetchQueue<Candidate>()
  const asked = new Set<number>()
  /** Seen in a list, stored and unchanged, so far not fetched. */
  const quiet = new Set<number>()
  let batch = emptyBatch()
  let expected = 0
  let finished = 0
  let leftOut = 0
  let knowsUpdatedAt = shop.capabilities.updatedAt
  let { mailsOnlyWhenAsked } = shop.capabilities
  let hasSeenDetails = false
  let firstError: { error: unknown } | undefined
  const capability = Promise.withResolvers<void>()

  const fail = (error: unknown): void => {
    firstError ??= { error }
    stop.abort()
    queue.close({ andDrop: true })
    capability.resolve()
  }
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      fail(error)
    }
  }
  const progress = (): void => run.found(Math.max(expected, asked.size + quiet.size - leftOut))

  async function look(): Promise<void> {
    const state = await lookForOrders(
      deps,
      job,
      client,
      {
        ask(candidate) {
          if (asked.has(candidate.csCartOrderId)) return
          asked.add(candidate.csCartOrderId)
          quiet.delete(candidate.csCartOrderId)
          queue.push(candidate, !candidate.known)
        },
        unchanged(csCartOrderId) {
          if (!asked.has(csCartOrderId)) quiet.add(csCartOrderId)
        },
        fault: ({ error }) => batch.faults.push({ error }),
        expect(total) {
          expected = total
          progress()
        },
        async knowsUpdatedAt(anyOrder) {
          if (!hasSeenDetails && finished < asked.size) await capability.promise
          if (!hasSeenDetails && knowsUpdatedAt === undefined) await probe(anyOrder)
          return knowsUpdatedAt
        },
        seen({ knowsStorefront }) {
          if (mailsOnlyWhenAsked === knowsStorefront) return
          mailsOnlyWhenAsked = knowsStorefront
          rememberOfShop({ mailsOnlyWhenAsked })
        },
        remember: whileOurs,
      },
      signal,
    )
    expected = 0
    queue.close()
    await fetched.promise
    signal.throwIfAborted()
    flush()
    saveState(state)
  }

  const fetched = Promise.withResolvers<void>()

  async function fetchAll(): Promise<void> {
    const workers = Array.from({ length: Math.max(1, shop.requestsAtOnce) }, () => guarded(fetchInTurn))
    await Promise.all(workers)
    fetched.resolve()
  }

  async function fetchInTurn(): Promise<void> {
    for (let next = await queue.next(); next; next = await queue.next()) {
      signal.throwIfAborted()
      const one = await fetchOne(next)
      finished += 1
      if (one === 'as_stored') {
        batch.unchanged += 1
        seenDetails()
      } else {
        batch.fetched.push(one)
        if ('answer' in one && one.answer) learn(one.answer)
      }
      if (finished === asked.size) capability.resolve()
      const most = deps.pace?.isWatched() ? BATCH.watched : BATCH.alone
      const isOld = performance.now() - batch.since >= BATCH_AGE
      if (batch.fetched.length >= most || isOld) flush({ onlyCounts: isOld })
      await deps.pace?.giveWay()
    }
  }

  /** The order on which the shop failed is a failed one too, so that the run shows where it ended. */
  async function fetchOne(candidate: Candidate): Promise<Fetched | 'as_stored'> {
    const { csCartOrderId, known } = candidate
    // What the shop can do must have been read once, and a failure that is over must be forgotten.
    const mayBeAsStored = known && knowsUpdatedAt !== undefined && !job.failures.has(csCartOrderId)
    const isAsStored = (raw: string) => mayBeAsStored && deps.orders.saysAll(shop.id, csCartOrderId, { raw, readBy })
    const one = await fetchOrder(client, judge, candidate, deps.now().getTime(), signal, isAsStored)
    if (one === 'as_stored' || !('error' in one) || !one.endsRun) return one
    batch.fetched.push(one)
    throw one.error
  }

  /** What the shop can do is seen in its answers and remembered, never guessed from a version number. */
  function learn({ order }: FetchedOrder): void {
    if (!hasSeenDetails && knowsUpdatedAt !== order.knowsUpdatedAt) {
      knowsUpdatedAt = order.knowsUpdatedAt
      rememberOfShop({ updatedAt: knowsUpdatedAt })
    }
    seenDetails()
  }

  /** In bulk: what pages keep in memory need not be read anew for it. */
  function rememberOfShop(capabilities: Partial<Shop['capabilities']>): void {
    whileOurs(() => deps.shops.remember(shop.id, { capabilities }))
  }

  function whileOurs(write: () => void): void {
    inBulk(deps.db, () => run.save(write))
  }

  function seenDetails(): void {
    hasSeenDetails = true
    capability.resolve()
  }

  /** Nothing was imported so far, so some other order's details must show what the shop can do. */
  async function probe(anyOrder: () => Promise<number | undefined>): Promise<void> {
    const csCartOrderId = await anyOrder()
    if (csCartOrderId === undefined) return
    const one = await fetchOne({ csCartOrderId, why: 'check', known: false })
    if (one !== 'as_stored' && 'answer' in one && one.answer) learn(one.answer)
  }

  /** @param onlyCounts also where nothing but the count of unchanged orders is to be written */
  function flush({ onlyCounts = true } = {}): void {
    const { fetched: all, faults, unchanged: before, since } = batch
    batch = emptyBatch()
    const fetched = toBeWritten(deps, job, all)
    const unchanged = before + all.length - fetched.length
    if (fetched.length + faults.length > 0 || (onlyCounts && unchanged > 0)) {
      leftOut += takeIn(deps, run, job, { fetched, faults, unchanged })
    } else batch = { ...batch, unchanged, since }
    progress()
  }

  function saveState(state: Parameters<typeof deps.imports.saveState>[1]): void {
    run.save(() => {
      if (quiet.size > 0) run.record([{ outcome: 'unchanged', count: quiet.size }])
      deps.imports.saveState(shop.id, state)
    })
  }

  await Promise.all([guarded(look), fetchAll()])
  deps.pace?.rest()
  if (!firstError) return
  // What was fetched before the shop failed, or before 「中止」, is not thrown away.
  if (!(firstError.error instanceof LeaseLost)) guardedFlush()
  throw firstError.error

  function guardedFlush(): void {
    try {
      flush()
    } catch (error) {
      if (error instanceof LeaseLost) throw error
    }
  }
}

const emptyBatch = (): Batch & { since: number } => ({
  fetched: [],
  faults: [],
  unchanged: 0,
  since: performance.now(),
})

/** How many orders the shop has failed on before: all of them are asked for first, one after the other. */
const failedBefore = (job: ImportJob): number =>
  [...job.failures.values()].filter(({ reason }) => reason === 'timeout' || reason === 'unavailable').length
