import assert from 'node:assert/strict'
import { isCancelled, isFinal } from '../../src/cscart/statuses.ts'
import { PROFILES } from '../../src/demo/shop/profiles.ts'
import type { ShopOrder } from '../../src/demo/shop/types.ts'
import type { DirectShop } from './direct-shop.ts'
import type { History } from './history.ts'

const SECONDS_A_DAY = 86_400
const FETCH_DAYS = 7
const OVERLAP_SECONDS = 15 * 60

export type StoredFacts = {
  csCartOrderId: number
  csCartStatus: string
  totalCents: number
  contentHash: string
  cancelledInCsCartAt: number | null
}

/**
 * Which orders of a shop should be stored, told from the shop's side alone and without the import's own bookkeeping:
 * `must` were due from the beginning to the end of some import, `may` at some moment of one.
 */
export function expectations(one: History, shop: DirectShop) {
  const knowsUpdatedAt = PROFILES[one.profile].updatedAt
  const fetched = new Set(one.fetchStatuses)
  const fenceSeconds = one.fenceDays === null ? 0 : Math.floor(START / 1000) - one.fenceDays * SECONDS_A_DAY
  const must = new Set<number>()
  const may = new Set<number>()
  /** Orders that were created or got another status since the first import began, or ended. */
  const movedSinceBegin = new Set<number>()
  const movedSinceEnd = new Set<number>()
  /** Every status that an order had while the first import ran. */
  const statusesAtFirst = new Map<number, Set<string>>()
  const touched = new Set<number>()
  const noted = new Set<number>()
  const before = new Map<number, string>()
  let firstBeganAt: number | undefined
  let isFirst = false
  let firstEnded = false
  let mode: 'days' | 'scheduled' | undefined
  let daysFrom = 0
  let due: Set<number> = new Set()

  const isIn = (order: ShopOrder): boolean => fetched.has(order.status) && order.timestamp >= fenceSeconds
  const inDays = (order: ShopOrder): boolean => order.timestamp >= daysFrom

  function mustCome(order: ShopOrder): boolean {
    if (!isIn(order)) return false
    if (inDays(order)) return true
    if (isFirst || firstBeganAt === undefined) return false
    if (knowsUpdatedAt) return order.updatedAt >= firstBeganAt
    // An older shop's open statuses are scanned at every import by hand.
    // Which of its statuses the first one saw of an order that moved just then is anybody's guess.
    const isElsewhere = !statusesAtFirst.get(order.id)?.has(order.status)
    return mode === 'days' && order.status !== 'C' && movedSinceEnd.has(order.id) && isElsewhere
  }

  function mayCome(order: ShopOrder): boolean {
    if (!isIn(order)) return false
    if (inDays(order)) return true
    if (firstBeganAt === undefined) return false
    return knowsUpdatedAt ? order.updatedAt >= firstBeganAt - OVERLAP_SECONDS : movedSinceBegin.has(order.id)
  }

  const noteFirst = (order: ShopOrder): void => {
    const had = statusesAtFirst.get(order.id) ?? new Set()
    statusesAtFirst.set(order.id, had.add(order.status))
  }

  const noteMay = (): void => {
    for (const order of shop.orders()) if (mayCome(order)) may.add(order.id)
  }

  return {
    /** Something happened to an order. */
    touch(id: number | undefined): void {
      if (id === undefined) return
      const order = shop.order(id)
      touched.add(id)
      if (order && before.get(id) !== order.status) {
        if (firstBeganAt !== undefined) movedSinceBegin.add(id)
        if (firstEnded) movedSinceEnd.add(id)
        before.set(id, order.status)
        noted.delete(id)
      } else noted.add(id)
      if (mode && isFirst && order) noteFirst(order)
      if (mode) noteMay()
    },

    importBegins(by: 'days' | 'scheduled', now: Date): void {
      mode = by
      daysFrom = Math.floor(now.getTime() / 1000) - FETCH_DAYS * SECONDS_A_DAY
      isFirst = firstBeganAt === undefined
      firstBeganAt ??= shop.seconds()
      if (isFirst) shop.orders().forEach(noteFirst)
      touched.clear()
      due = new Set(
        shop
          .orders()
          .filter(mustCome)
          .map((order) => order.id),
      )
      noteMay()
    },

    /** @throws AssertionError where an order was due all the time and was passed over, though pages shifted meanwhile */
    importEnded(stored: ReadonlySet<number>): void {
      for (const order of shop.orders()) {
        if (due.has(order.id) && !touched.has(order.id) && mustCome(order)) must.add(order.id)
      }
      for (const id of must) assert(stored.has(id), `order ${id} was passed over: ${JSON.stringify(facts(id))}`)
      firstEnded = true
      mode = undefined
    },

    /**
     * @returns the numbers of the orders that must be as they are in the shop in every field
     * @throws AssertionError where the stored orders are not what they should be after two quiet imports
     */
    check(stored: StoredFacts[], now: Date): number[] {
      const ids = new Set(stored.map((order) => order.csCartOrderId))
      for (const id of must) assert(ids.has(id), `order ${id} should be here: ${JSON.stringify(facts(id))}`)
      for (const id of ids) assert(may.has(id), `order ${id} should not be here: ${JSON.stringify(facts(id))}`)
      daysFrom = Math.floor(now.getTime() / 1000) - FETCH_DAYS * SECONDS_A_DAY
      return stored.filter(isAsInShop).map((order) => order.csCartOrderId)
    },
  }

  function facts(id: number) {
    const order = shop.order(id)
    return order && { status: order.status, timestamp: order.timestamp, updatedAt: order.updatedAt, daysFrom }
  }

  /** Checks what is always known of a stored order. @returns whether all of it must be known */
  function isAsInShop(stored: StoredFacts): boolean {
    const id = stored.csCartOrderId
    const order = shop.order(id)
    // Nobody asks after an order for ever: completed or cancelled ones are followed for the fetch days, longer only
    // where the shop itself says what was updated.
    const isRecent = order ? inDays(order) : undefined
    if (!order) {
      if (!isFinal(stored.csCartStatus))
        assert(stored.cancelledInCsCartAt !== null, `order ${id} is gone without a mark`)
      return false
    }
    if (!knowsUpdatedAt && !isRecent && isFinal(stored.csCartStatus)) return false
    const now = { status: order.status, total: order.total * 100, isCancelled: isCancelled(order.status) }
    const here = {
      status: stored.csCartStatus,
      total: stored.totalCents,
      isCancelled: stored.cancelledInCsCartAt !== null,
    }
    assert.deepEqual(here, now, `order ${id} is not as it is in the shop`)
    // A note or an address moves nothing that a list shows: it is found where every order is compared in full.
    const isCompared = isRecent === true && (fetched.has(order.status) || !isFinal(order.status))
    return isCompared || !noted.has(id)
  }
}

const START = Date.parse('2026-11-24T00:31:50Z')
