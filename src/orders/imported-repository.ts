import { isCancelled } from '../cscart/statuses.ts'
import type { Db } from '../db/open.ts'
import { change, contentChanges, shippedChanges } from './changes.ts'
import { contentHashOf, type JsonColumns, jsonColumns } from './content-hash.ts'
import type { OrderHistory } from './history-repository.ts'
import {
  FACTS,
  type Fetched,
  factsOf,
  isOlder,
  isSame,
  type OrderFacts,
  overtaken,
  readAs,
  writtenByUs,
} from './imported-facts.ts'
import type { CsCartOwned, ImportedOrder } from './order.ts'
import { payloadText } from './payload.ts'
import { ORDER_COLUMNS, ORDER_LINE_COLUMNS, type OrderLineRow, type OrderRow, orderLineOf, orderOf } from './row.ts'
import { searchTextOf } from './search.ts'
import type { TrackingWriter } from './tracking-repository.ts'

/** What an import may write of an order that is here already. Staff's columns are not among them, and never may be. */
export const UPDATE_IMPORTED = `
  update orders set cs_cart_status = ?, ordered_at = ?, cs_cart_updated_at = ?, buyer_name = ?, buyer_kana = ?, company = ?,
    email = ?, phone = ?, billing = ?, shipping = ?, payment_method = ?, shipping_method = ?, delivery_date = ?,
    delivery_slot = ?, customer_notes = ?, staff_notes = ?, total_cents = ?, subtotal_cents = ?, shipping_cents = ?,
    discount_cents = ?, surcharge_cents = ?, taxes = ?, content_hash = ?, search_text = ?, read_as = ?, cancelled_in_cs_cart_at = ?,
    changed_in_cs_cart_at = coalesce(?, changed_in_cs_cart_at)
  where id = ?`

