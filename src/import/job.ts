import type { CsCartClient } from '../cscart/client.ts'
import type { Db } from '../db/open.ts'
import type { Pace } from '../db/pace.ts'
import { failureOf } from '../failures.ts'
import type { OrderRepository } from '../orders/repository.ts'
import { lastDays, type Period } from '../period.ts'
import type { ShopRepository } from '../shops/repository.ts'
import type { Shop } from '../shops/shop.ts'
import type { ImportFailure, ImportRepository, ImportState } from './repository.ts'
import type { ImportRequest } from './request.ts'
import type { Scope } from './scope.ts'

/** What the import works with. */
export type ImportDeps = {
  db: Db
  shops: Pick<ShopRepository, 'remember'>
  orders: Pick<OrderRepository, 'known' | 'saveImported' | 'asStored' | 'saysAll' | 'markGone'>
  imports: ImportRepository
  clientFor: (shop: Shop) => CsCartClient
  now: () => Date
  /** How large its steps are; as large as they get where it is not given. */
  pace?: Pick<Pace, 'isWatched' | 'rest' | 'giveWay'> | undefined
  /** Rows a list page; 100 outside of tests. */
  pageSize?: number | undefined
}

/** One import of one shop, with everything that was decided before its first request. Times are ms UTC of our clock. */
export type ImportJob = {
  shop: Shop
  request: ImportRequest
  scope: Scope
  startedAt: number
  state: ImportState
  /** Every order of the days is fetched and compared, not only those whose row differs. */
  full: boolean
  /** The open statuses are scanned without a period, where the shop cannot say what was updated. */
  lateScan: boolean
  /** Orders that failed before, by CS-Cart number. */
  failures: ReadonlyMap<number, ImportFailure>
}

const HOUR = 3_600_000
/** A shop's clock may be ahead of ours: orders that it dates into our future are of today all the same. */
const CLOCK_SLACK = 24 * HOUR
const LATE_SCAN_EVERY = HOUR
const FULL_CHECK_EVERY = { withUpdatedAt: 6 * HOUR, without: HOUR }
/** What may pass is tried again at so many ticks; after that, and what waiting does not mend, only with each full check. */
export const MOST_ATTEMPTS = 5

/** Decides how far an import looks. A person's import compares everything; the clock's does so now and then. */
export function importJob(deps: Pick<ImportDeps, 'imports' | 'now'>, shop: Shop, request: ImportRequest): ImportJob {
  const now = deps.now()
  const startedAt = now.getTime()
  const state = deps.imports.state(shop.id)
  const isDue = (last: number | null, every: number) =>
    request.mode !== 'scheduled' || last === null || startedAt - last >= every || startedAt < last
  const every = shop.capabilities.updatedAt === true ? FULL_CHECK_EVERY.withUpdatedAt : FULL_CHECK_EVERY.without
  return {
    shop,
    request,
    scope: {
      statuses: new Set(shop.fetchStatuses),
      fenceAt: shop.fenceAt,
      period: periodOf(request, shop, now),
    },
    startedAt,
    state,
    full: isDue(state.fullCheckAt, every),
    lateScan: isDue(state.lateScanAt, LATE_SCAN_EVERY),
    failures: new Map(deps.imports.failures(shop.id).map((failure) => [failure.csCartOrderId, failure])),
  }
}

/** 「取得日」 exactly as typed; else the last 受注を取得する日数, up to a bound that is fixed before the first page. */
export function periodOf(request: ImportRequest, shop: Pick<Shop, 'fetchDays'>, now: Date): Period {
  if (request.mode === 'period') return { from: request.from, to: request.to }
  const { from, to } = lastDays(shop.fetchDays, now)
  return { from, to: to + CLOCK_SLACK }
}

/** true for an order that is not asked for again at this tick: a person, a change in the shop or the next full check must come first. */
export function isExhausted(failure: ImportFailure | undefined, job: ImportJob): boolean {
  if (!failure || job.full) return false
  return !failureOf(failure.reason).waitingMends || failure.attempts >= MOST_ATTEMPTS
}
