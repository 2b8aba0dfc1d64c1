import type { Db } from '../db/open.ts'
import { carrierName } from './carriers.ts'
import { change, staffChanges } from './changes.ts'
import type { HistoryEvent } from './history.ts'
import { orderHistory } from './history-repository.ts'
import { importedOrders } from './imported-repository.ts'
import { DUE_CANDIDATES } from './list-conditions.ts'
import { orderList } from './list-repository.ts'
import { type ExportScope, type ExportState, inScope, type Order, type OrderLine, type StaffFields } from './order.ts'
import { payloadText } from './payload.ts'
import { ORDER_COLUMNS, ORDER_LINE_COLUMNS, type OrderLineRow, type OrderRow, orderLineOf, orderOf } from './row.ts'
import { searchTextOf } from './search.ts'
import type { StatusRole } from './status.ts'
import { trackingWriter } from './tracking-repository.ts'

/** One parcel of an order, as the export wrote it down. */
export type OrderParcel = {
  groupKey: number
  state: string
  trackingNumber: string
  carrierCode: string
  /** What stands in the shipment's comment: further slip numbers. */
  comment: string
  shipmentId: number | null
  runId: number
  reason: string | null
  updatedAt: number
}

export type ExportResult = {
  state: ExportState
  /** A FailureReason; left out: none. */
  reason?: string | null
  /** `writtenAs(order)` as it was confirmed; left out: stays. */
  exportedAs?: string | null
  exportedAt?: number | null
  /** What the export read back; stored so that the next import finds nothing changed. */
  csCartStatus?: string
  attempts?: number
}

export type StaffUpdate = { ok: true; order: Order } | { ok: false; current: Order }