const INSERT_IMPORTED = `
  insert into orders (cs_cart_status, ordered_at, cs_cart_updated_at, buyer_name, buyer_kana, company,
    email, phone, billing, shipping, payment_method, shipping_method, delivery_date,
    delivery_slot, customer_notes, staff_notes, total_cents, subtotal_cents, shipping_cents,
    discount_cents, surcharge_cents, taxes, content_hash, search_text, read_as, cancelled_in_cs_cart_at,
    shop_id, cs_cart_order_id, imported_at, status_id, carrier)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

export type SaveContext = {
  runId: number | null
  /** ms UTC. */
  at: number
  /** 受注格納先ステータス, for an order that is new here. */
  landingStatusId: number
  /** The carrier proposed for an order that is new here. */
  carrier?: string | null
  /** When the answer was asked for: an export that wrote the status after that moment knows better. */
  fetchedAt?: number
  /** The content hash of the answer that is stored, read as answers are read now: tells the shop's changes from those of our settings. */
  rereadHash?: (raw: string) => string | undefined
}

export type Saved = { outcome: 'created' | 'changed' | 'unchanged'; orderId: number }

/** What is known of an order without reading it whole. */
export type KnownOrder = {
  orderId: number
  csCartOrderId: number
  csCartStatus: string
  csCartUpdatedAt: number | null
  totalCents: number
  contentHash: string
  statusId: number
  cancelledInCsCartAt: number | null
}

/** The import's side of the orders. */
export function importedOrders(db: Db, history: OrderHistory, tracking: TrackingWriter) {
  const client = db.$client
  const find = client.prepare<[number, number], OrderFacts>(
    `select ${FACTS} from orders o where shop_id = ? and cs_cart_order_id = ?`,
  )
  const findAll = client.prepare<[number, string], OrderFacts & { csCartOrderId: number }>(
    `select ${FACTS}, cs_cart_order_id as "csCartOrderId"
     from orders o where shop_id = ? and cs_cart_order_id in (select value from json_each(?))`,
  )
  const whole = client.prepare<[number], OrderRow>(`select ${ORDER_COLUMNS} from orders o where id = ?`)
  const lines = client.prepare<[number], OrderLineRow>(
    `select ${ORDER_LINE_COLUMNS} from order_lines l where order_id = ? order by item_id`,
  )
  const insert = client.prepare(INSERT_IMPORTED)
  const update = client.prepare(UPDATE_IMPORTED)
  const insertLine =
    client.prepare(`insert into order_lines (order_id, item_id, product_id, product_code, name, options, amount,
      unit_price_cents, subtotal_cents, group_key, downloadable, shipped_amount) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const removeLines = client.prepare<[number]>('delete from order_lines where order_id = ?')
  const insertPayload = client.prepare<[number, string, number]>(
    'insert into order_payloads (order_id, body, fetched_at) values (?, ?, ?)',
  )
  const updatePayload = client.prepare<[string, number, number]>(
    'update order_payloads set body = ?, fetched_at = ? where order_id = ?',
  )
  const readBefore = client.prepare<[number, number], OrderFacts & { readAs: string | null }>(
    `select ${FACTS}, read_as as "readAs" from orders o where shop_id = ? and cs_cart_order_id = ?`,
  )
  const payloadBody = client
    .prepare<[number], string | Buffer>('select body from order_payloads where order_id = ?')
    .pluck()
  const payloadFetchedAt = client
    .prepare<[number], number>('select fetched_at from order_payloads where order_id = ?')
    .pluck()
  const begunParcel = client
    .prepare<[number], number>(
      "select 1 from parcels where order_id = ? and (state <> 'failed' or shipment_id is not null)",
    )
    .pluck()
  const knownOf = client.prepare<[number, string], KnownOrder>(`
    select id as "orderId", cs_cart_order_id as "csCartOrderId", cs_cart_status as "csCartStatus",
      cs_cart_updated_at as "csCartUpdatedAt", total_cents as "totalCents", content_hash as "contentHash",
      status_id as "statusId", cancelled_in_cs_cart_at as "cancelledInCsCartAt"
    from orders where shop_id = ? and cs_cart_order_id in (select value from json_each(?))`)
  const setCancelled = client.prepare<[number, string, number]>(
    'update orders set cancelled_in_cs_cart_at = ?, cs_cart_status = ? where id = ? and cancelled_in_cs_cart_at is null',
  )
  const setGone = client.prepare<[number, number]>(
    'update orders set cancelled_in_cs_cart_at = ? where id = ? and cancelled_in_cs_cart_at is null',
  )

  const writeLines = (orderId: number, order: ImportedOrder, json: JsonColumns) => {
    for (const [at, line] of order.lines.entries()) {
      insertLine.run(
        orderId,
        line.itemId,
        line.productId,
        line.productCode,
        line.name,
        json.options[at],
        line.amount,
        line.unitPriceCents,
        line.subtotalCents,
        line.groupKey,
        line.downloadable ? 1 : 0,
        line.shippedAmount,
      )
    }
  }

  const create = (order: ImportedOrder, json: JsonColumns, contentHash: string, context: SaveContext): Saved => {
    const searchText = searchTextOf(order, { trackingNumber: '', memo: '' })
    const { lastInsertRowid } = insert.run(
      ...ownedValues(order, json, contentHash, searchText),
      readAs(order, factsOf(order, contentHash)),
      isCancelled(order.csCartStatus) ? context.at : null,
      order.shopId,
      order.csCartOrderId,
      context.at,
      context.landingStatusId,
      context.carrier ?? null,
    )
    const orderId = Number(lastInsertRowid)
    writeLines(orderId, order, json)
    insertPayload.run(orderId, order.raw, context.fetchedAt ?? context.at)
    history.addHistory({ orderId, at: context.at, event: 'imported', runId: context.runId })
    return { outcome: 'created', orderId }
  }

  /**
   * An answer that was overtaken by a newer one of the same order must not bring the old state back. The shop's times alone
   * do not tell: after its clock was set back, a cancellation is dated before the last change. Who asked later knows better.
   */
  const isOvertaken = (facts: OrderFacts, order: ImportedOrder, { fetchedAt }: Fetched): boolean =>
    isOlder(facts, order) && !(fetchedAt !== undefined && fetchedAt > (payloadFetchedAt.get(facts.id) ?? 0))

  /** An answer beside what is stored of it. `seen`: the order as it counts, where an export wrote its status meanwhile. */
  const compared = (facts: OrderFacts, order: ImportedOrder, contentHash: string, context: Fetched) => {
    const seen = overtaken(facts, order, context) ? { ...order, csCartStatus: facts.csCartStatus } : order
    return { seen, isAsStored: isOvertaken(facts, seen, context) || isSame(facts, seen, contentHash) }
  }

  /** @param order as it counts; `answered` as the shop has said it */
  const bringUpToDate = (
    facts: OrderFacts,
    order: ImportedOrder,
    answered: ImportedOrder,
    json: JsonColumns,
    contentHash: string,
    context: SaveContext,
  ): Saved => {
    const orderId = facts.id
    const row = whole.get(orderId)
    if (!row) throw new Error(`order ${orderId} vanished inside a transaction`)
    const before = { ...orderOf(row), lines: lines.all(orderId).map(orderLineOf) }
    const content = facts.contentHash === contentHash ? [] : contentChanges(before, order)
    const status =
      before.csCartStatus === order.csCartStatus
        ? []
        : [change('csCartStatus', before.csCartStatus, order.csCartStatus)]
    const shipped = shippedChanges(before.lines, order.lines)
    const cancelledNow = isCancelled(order.csCartStatus)
    const wasCancelled = before.cancelledInCsCartAt !== null
    const shippedThen = new Map(before.lines.map((line) => [line.itemId, line.shippedAmount]))
    // Our exports ship; a shipment that is gone was taken away there.
    const isTakenBack = order.lines.some((line) => line.shippedAmount < (shippedThen.get(line.itemId) ?? 0))
    const ours = !isTakenBack && writtenByUs(facts, order.csCartStatus, begunParcel.get(orderId) === 1)
    const seen = [...content, ...status, ...shipped]
    // Touched in the shop without a change of anything else that is kept here.
    const onlyTouched = seen.length === 0 && before.csCartUpdatedAt !== order.csCartUpdatedAt
    // The same answer, read otherwise than before.
    const stored = content.length > 0 && context.rereadHash ? payloadBody.get(orderId) : undefined
    const onlyReread = stored !== undefined && context.rereadHash?.(payloadText(stored)) === contentHash
    const changes = onlyTouched
      ? [change('csCartUpdatedAt', String(before.csCartUpdatedAt ?? ''), String(order.csCartUpdatedAt ?? ''))]
      : seen
    const shopChanged = content.length > 0 && !onlyReread
    const inShop = eventOf({ cancelledNow, wasCancelled, ours: ours && !shopChanged })
    const event = onlyReread && inShop === 'changed_in_cs_cart' && seen.length === content.length ? 'reread' : inShop
    // What our own export did there is no surprise, and a cancellation has its own, louder mark.
    const surprising =
      shopChanged ||
      (wasCancelled && !cancelledNow) ||
      (!ours && shipped.length > 0) ||
      (!ours && status.length > 0 && !cancelledNow)
    update.run(
      ...ownedValues(order, json, contentHash, searchTextOf(order, before)),
      // Where an export knows better than the answer, the order does not say what the answer says.
      order === answered ? readAs(order, factsOf(order, contentHash)) : null,
      cancelledNow ? (before.cancelledInCsCartAt ?? context.at) : null,
      surprising ? context.at : null,
      orderId,
    )
    removeLines.run(orderId)
    writeLines(orderId, order, json)
    updatePayload.run(order.raw, context.fetchedAt ?? context.at, orderId)
    history.addHistory({ orderId, at: context.at, event, runId: context.runId, changes })
    if (before.trackingNumber !== '' && content.length > 0) tracking.refreshShared(orderId)
    return { outcome: surprising || onlyReread || cancelledNow !== wasCancelled ? 'changed' : 'unchanged', orderId }
  }

  return {
    /**
     * Stores one imported order; run it inside the caller's transaction. New: with the landing status. Here and the same in
     * every field: nothing at all is written. Changed: only what CS-Cart owns is, with one history row. A change that our own
     * export made there (status C, shipped amounts) is brought up to date too, but counts as `unchanged`.
     */
    saveImported(order: ImportedOrder, context: SaveContext): Saved {
      const json = jsonColumns(order)
      const contentHash = contentHashOf(order, json)
      const facts = find.get(order.shopId, order.csCartOrderId)
      if (!facts) return create(order, json, contentHash, context)
      const { seen, isAsStored } = compared(facts, order, contentHash, context)
      if (isAsStored) return { outcome: 'unchanged', orderId: facts.id }
      return bringUpToDate(facts, seen, order, json, contentHash, context)
    },

    /**
     * Whether the order says all that this answer says: it was read before, by the same rules, and nobody has changed since what it
     * says of CS-Cart. Found out by the answer's hash, so that it need not even be parsed.
     */
    saysAll(shopId: number, csCartOrderId: number, answer: Pick<ImportedOrder, 'raw' | 'readBy'>): boolean {
      const facts = readBefore.get(shopId, csCartOrderId)
      return facts !== undefined && facts.readAs !== null && facts.readAs === readAs(answer, facts)
    },

    /**
     * The numbers of those answers of one shop that `saveImported` would find nothing to write of, just now. One look for all of
     * them, and no transaction.
     */
    asStored(shopId: number, answers: readonly (Fetched & { order: ImportedOrder })[]): Set<number> {
      const numbers = JSON.stringify(answers.map(({ order }) => order.csCartOrderId))
      const stored = new Map(findAll.all(shopId, numbers).map((facts) => [facts.csCartOrderId, facts]))
      const same = answers.filter(({ order, fetchedAt }) => {
        const facts = stored.get(order.csCartOrderId)
        return facts && compared(facts, order, contentHashOf(order, jsonColumns(order)), { fetchedAt }).isAsStored
      })
      return new Set(same.map(({ order }) => order.csCartOrderId))
    },

    /** What is stored of these CS-Cart order numbers, by number. */
    known(shopId: number, csCartOrderIds: readonly number[]): Map<number, KnownOrder> {
      return new Map(knownOf.all(shopId, JSON.stringify(csCartOrderIds)).map((order) => [order.csCartOrderId, order]))
    },

    /**
     * An export has read that the shop cancelled the order. Writes nothing where that is known.
     * @param letter its status in the shop now
     */
    markCancelled(orderId: number, letter: string, context: { runId: number | null; at: number }): void {
      client
        .transaction(() => {
          const before = whole.get(orderId)
          if (!before || setCancelled.run(context.at, letter, orderId).changes === 0) return
          const changes =
            before.csCartStatus === letter ? [] : [change('csCartStatus', String(before.csCartStatus), letter)]
          history.addHistory({ orderId, event: 'cancelled_in_cs_cart', changes, ...context })
        })
        .immediate()
    },

    /** The order is no longer in the shop: like cancelled there. Writes nothing where that is known. */
    markGone(orderId: number, context: { runId: number | null; at: number }): void {
      client
        .transaction(() => {
          if (setGone.run(context.at, orderId).changes === 0) return
          history.addHistory({ orderId, event: 'gone_from_cs_cart', ...context })
        })
        .immediate()
    },
  }
}

function eventOf(now: { cancelledNow: boolean; wasCancelled: boolean; ours: boolean }) {
  if (now.cancelledNow && !now.wasCancelled) return 'cancelled_in_cs_cart'
  if (!now.cancelledNow && now.wasCancelled) return 'restored_in_cs_cart'
  return now.ours ? 'shipped_in_cs_cart' : 'changed_in_cs_cart'
}

const ownedValues = (order: CsCartOwned, json: JsonColumns, contentHash: string, searchText: string) => [
  order.csCartStatus,
  order.orderedAt,
  order.csCartUpdatedAt,
  order.buyerName,
  order.buyerKana,
  order.company,
  order.email,
  order.phone,
  json.billing,
  json.shipping,
  order.paymentMethod,
  order.shippingMethod,
  order.deliveryDate,
  order.deliverySlot,
  order.customerNotes,
  order.staffNotes,
  order.totalCents,
  order.subtotalCents,
  order.shippingCents,
  order.discountCents,
  order.surchargeCents,
  json.taxes,
  contentHash,
  searchText,
]
