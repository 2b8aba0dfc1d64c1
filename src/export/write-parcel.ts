import { CsCartError } from '../errors.ts'
import type { FailureReason } from '../failures.ts'
import { detailOf } from '../runs/run.ts'
import { lookAt } from './look.ts'
import { type PlannedParcel, plainNumber, type ShipmentChange, sortedLines } from './plan.ts'
import { byHand, planOrder, SHIPPED_PARCEL } from './to-cscart.ts'
import type { OrderWriting } from './write-order.ts'

/**
 * Why an order went no further. `stop`: the shop failed in a way that the next order would meet as well. `since`: something is no
 * longer as the plan has it, and the order is skipped where nothing of it was written.
 */
export type Refusal = {
  reason: FailureReason
  detail?: string | undefined
  stop?: CsCartError | undefined
  since?: boolean | undefined
  /** The letter under which the shop has the order cancelled, where that is why. */
  cancelledAs?: string | undefined
}

/**
 * Takes one parcel as far as the shop has it as wanted: each step is on disk before the next begins, a step whose answer was
 * lost is looked for in the shop and never repeated here.
 * @returns why it got no further, or undefined when the shop has it
 * @throws CsCartError where the shop surely did nothing
 */
export async function writeParcel(w: OrderWriting, parcel: PlannedParcel): Promise<Refusal | undefined> {
  if (parcel.action === 'create') return create(w, parcel)
  if (parcel.action === 'correct') return correct(w, parcel)
  if (parcel.action === 'adopt')
    w.run.save(() => w.deps.parcels.begin(w.order.id, parcel, 'shipment_written', w.run.id, w.at()))
  return undefined
}

async function create(w: OrderWriting, parcel: PlannedParcel): Promise<Refusal | undefined> {
  const notifyCustomer = w.mails().onShipment
  const changed = w.attempt.intend(parcel)
  if (changed) return changed
  let shipmentId: number
  try {
    shipmentId = await w.client.createShipment({
      orderId: w.order.csCartOrderId,
      shippingId: parcel.shippingId,
      lines: parcel.lines,
      carrier: parcel.carrierCode,
      trackingNumber: parcel.trackingNumber,
      comments: parcel.comment,
      notifyCustomer,
    })
  } catch (error) {
    if (!(error instanceof CsCartError)) throw error
    if (error.mayHaveBeenApplied || error.reason === 'rejected') return lookForIt(w, parcel, error)
    w.attempt.refused(parcel.groupKey, error.reason)
    throw error
  }
  w.run.save(() => w.deps.parcels.shipmentWritten(w.order.id, parcel.groupKey, shipmentId, w.at()))
  return readBack(w, parcel, shipmentId, { mayRepair: true })
}

/** After a POST without a good answer: what the shop has now decides. A silent 400 means that nothing was left to ship. */
async function lookForIt(w: OrderWriting, parcel: PlannedParcel, lost: CsCartError): Promise<Refusal | undefined> {
  const unknown = unheard(lost)
  if (lost.mayHaveBeenApplied) await afterLostAnswer(w)
  let again: ReturnType<typeof planOrder>
  try {
    const live = await lookAt(w.client, w.order.csCartOrderId)
    again = planOrder(w.planned.ours, live, w.deps.parcels.ofOrder(w.order.id), w.rules())
  } catch (error) {
    if (!(error instanceof CsCartError)) throw error
    return { ...unknown, stop: error.stopsRun ? error : undefined }
  }
  if (!again.ok) {
    if (!lost.mayHaveBeenApplied) w.attempt.refused(parcel.groupKey, again.reason)
    const cancelledAs = again.reason === 'cancelled_in_cs_cart' ? again.planned.statusNow : undefined
    return { reason: again.reason, detail: again.planned.detail, cancelledAs }
  }
  const there = again.planned.parcels.find((candidate) => candidate.groupKey === parcel.groupKey)
  if (there?.action === 'adopt' || there?.action === 'correct') return writeParcel(w, there)
  if (lost.mayHaveBeenApplied) return unknown
  const reason = there?.action === 'nothing' ? 'shipped_with_other_number' : lost.reason
  w.attempt.refused(parcel.groupKey, reason)
  return { reason, detail: detailOf(lost) }
}

/** The shop may still be doing what it did not answer: it gets a moment now, and its full time before the next attempt. */
export async function afterLostAnswer({ deps, order, run, at }: OrderWriting): Promise<void> {
  run.save(() => deps.parcels.unheard(order.id, at()))
  await deps.sleep(deps.waits.afterLostAnswer)
}

/** The words for a write that the shop did not do (yet), although it may have. A page in place of an answer says more by itself. */
function unheard(lost: CsCartError): Refusal {
  const page = lost.reason === 'blocked' || lost.reason === 'redirected' || lost.reason === 'storefront'
  return {
    reason: page ? lost.reason : 'answer_lost',
    detail: [lost.message, detailOf(lost)].filter((part) => part !== undefined).join(' / '),
    // One order's shipment may be redirected by a payment add-on (cs-cart-api.md 10.2); a firewall blocks them all.
    stop: lost.reason === 'blocked' ? lost : undefined,
  }
}

