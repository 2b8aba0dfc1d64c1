import type { FetchedOrder } from '../cscart/client.ts'
import { inBulk } from '../db/remember.ts'
import type { Exchange } from '../db/schema.ts'
import type { CsCartError } from '../errors.ts'
import { detailOf, type NewRunItem } from '../runs/run.ts'
import type { RunHandle } from '../runs/start-run.ts'
import { importedOrder, proposedCarrier, rereadHash } from './from-cscart.ts'
import type { ImportDeps, ImportJob } from './job.ts'
import { whyOutside } from './scope.ts'

/**
 * One order to be fetched, and why: it is new, may have changed, was updated since the last look, is missing from the
 * list (so it may be gone), or was asked for by its number.
 */
export type Candidate = {
  csCartOrderId: number
  why: 'new' | 'late' | 'check' | 'updated' | 'missing' | 'asked'
  known: boolean
  /** For `updated`: what the list was asked for, ms of the shop's clock. */
  updatedSince?: number
}

/**
 * What came of fetching it: CS-Cart's answer, its 404 (`undefined`), or a failure. `fetchedAt`: when it was asked for.
 * `endsRun`: on this order the shop failed as a whole.
 */
export type Fetched =
  | { candidate: Candidate; answer: FetchedOrder | undefined; fetchedAt: number }
  | { candidate: Candidate; error: CsCartError; exchanges?: Exchange[]; endsRun?: true }

/** A row of a list that could not be read and does not even say which order it is. */
export type NamelessFault = { error: CsCartError }

/** What is written together. `unchanged`: how many answers were found to be what is stored, and are only counted. */
export type Batch = { fetched: Fetched[]; faults: NamelessFault[]; unchanged: number }

type Outcome = NewRunItem | 'unchanged' | 'left_out'

/**
 * What of the fetched is to be written; the rest says nothing that is not stored here. Such orders are only counted and need no
 * place in a transaction, so that comparing thousands of them waits for the disk only now and then.
 */
export function toBeWritten(deps: Pick<ImportDeps, 'orders'>, job: ImportJob, fetched: readonly Fetched[]): Fetched[] {
  const { shop, failures } = job
  const answers = fetched.flatMap((one) => {
    if ('error' in one || !one.answer || !one.candidate.known || failures.has(one.candidate.csCartOrderId)) return []
    return [{ order: importedOrder(one.answer.order, shop, one.answer.raw), fetchedAt: one.fetchedAt }]
  })
  if (answers.length === 0) return [...fetched]
  const asStored = deps.orders.asStored(shop.id, answers)
  return fetched.filter((one) => 'error' in one || !asStored.has(one.candidate.csCartOrderId))
}

/**
 * Writes what was fetched, with history, run items and counts, in one transaction: all of it or nothing.
 * @returns how many of them were left out without a word (they left the fetch statuses meanwhile)
 * @throws LeaseLost, SqliteError
 */
export function takeIn(deps: ImportDeps, run: RunHandle, job: ImportJob, batch: Batch): number {
  const at = deps.now().getTime()
  const write = (): number => {
    const items: NewRunItem[] = batch.faults.map(({ error }) => failedItem(undefined, error))
    let { unchanged } = batch
    let leftOut = 0
    for (const one of batch.fetched) {
      const outcome = takeInOne(deps, run, job, one, at)
      if (outcome === 'unchanged') unchanged += 1
      else if (outcome === 'left_out') leftOut += 1
      else items.push(outcome)
    }
    if (unchanged > 0) items.push({ outcome: 'unchanged', count: unchanged })
    run.record(items)
    return leftOut
  }
  return inBulk(deps.db, () => run.save(write))
}

function takeInOne(deps: ImportDeps, run: RunHandle, job: ImportJob, one: Fetched, at: number): Outcome {
  const { shop } = job
  const { csCartOrderId, why, known } = one.candidate
  if ('error' in one) {
    deps.imports.noteFailure(shop.id, csCartOrderId, one.error.reason, detailOf(one.error) ?? null, at)
    return { ...failedItem(csCartOrderId, one.error), exchanges: one.exchanges }
  }
  if (!one.answer) return notInShop(deps, run, job, one.candidate, at)
  if (job.failures.has(csCartOrderId)) deps.imports.forgetFailure(shop.id, csCartOrderId)
  const { order, raw } = one.answer
  const reason = known ? undefined : whyLeftOut(one.candidate, order, job)
  if (reason !== undefined) {
    return why === 'asked' ? { outcome: 'skipped', csCartOrderId, detail: reason } : 'left_out'
  }
  const saved = deps.orders.saveImported(importedOrder(order, shop, raw), {
    runId: run.id,
    at,
    landingStatusId: shop.landingStatusId,
    carrier: proposedCarrier(order, shop) ?? null,
    fetchedAt: one.fetchedAt,
    rereadHash: (stored) => rereadHash(stored, shop),
  })
  if (saved.outcome === 'unchanged') return 'unchanged'
  return { outcome: saved.outcome, orderId: saved.orderId, csCartOrderId }
}

/** Why an order that is not here yet is not taken in after all, now that its details are known; for the log. */
function whyLeftOut(candidate: Candidate, order: FetchedOrder['order'], job: ImportJob): string | undefined {
  if (order.isParent) return '出品者ごとの注文に分かれた親注文のため、取り込みません。'
  const { request, scope } = job
  if (request.mode === 'ids' && request.force) return undefined
  const outside = whyOutside(order, scope)
  if (outside === 'status') return 'CS-CART取得ステータスではなくなったため、取り込みません。'
  if (outside === 'fence') return '「この日時より後の注文だけ」より前の注文のため、取り込みません。'
  if (outside === 'period' && candidate.why === 'updated' && !isUpdatedSince(order.updatedAt, candidate.updatedSince)) {
    // The shop says that it can filter by updated_at but gave us an order that nobody has touched: it would give all.
    return '最近更新された注文ではないため、取り込みません。'
  }
  return undefined
}

const isUpdatedSince = (updatedAt: number | undefined, since = 0): boolean =>
  updatedAt !== undefined && updatedAt >= since

/** CS-Cart says 404. Only an order that its lists lack as well is taken for removed. */
function notInShop(deps: ImportDeps, run: RunHandle, job: ImportJob, candidate: Candidate, at: number): Outcome {
  const { shop } = job
  const { csCartOrderId, why } = candidate
  const stored = deps.orders.known(shop.id, [csCartOrderId]).get(csCartOrderId)
  if (stored && (why === 'missing' || why === 'asked')) {
    deps.imports.forgetFailure(shop.id, csCartOrderId)
    if (stored.cancelledInCsCartAt !== null) return 'unchanged'
    deps.orders.markGone(stored.orderId, { runId: run.id, at })
    return { outcome: 'changed', orderId: stored.orderId, csCartOrderId, reason: 'not_in_shop' }
  }
  if (!stored && why !== 'asked') {
    deps.imports.forgetFailure(shop.id, csCartOrderId)
    return 'left_out'
  }
  return { outcome: 'failed', orderId: stored?.orderId, csCartOrderId, reason: 'not_in_shop' }
}

function failedItem(csCartOrderId: number | undefined, error: CsCartError): NewRunItem {
  return { outcome: 'failed', csCartOrderId, reason: error.reason, detail: detailOf(error) }
}
