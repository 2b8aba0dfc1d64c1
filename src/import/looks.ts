import type { CsCartClient, OrderRow, OrdersPage } from '../cscart/client.ts'
import { FINAL_LETTERS, isCancelled, isFinal } from '../cscart/statuses.ts'
import type { Period } from '../period.ts'
import { type ImportDeps, type ImportJob, isExhausted } from './job.ts'
import type { ImportState, StoredOrder } from './repository.ts'
import { isBehindFence, openStatuses, whyOutside } from './scope.ts'
import type { Candidate } from './take-in.ts'
import { lookUp, PAGE_SIZE, type Walk, walkOrders } from './walk-orders.ts'

const DAY = 24 * 3_600_000
/** The list of updated orders overlaps the last look by this much, for clocks that are set and answers that are slow. */
const OVERLAP = 15 * 60_000
/** Older orders that never reached a final status are not asked after for ever. */
const ASKED_AFTER_FOR = 180 * DAY

/** So many stored orders are read in one step, during which no page is served. */
const STORED_AT_ONCE = 500

/** Where the looks put what they find. */
export type Sink = {
  /** To be fetched; an order that was asked for before in this run is not asked for twice. */
  ask: (candidate: Candidate) => void
  /** Stored, and its row in the list says nothing new. */
  unchanged: (csCartOrderId: number) => void
  fault: (fault: OrdersPage['faults'][number]) => void
  /** How many orders the first look has, as the shop says. */
  expect: (total: number) => void
  /**
   * Whether the shop knows `updated_at`, as soon as an order's details have shown it; undefined when there was none.
   * @param anyOrder the number of any order of the shop, whose details are looked at where no other's were
   */
  knowsUpdatedAt: (anyOrder: () => Promise<number | undefined>) => Promise<boolean | undefined>
  /** A row of a list, for what it shows of the shop itself. */
  seen: (row: OrderRow) => void
  /** Writes what a look has to remember at once, as long as the run is ours. @throws LeaseLost */
  remember: (write: () => void) => void
}

type Stored = Omit<StoredOrder, 'csCartOrderId'>
type Rows = ReadonlyMap<number, Stored>

/**
 * The three looks of an import: orders placed in the period, orders that became due later, orders that left.
 * @returns what to remember once everything found has been taken in
 * @throws CsCartError
 */