/** Orders: every write of an order goes through here, and every change leaves its history row in the same transaction. */
export function orderRepository(db: Db) {
  const client = db.$client
  const history = orderHistory(db)
  const tracking = trackingWriter(db)
  const imported = importedOrders(db, history, tracking)

  const byId = client.prepare<[number], OrderRow>(`select ${ORDER_COLUMNS} from orders o where id = ?`)
  const byCsCartId = client.prepare<[number, number], OrderRow>(
    `select ${ORDER_COLUMNS} from orders o where shop_id = ? and cs_cart_order_id = ?`,
  )
  const lines = client.prepare<[number], OrderLineRow>(
    `select ${ORDER_LINE_COLUMNS} from order_lines l where order_id = ? order by group_key, item_id`,
  )
  const payload = client
    .prepare<[number], string | Buffer>('select body from order_payloads where order_id = ?')
    .pluck()
  const parcels = client.prepare<[number], OrderParcel>(`
    select group_key as "groupKey", state, tracking_number as "trackingNumber", carrier_code as "carrierCode", comment,
      shipment_id as "shipmentId", run_id as "runId", reason, updated_at as "updatedAt"
    from parcels where order_id = ? order by group_key`)
  const statusName = client.prepare<[number], string>('select name from order_statuses where id = ?').pluck()
  const statusRoles = client.prepare<[], { id: number; role: StatusRole }>('select id, role from order_statuses')
  const write = client.prepare<[number, string | null, string | null, string, string, string, number, number]>(`
    update orders set status_id = ?, ship_date = ?, carrier = ?, tracking_number = ?, memo = ?, search_text = ?,
      version = version + 1 where id = ? and version = ?`)
  const writeExport = client.prepare<
    [string, string | null, string | null, number | null, string, number, number]
  >(`update orders set export_state = ?, export_reason = ?, exported_as = ?, exported_at = ?, cs_cart_status = ?,
      export_attempts = ? where id = ?`)
  const setSeen = client.prepare<[number, string]>(
    `update orders set changed_in_cs_cart_at = null
     where id = ? and changed_in_cs_cart_at || '|' || content_hash = ? and changed_in_cs_cart_at is not null`,
  )
  const dueCandidates = client.prepare<[number, string, string, number, string, number], OrderRow>(`
    select ${ORDER_COLUMNS} from ${DUE_CANDIDATES}
      and o.id > ? and o.status_id in (select value from json_each(?)) order by o.id limit ?`)

  const find = (id: number): Order | undefined => {
    const row = byId.get(id)
    return row && orderOf(row)
  }
  const linesOf = (orderId: number): OrderLine[] => lines.all(orderId).map(orderLineOf)
  const names = { status: (id: number) => statusName.get(id) ?? String(id), carrier: carrierName }

  const edit = (before: Order, fields: StaffFields, accountId: number | null, at: number): StaffUpdate => {
    const after = { ...before, ...definedOnly(fields) }
    const changes = staffChanges(before, after, names)
    if (changes.length === 0) return { ok: true, order: before }
    const searchText = searchTextOf({ ...after, lines: linesOf(before.id) }, after)
    const { statusId, shipDate, carrier, trackingNumber, memo, id, version } = after
    write.run(statusId, shipDate, carrier, trackingNumber, memo, searchText, id, version)
    if (before.trackingNumber !== trackingNumber || before.carrier !== carrier) tracking.store(after)
    history.addHistory({ orderId: id, at, event: 'edited', accountId, changes })
    return { ok: true, order: { ...after, version: version + 1 } }
  }

  return {
    ...imported,
    ...history,
    ...orderList(db),
    find,
    linesOf,

    findByCsCartId(shopId: number, csCartOrderId: number): Order | undefined {
      const row = byCsCartId.get(shopId, csCartOrderId)
      return row && orderOf(row)
    },

    /** CS-Cart's newest answer for the order, JSON text as it came. */
    rawOf(orderId: number): string | undefined {
      const body = payload.get(orderId)
      return body === undefined ? undefined : payloadText(body)
    },

    parcelsOf(orderId: number): OrderParcel[] {
      return parcels.all(orderId)
    },

    /**
     * Writes what staff typed, if nobody has written since `version` was shown.
     * @param fields only those that were typed; unchanged ones write nothing
     * @returns `ok: false` with the order as it is now, when it is a newer version; nothing is written then. undefined: no such order
     */
    update(
      id: number,
      version: number,
      fields: StaffFields,
      context: { accountId: number | null; at: number },
    ): StaffUpdate | undefined {
      return client
        .transaction((): StaffUpdate | undefined => {
          const before = find(id)
          if (!before) return undefined
          if (before.version !== version) return { ok: false, current: before }
          return edit(before, fields, context.accountId, context.at)
        })
        .immediate()
    },

    /**
     * 「確認した」: somebody has seen what CS-Cart changed. Writes nothing where there was nothing to see, nor where an import has
     * changed the order again since.
     * @param seen `seenAs` of the order as that person saw it
     */
    markSeen(orderId: number, seen: string, context: { accountId: number | null; at: number }): void {
      client
        .transaction(() => {
          if (setSeen.run(orderId, seen).changes > 0) history.addHistory({ orderId, event: 'seen', ...context })
        })
        .immediate()
    },

    /**
     * What an export reached; written by exports only, with its history row (`exported`, `confirmed`, `export_failed`).
     * Where that is so already, nothing is written.
     */
    setExport(
      orderId: number,
      result: ExportResult,
      context: { runId: number | null; at: number; accountId?: number | null },
    ): void {
      client
        .transaction(() => {
          const before = find(orderId)
          if (!before) return
          const reason = result.reason ?? null
          const exportedAs = result.exportedAs === undefined ? before.exportedAs : result.exportedAs
          const exportedAt = result.exportedAt === undefined ? before.exportedAt : result.exportedAt
          const status = result.csCartStatus ?? before.csCartStatus
          const attempts = result.attempts ?? before.exportAttempts
          const changes = [
            ...(before.exportedAs === exportedAs
              ? []
              : [change('exportedAs', before.exportedAs ?? '', exportedAs ?? '')]),
            ...(before.csCartStatus === status ? [] : [change('csCartStatus', before.csCartStatus, status)]),
          ]
          const isSame =
            before.exportState === result.state &&
            before.exportReason === reason &&
            before.exportedAt === exportedAt &&
            before.exportAttempts === attempts
          if (changes.length === 0 && isSame) return
          writeExport.run(result.state, reason, exportedAs, exportedAt, status, attempts, orderId)
          history.addHistory({ orderId, event: EXPORT_EVENTS[result.state], changes, reason, ...context })
        })
        .immediate()
    },

    /**
     * Orders that may be due, by id: everything that `whyNotDue` needs a look at. Ask again with the last id until it is empty.
     * @param fromDay first day of the window, `YYYY-MM-DD`
     */
    dueFor(
      shopId: number,
      scope: ExportScope,
      fromDay: string,
      toDay: string,
      afterId: number,
      limit: number,
    ): Order[] {
      const statusIds = statusRoles
        .all()
        .filter(({ role }) => inScope(role, scope))
        .map(({ id }) => id)
      return dueCandidates.all(shopId, fromDay, toDay, afterId, JSON.stringify(statusIds), limit).map(orderOf)
    },
  }
}
export type OrderRepository = ReturnType<typeof orderRepository>

const EXPORT_EVENTS = {
  none: 'export_reset',
  sent: 'exported',
  confirmed: 'confirmed',
  error: 'export_failed',
} as const satisfies Record<ExportState, HistoryEvent>

const definedOnly = (fields: StaffFields): StaffFields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
