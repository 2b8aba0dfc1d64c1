import { and, asc, eq, inArray, sql } from '../db/drizzle.ts'
import type { Db } from '../db/open.ts'
import { parcels } from '../db/schema.ts'
import type { FailureReason } from '../failures.ts'
import type { PlannedParcel } from './plan.ts'

export type Parcel = typeof parcels.$inferSelect

/** The parcels: how far each one got, so that no step is ever taken twice. */
export function parcelRepository(db: Db) {
  const ofOrder = db
    .select()
    .from(parcels)
    .where(eq(parcels.orderId, sql.placeholder('orderId')))
    .orderBy(asc(parcels.groupKey))
    .prepare()

  return {
    ofOrder(orderId: number): Parcel[] {
      return ofOrder.all({ orderId })
    },

    /** Writes down what is about to be written, or what was found written already (`shipment_written` with its id). */
    begin(
      orderId: number,
      parcel: PlannedParcel,
      state: 'intent' | 'shipment_written',
      runId: number,
      at: number,
    ): void {
      const values = {
        state,
        trackingNumber: parcel.trackingNumber,
        carrierCode: parcel.carrierCode,
        comment: parcel.comment,
        lines: parcel.lines,
        shipmentId: parcel.shipmentId ?? null,
        runId,
        reason: null,
        updatedAt: at,
      }
      db.insert(parcels)
        .values({ orderId, groupKey: parcel.groupKey, createdAt: at, ...values })
        .onConflictDoUpdate({ target: [parcels.orderId, parcels.groupKey], set: values })
        .run()
    },

    /** The shipment is in the shop under this id. */
    shipmentWritten(orderId: number, groupKey: number, shipmentId: number, at: number): void {
      db.update(parcels)
        .set({ state: 'shipment_written', shipmentId, updatedAt: at })
        .where(and(eq(parcels.orderId, orderId), eq(parcels.groupKey, groupKey)))
        .run()
    },

    /** Moves the written parcels of an order on together: its status was written, or all was read back and confirmed. */
    advance(orderId: number, to: 'order_status_written' | 'confirmed', at: number): void {
      db.update(parcels)
        .set({ state: to, reason: null, updatedAt: at })
        .where(and(eq(parcels.orderId, orderId), inArray(parcels.state, ['shipment_written', 'order_status_written'])))
        .run()
    },

    /** The status that was written did not come to stand: that step is still to be done, and nobody was told by it. */
    statusNotTaken(orderId: number, at: number): void {
      db.update(parcels)
        .set({ state: 'shipment_written', updatedAt: at })
        .where(and(eq(parcels.orderId, orderId), eq(parcels.state, 'order_status_written')))
        .run()
    },

    /** Nobody waits any longer for an answer about the order: from now on the shop may be busy with it, and nobody would hear. */
    unheard(orderId: number, at: number): void {
      db.update(parcels)
        .set({ updatedAt: at })
        .where(and(eq(parcels.orderId, orderId), inArray(parcels.state, ['intent', 'shipment_written'])))
        .run()
    },

    /**
     * Notes why the order's open parcels got no further; their state and its time stay where they are, for the shop may still be
     * busy with what it did not answer.
     */
    failed(orderId: number, reason: FailureReason): void {
      db.update(parcels)
        .set({ reason })
        .where(
          and(
            eq(parcels.orderId, orderId),
            inArray(parcels.state, ['intent', 'shipment_written', 'order_status_written']),
          ),
        )
        .run()
    },

    /** The shop surely did not write this parcel: nothing is open any more. */
    refused(orderId: number, groupKey: number, reason: FailureReason, at: number): void {
      db.update(parcels)
        .set({ state: 'failed', reason, updatedAt: at })
        .where(and(eq(parcels.orderId, orderId), eq(parcels.groupKey, groupKey), eq(parcels.state, 'intent')))
        .run()
    },

    /** Everything of the order is confirmed: parcels that were begun and then left with somebody else's number end here. */
    closeIntents(orderId: number, at: number): void {
      db.update(parcels)
        .set({ state: 'failed', reason: 'shipped_with_other_number', updatedAt: at })
        .where(and(eq(parcels.orderId, orderId), eq(parcels.state, 'intent')))
        .run()
    },
  }
}
export type ParcelRepository = ReturnType<typeof parcelRepository>