export async function lookForOrders(
  deps: Pick<ImportDeps, 'orders' | 'imports' | 'pageSize' | 'pace'>,
  job: ImportJob,
  client: CsCartClient,
  sink: Sink,
  signal: AbortSignal,
): Promise<Partial<ImportState>> {
  const { shop, scope, request, state } = job
  const { imports } = deps
  const met = new Set<number>()
  let namelessKnown = 0
  const list: CsCartClient['listOrders'] = async (query, given) => {
    const page = await client.listOrders(query, given)
    if (page.rows[0]) sink.seen(page.rows[0])
    await deps.pace?.giveWay()
    return page
  }
  const wholeLook = request.mode === 'days' || request.mode === 'scheduled'

  if (request.mode === 'ids') {
    const known = deps.orders.known(shop.id, request.ids)
    for (const csCartOrderId of request.ids) {
      sink.ask({ csCartOrderId, why: 'asked', known: known.has(csCartOrderId) })
    }
    return {}
  }
  if (wholeLook) askAgain()
  const shopStartedAt = await lookAtPeriod()
  if (!wholeLook) return {}
  const knowsUpdatedAt = await sink.knowsUpdatedAt(newestOrder)
  const isFirst = state.updatedWatermark === null
  let scanned = false
  if (knowsUpdatedAt === true) {
    if (state.updatedWatermark !== null) await lookAtUpdated(state.updatedWatermark, shopStartedAt)
  } else if (job.lateScan || isFirst) {
    await scanOpenStatuses(isFirst)
    scanned = true
  }
  await lookForLeft(scanned)
  return {
    updatedWatermark: nextWatermark(state.updatedWatermark, shopStartedAt),
    ...(job.full && { fullCheckAt: job.startedAt }),
    ...(scanned && { lateScanAt: job.startedAt }),
  }

  async function newestOrder(): Promise<number | undefined> {
    const { rows } = await list({ sortBy: 'date', sortOrder: 'desc', itemsPerPage: 1, page: 1 }, signal)
    return rows[0]?.orderId
  }

  /** Orders that failed before: whatever look had found them, it may not find them again. */
  function askAgain(): void {
    const ids = [...job.failures.values()].filter((one) => !isExhausted(one, job)).map((one) => one.csCartOrderId)
    const known = deps.orders.known(shop.id, ids)
    for (const csCartOrderId of ids) sink.ask({ csCartOrderId, why: 'check', known: known.has(csCartOrderId) })
  }

  /** Look 1. @returns the shop's clock when this import began, ms */
  async function lookAtPeriod(): Promise<number> {
    let shopStartedAt: number | undefined
    await walk({ statuses: [...scope.statuses], period: scope.period }, (rows, known, total) => {
      if (shopStartedAt === undefined) {
        shopStartedAt = shopTime()
        sink.expect(total ?? rows.length)
        // From here on nothing is lost, even if this first import fails: what changes now is found by the next one.
        if (wholeLook && state.updatedWatermark === null) {
          const updatedWatermark = shopStartedAt
          sink.remember(() => imports.saveState(shop.id, { updatedWatermark }))
        }
      }
      for (const row of rows) considerRow(row, known, 'new')
    })
    return shopStartedAt ?? shopTime()
  }

  /** Look 2 where the shop can say what was updated: in whatever status, so that orders that left are found here too. */
  async function lookAtUpdated(watermark: number, shopStartedAt: number): Promise<void> {
    // A watermark in the shop's future: its clock was set back. Then everything of the fetch days is looked at.
    const from = watermark > shopStartedAt ? shopStartedAt - shop.fetchDays * DAY : Math.max(0, watermark - OVERLAP)
    const everything = { from: 0, to: scope.period.to }
    await walk({ period: everything, updatedFrom: from, includeIncomplete: true }, (rows, known) => {
      for (const { orderId, status, orderedAt } of rows) {
        met.add(orderId)
        const isKnown = known.has(orderId)
        if (!isKnown && (!scope.statuses.has(status) || isBehindFence(orderedAt, scope.fenceAt))) continue
        // Also one that failed before: the shop says that it was changed since.
        sink.ask({ csCartOrderId: orderId, why: 'updated', known: isKnown, updatedSince: from })
      }
    })
  }

  /**
   * Look 2 where the shop cannot: all orders in open statuses, however old. What was there already at the first scan
   * stays out as long as it keeps its status, unless it is imported by its number or by 「取得日」.
   */
  async function scanOpenStatuses(isFirst: boolean): Promise<void> {
    const letters = openStatuses(shop.fetchStatuses)
    if (letters.length === 0) return
    const covered = new Set(isFirst ? [] : (state.baselineLetters ?? []))
    const baseline = imports.baseline(shop.id)
    const older: { orderId: number; status: string }[] = []
    const seen = new Set<number>()
    await walk({ statuses: letters, period: { from: 0, to: scope.period.to } }, (rows, known) => {
      for (const row of rows) {
        seen.add(row.orderId)
        const isOld = !known.has(row.orderId) && whyOutside(row, scope) === 'period'
        if (!isOld) considerRow(row, known, 'late')
        else if (!covered.has(row.status) && !baseline.has(row.orderId)) older.push(row)
        else if (baseline.get(row.orderId) !== row.status) considerRow(row, known, 'late')
      }
    })
    sink.remember(() => {
      for (let at = 0; at < older.length; at += 1_000) imports.addToBaseline(shop.id, older.slice(at, at + 1_000))
      // Whoever left the statuses and comes back has moved: a late order like any other.
      imports.dropFromBaseline(
        shop.id,
        [...baseline.keys()].filter((id) => !seen.has(id)),
      )
      imports.saveState(shop.id, { baselineLetters: letters })
    })
  }

  /** Look 3: stored orders that no list had. They may have been cancelled, completed or removed. */
  async function lookForLeft(withOlder: boolean): Promise<void> {
    const { period } = scope
    const notIn = [...FINAL_LETTERS]
    const open = await storedNotMet(period, { notIn })
    const openIds = new Set(open.map((order) => order.csCartOrderId))
    const others: StoredOrder[] = []
    if (job.full) others.push(...(await storedNotMet(period, { in: notIn })))
    if (job.full || withOlder) {
      const older = { from: job.startedAt - ASKED_AFTER_FOR, to: period.from - 1 }
      others.push(...(await storedNotMet(older, { notIn })))
    }
    const all = [...open, ...others]
    for (let at = 0; at < all.length; at += PAGE_SIZE) {
      const asked = new Map(all.slice(at, at + PAGE_SIZE).map((order) => [order.csCartOrderId, order]))
      const { rows, faults } = await lookUp(list, [...asked.keys()], signal)
      for (const row of rows) {
        const stored = asked.get(row.orderId)
        if (!stored || !asked.delete(row.orderId)) continue
        const mustCompare = job.full && openIds.has(row.orderId) && !isFinal(row.status)
        compare(row, stored, mustCompare)
      }
      for (const { csCartOrderId } of faults) {
        if (csCartOrderId === undefined || !asked.delete(csCartOrderId)) continue
        sink.ask({ csCartOrderId, why: 'check', known: true })
      }
      for (const csCartOrderId of asked.keys()) sink.ask({ csCartOrderId, why: 'missing', known: true })
    }
  }

  /** Stored orders that no list had so far, by their number in the shop. */
  async function storedNotMet(period: Period, letters: Parameters<typeof imports.stored>[2]): Promise<StoredOrder[]> {
    const left: StoredOrder[] = []
    let page: ReturnType<typeof imports.stored> = []
    do {
      page = imports.stored(shop.id, period, letters, STORED_AT_ONCE, page.at(-1))
      left.push(...page.filter((order) => !met.has(order.csCartOrderId)))
      await deps.pace?.giveWay()
    } while (page.length === STORED_AT_ONCE)
    return left.sort((a, b) => a.csCartOrderId - b.csCartOrderId)
  }

  async function walk(
    what: Walk,
    onPage: (rows: OrderRow[], known: Rows, total: number | undefined) => void,
  ): Promise<void> {
    let nameless = 0
    for await (const { rows, faults, totalItems } of walkOrders(list, what, signal, deps.pageSize)) {
      const known: Rows = deps.orders.known(
        shop.id,
        rows.map((row) => row.orderId),
      )
      onPage(rows, known, totalItems)
      for (const fault of faults) {
        if (fault.csCartOrderId !== undefined) {
          considerFault(fault.csCartOrderId)
          continue
        }
        // Another look meets the same broken rows again; which they are, nobody can say.
        nameless += 1
        if (nameless <= namelessKnown) continue
        namelessKnown = nameless
        sink.fault(fault)
      }
    }
  }

  function considerRow(row: OrderRow, known: Rows, why: 'new' | 'late'): void {
    const { orderId } = row
    if (met.has(orderId)) return
    met.add(orderId)
    const stored = known.get(orderId)
    if (stored) {
      compare(row, stored, job.full && why === 'new')
      return
    }
    if (isBehindFence(row.orderedAt, scope.fenceAt) || isExhausted(job.failures.get(orderId), job)) return
    sink.ask({ csCartOrderId: orderId, why, known: false })
  }

  function compare(row: OrderRow, stored: Stored, always: boolean): void {
    const differs =
      row.status !== stored.csCartStatus ||
      row.totalCents !== stored.totalCents ||
      // An order that was taken for removed is back.
      (stored.cancelledInCsCartAt !== null) !== isCancelled(row.status)
    if (isExhausted(job.failures.get(row.orderId), job)) return
    if (always || differs) sink.ask({ csCartOrderId: row.orderId, why: 'check', known: true })
    else sink.unchanged(row.orderId)
  }

  /** A row that cannot be read but says which order it is: its details may be good. */
  function considerFault(csCartOrderId: number): void {
    if (met.has(csCartOrderId) || isExhausted(job.failures.get(csCartOrderId), job)) return
    met.add(csCartOrderId)
    const known = deps.orders.known(shop.id, [csCartOrderId]).has(csCartOrderId)
    sink.ask({ csCartOrderId, why: known ? 'check' : 'new', known })
  }

  /** The shop's clock at the start of this import; without a Date header it is assumed to be slow. */
  function shopTime(): number {
    const clock = client.shopClock()
    return clock ? job.startedAt + clock.offsetMs : job.startedAt - 10 * 60_000
  }
}

/** Never backward, and never beyond the shop's own present. */
function nextWatermark(before: number | null, shopStartedAt: number): number {
  return before === null || before > shopStartedAt ? shopStartedAt : Math.max(before, shopStartedAt)
}