/** @param isRepair the PUT makes good what the shop made of our own POST, and is not made a second time */
async function correct(w: OrderWriting, parcel: PlannedParcel, isRepair = false): Promise<Refusal | undefined> {
  const { shipmentId, change } = parcel
  if (shipmentId === undefined || change === undefined) return undefined
  const changed = w.attempt.intend(parcel)
  if (changed) return changed
  try {
    await w.client.updateShipment(shipmentId, changeToSend(change))
  } catch (error) {
    if (!(error instanceof CsCartError)) throw error
    if (error.mayHaveBeenApplied) {
      await afterLostAnswer(w)
    } else {
      w.attempt.refused(parcel.groupKey, error.reason)
      if (!isOldPut(error)) throw error
      w.rememberCanPut(false)
      return { reason: 'cannot_update_shipment', detail: byHand(seen(w, parcel, shipmentId), change) }
    }
    const differs = await differences(w, parcel, shipmentId)
    if (differs) return unheard(error)
  }
  w.run.save(() => w.deps.parcels.shipmentWritten(w.order.id, parcel.groupKey, shipmentId, w.at()))
  const refusal = await readBack(w, parcel, shipmentId, { mayRepair: !isRepair })
  if (!refusal) w.rememberCanPut(true)
  return refusal
}

/**
 * Whether a refused PUT speaks of the shop's version and so of every shipment: up to 4.13 the 400 names the carrier among what can
 * be changed, newer versions cannot change it (cs-cart-api.md 10.3, 12). Any other refusal is about this shipment.
 */
const isOldPut = (error: CsCartError): boolean =>
  error.reason === 'rejected' && /運送会社|carrier/i.test(error.said ?? '')

function changeToSend({ trackingNumber, comments, status }: ShipmentChange) {
  return {
    ...(trackingNumber === undefined ? {} : { trackingNumber }),
    ...(comments === undefined ? {} : { comments }),
    ...(status === undefined ? {} : { status }),
  }
}

/** Reads the shipment and compares; a status that is not S is set where the shop can do that. */
async function readBack(
  w: OrderWriting,
  parcel: PlannedParcel,
  shipmentId: number,
  { mayRepair }: { mayRepair: boolean },
): Promise<Refusal | undefined> {
  const differs = await differences(w, parcel, shipmentId)
  if (!differs) return undefined
  if (differs.onlyStatus && mayRepair && w.rules().canPut !== false) {
    return correct(w, { ...parcel, shipmentId, change: { status: SHIPPED_PARCEL } }, true)
  }
  return { reason: 'stored_differently', detail: differs.detail }
}

/** How the stored shipment differs from what was written; undefined where it is the same. */
async function differences(
  w: OrderWriting,
  parcel: PlannedParcel,
  shipmentId: number,
): Promise<{ detail: string; onlyStatus: boolean } | undefined> {
  const stored = await w.client.shipment(shipmentId)
  if (!stored || stored.orderId !== w.order.csCartOrderId) {
    return { detail: `CS-Cartに配送 #${shipmentId} がありません。`, onlyStatus: false }
  }
  const said = (label: string, wanted: string, got: string) =>
    wanted === got ? [] : [`${label}: 書いた値「${wanted}」、CS-Cartの値「${got}」`]
  const amounts = (lines: Record<string, number>) =>
    Object.values(sortedLines(lines)).reduce((sum, amount) => sum + amount, 0)
  const sameLines = JSON.stringify(sortedLines(stored.lines)) === JSON.stringify(sortedLines(parcel.lines))
  const others = [
    ...said('伝票番号', plainNumber(parcel.trackingNumber), plainNumber(stored.trackingNumber)),
    ...said('配送業者', parcel.carrierCode, stored.carrier),
    ...(sameLines ? [] : [`商品の数: 書いた値 ${amounts(parcel.lines)}点、CS-Cartの値 ${amounts(stored.lines)}点`]),
    ...(plainNumber(stored.comments).includes(plainNumber(parcel.comment)) ? [] : ['コメントが書いたものと違います']),
  ]
  const status = said('配送ステータス', SHIPPED_PARCEL, stored.status)
  if (others.length + status.length === 0) return undefined
  return { detail: `配送 #${shipmentId} の${[...others, ...status].join('、')}`, onlyStatus: others.length === 0 }
}

/** The shipment as the plan saw it, for words. */
function seen(w: OrderWriting, parcel: PlannedParcel, shipmentId: number) {
  const before = w.planned.sight?.shipments.find((shipment) => shipment.id === shipmentId)
  return {
    shipmentId,
    trackingNumber: before?.number ?? parcel.trackingNumber,
    carrier: before?.carrier ?? parcel.carrierCode,
  }
}
