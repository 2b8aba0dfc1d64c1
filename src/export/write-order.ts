import type { CsCartClient } from '../cscart/client.ts'
import type { OrderOrShop } from '../cscart/order-or-shop.ts'
import { CANCELLED_LETTERS } from '../cscart/statuses.ts'
import { CsCartError } from '../errors.ts'
import type { FailureReason } from '../failures.ts'
import { type Order, writtenAs } from '../orders/order.ts'
import { detailOf } from '../runs/run.ts'
import type { Shop } from '../shops/shop.ts'
import type { ExportDeps, RunPart } from './deps.ts'
import { inWords } from './in-words.ts'
import { lookAt } from './look.ts'
import { mailsFor } from './mails.ts'
import { type OrderAttempt, orderAttempt } from './order-attempt.ts'
import { changedSince, type PlannedOrder, sightOf } from './plan.ts'
import type { Parcel, PlanItem } from './repository.ts'
import { type Planning, planOrder, rulesOf, SHIPPED_ORDER, type ShopRules } from './to-cscart.ts'
import { afterLostAnswer, type Refusal, writeParcel } from './write-parcel.ts'

/** One order that is being written: what its steps share. */
export type OrderWriting = {
  deps: ExportDeps
  run: RunPart
  client: CsCartClient
  order: Order
  planned: PlannedOrder
  /** ms UTC. */
  at: () => number
  /** Where each step is written down before and after the shop is asked. */
  attempt: OrderAttempt
  /** Which calls ask for a mail, as things stand now. */
  mails: () => { onShipment: boolean; onStatus: boolean }
  rules: () => ShopRules
  rememberCanPut: (can: boolean) => void
}

export type WriteRequest = {
  run: RunPart
  shop: Shop
  item: PlanItem
  /** How many attempts of this order count already; the clock gives up at a limit. */
  attempts: number
  /** Tells an order that fails by itself from a shop that fails; one for the whole run. */
  judge: OrderOrShop
}

const CHANGED_THERE: Refusal = {
  reason: 'changed_since_plan',
  detail: 'CS-Cart側の受注ステータス、商品または配送が変わりました。',
  since: true,
}

const OPEN: ReadonlySet<Parcel['state']> = new Set(['intent', 'shipment_written', 'order_status_written'])

/**
 * Writes one order of a plan as the plan says and confirms it, or records why not; either way the run has one item for it then.
 * An order that is no longer as the plan shows it is skipped, and failed only where a part of it was written already.
 * @returns why it was not written (whole), if so, and whether the shop has given it its status
 * @throws CsCartError when the shop failed in a way that stops the run (the order's own item is recorded first);
 *   LeaseLost; the signal's reason when the run was stopped before the order's end (an item says so where it was begun)
 */
export async function writeOrder(deps: ExportDeps, request: WriteRequest): Promise<WrittenOrder> {
  const { run, shop, item, judge } = request
  const attempt = orderAttempt(deps, request)
  const at = () => deps.now().getTime()
  try {
    const now = attempt.asPlanned()
    if ('reason' in now) return failed(attempt.refuse(now))
    const { order } = now
    const client = deps.clientFor(shop).recorded(attempt.exchanges)
    const found = await findOut(deps, run, shop, item, client)
    if ('reason' in found) return failed(attempt.refuse(found))
    const will = inWords(found.planned, shop).will.join('、')
    if (shop.dryRun) {
      attempt.close('skipped', `試運転（書き込みません）: ${will}`)
      return { failed: undefined, statusWritten: false }
    }

    const refusal = await writeAll({ deps, run, client, order, planned: found.planned, at, attempt, shop })
    if (refusal) {
      const reason = attempt.refuse(refusal)
      if (refusal.stop && (await judge.endsRun(refusal.stop, run.signal))) throw new Stop(refusal.stop)
      return failed(reason)
    }
    attempt.close('done', will, () =>
      confirm(deps, run.id, order, { csCartStatus: found.planned.statusWill, at: at() }),
    )
    return { failed: undefined, statusWritten: found.planned.statusNow !== found.planned.statusWill }
  } catch (error) {
    if (error instanceof Stop) throw error.why
    if (run.signal.aborted && error === run.signal.reason) attempt.stopped()
    if (!(error instanceof CsCartError)) throw error
    const reason = attempt.fail({ reason: error.reason, detail: detailOf(error) })
    if (await judge.endsRun(error, run.signal)) throw error
    return failed(reason)
  }
}

/** What came of an order: `failed` says why it was not written (whole). */
export type WrittenOrder = { failed: FailureReason | undefined; statusWritten: boolean }

const failed = (reason: FailureReason): WrittenOrder => ({ failed: reason, statusWritten: false })

/** Carries a shop's failure past the place that would record it for the order a second time. */
class Stop extends Error {
  readonly why: CsCartError
  constructor(why: CsCartError) {
    super(why.message)
    this.why = why
  }
}

function confirm(
  deps: ExportDeps,
  runId: number,
  order: Order,
  { csCartStatus, at }: { csCartStatus: string; at: number },
): void {
  deps.parcels.advance(order.id, 'confirmed', at)
  deps.parcels.closeIntents(order.id, at)
  deps.orders.setExport(
    order.id,
    {
      state: 'confirmed',
      reason: null,
      exportedAs: writtenAs(order),
      exportedAt: at,
      csCartStatus,
      attempts: 0,
    },
    { runId, at },
  )
}

/**
 * Reads the shop and decides anew; what comes out must be what the plan showed. Where an earlier attempt left something open and
 * the shop does not have it (yet), the shop is given time to end what it may still be busy with, and is read again.
 */
async function findOut(
  deps: ExportDeps,
  run: RunPart,
  shop: Shop,
  item: PlanItem,
  client: CsCartClient,
): Promise<Extract<Planning, { ok: true }> | Refusal> {
  const look = async (): Promise<Extract<Planning, { ok: true }> | Refusal> => {
    const live = await lookAt(client, item.csCartOrderId, run.signal)
    const known = deps.parcels.ofOrder(item.orderId)
    const begun = known.some((parcel) => OPEN.has(parcel.state))
    const planning = planOrder(item.planned.ours, live, known, rulesOf(deps.shops.find(shop.id) ?? shop))
    const sight = live.order && sightOf(live.order, live.shipments)
    // Gone is no change that another look would show: a person has to know.
    const goesElsewhere = planning.ok && planning.planned.statusWill !== item.planned.statusWill
    const since = sight !== undefined && (goesElsewhere || changedSince(item.planned, sight, begun))
    const truer = !planning.ok && planning.reason === 'cancelled_in_cs_cart'
    if (since && !truer) return CHANGED_THERE
    if (planning.ok) return planning
    const cancelledAs = truer ? sight?.status : undefined
    return { reason: planning.reason, detail: planning.planned.detail, since, cancelledAs }
  }
  const first = await look()
  if (shop.dryRun || 'reason' in first || !writesAnything(first.planned)) return first
  const wait = stillBusyFor(deps, deps.parcels.ofOrder(item.orderId))
  if (wait === 0) return first
  await deps.sleep(wait, run.signal)
  return look()
}

const writesAnything = (planned: PlannedOrder): boolean =>
  planned.statusNow !== planned.statusWill ||
  planned.parcels.some((parcel) => parcel.action === 'create' || parcel.action === 'correct')

/** ms until the shop can no longer be busy with a write of ours whose answer nobody heard; 0 when nothing is open. */
function stillBusyFor(deps: ExportDeps, known: readonly Parcel[]): number {
  const latest = Math.max(...known.filter((parcel) => OPEN.has(parcel.state)).map((parcel) => parcel.updatedAt))
  if (latest === Number.NEGATIVE_INFINITY) return 0
  const { settle } = deps.waits
  return Math.min(settle, Math.max(0, latest + settle - deps.now().getTime()))
}

/** All parcels, then the order's status; undefined when the shop has everything. */
async function writeAll(
  writing: Omit<OrderWriting, 'mails' | 'rules' | 'rememberCanPut'> & { shop: Shop },
): Promise<Refusal | undefined> {
  const { deps, run, order, planned, shop } = writing
  const before = deps.parcels.ofOrder(order.id)
  const w: OrderWriting = {
    ...writing,
    mails: () =>
      mailsFor({
        notify: shop.notifyCustomer,
        mailsOnStatusOnly: planned.mailsOnStatusOnly,
        exportedBefore: order.exportedAs !== null,
        shipmentWritten: deps.parcels.ofOrder(order.id).some((parcel) => parcel.shipmentId !== null),
        statusWritten: before.some((parcel) => ['order_status_written', 'confirmed'].includes(parcel.state)),
      }),
    rules: () => rulesOf(deps.shops.find(shop.id) ?? shop),
    rememberCanPut: (can) => run.save(() => deps.shops.remember(shop.id, { capabilities: { putShipment: can } })),
  }
  const goOn = patience(run.signal, deps)
  const lookedAt = deps.now().getTime()
  for (const parcel of planned.parcels) {
    goOn()
    const refusal = await writeParcel(w, parcel)
    if (refusal) return refusal
  }
  if (planned.statusNow === planned.statusWill) return undefined
  goOn()
  const moved = await movedMeanwhile(w, lookedAt)
  if (moved) return moved
  const changed = w.attempt.commit(() =>
    deps.orders.setExport(order.id, { state: 'sent', reason: null }, { runId: run.id, at: w.at() }),
  )
  return changed ?? writeStatus(w)
}

/**
 * A stopped run goes on with an order that it has begun, so that it is not left half written, but only for so long.
 * The returned function throws the signal's reason when the time is over.
 */
function patience(signal: AbortSignal, deps: ExportDeps): () => void {
  let stoppedAt: number | undefined
  return () => {
    if (!signal.aborted) return
    stoppedAt ??= deps.now().getTime()
    if (deps.now().getTime() - stoppedAt >= deps.waits.finish) throw signal.reason
  }
}

/**
 * Shipments took a while: the order is looked at again, so that one that was cancelled in the shop meanwhile is not made a shipped
 * one. CS-Cart has no status change that asks what it was before.
 */
async function movedMeanwhile(w: OrderWriting, lookedAt: number): Promise<Refusal | undefined> {
  if (w.at() - lookedAt < w.deps.waits.lookAgain) return undefined
  const fetched = await w.client.order(w.order.csCartOrderId)
  if (!fetched) return { reason: 'not_in_shop' }
  const { status } = fetched.order
  if (CANCELLED_LETTERS.includes(status)) return { reason: 'cancelled_in_cs_cart', cancelledAs: status }
  return status === w.planned.statusNow || status === w.planned.statusWill ? undefined : CHANGED_THERE
}

async function writeStatus(w: OrderWriting): Promise<Refusal | undefined> {
  const { deps, client, order } = w
  try {
    await client.setOrderStatus(order.csCartOrderId, SHIPPED_ORDER, { notifyCustomer: w.mails().onStatus })
  } catch (error) {
    if (!(error instanceof CsCartError) || !error.mayHaveBeenApplied) throw error
    await afterLostAnswer(w)
    const refusal = await statusRefusal(w)
    if (refusal?.cancelledAs !== undefined) return refusal
    if (refusal)
      return { reason: 'answer_lost', detail: `${error.message}${refusal.detail ? ` / ${refusal.detail}` : ''}` }
  }
  w.run.save(() => deps.parcels.advance(order.id, 'order_status_written', w.at()))
  const refusal = await statusRefusal(w)
  if (refusal) w.run.save(() => deps.parcels.statusNotTaken(order.id, w.at()))
  return refusal
}

/** Reads the order's status back. CS-Cart says 200 whatever came of a status change (cs-cart-api.md 9). */
async function statusRefusal(w: OrderWriting): Promise<Refusal | undefined> {
  const fetched = await w.client.order(w.order.csCartOrderId)
  if (!fetched) return { reason: 'not_in_shop' }
  const { status } = fetched.order
  if (status === SHIPPED_ORDER) return undefined
  if (CANCELLED_LETTERS.includes(status)) return { reason: 'cancelled_in_cs_cart', cancelledAs: status }
  return { reason: status === 'B' ? 'stock_shortage' : 'status_unchanged', detail: `CS-Cartのステータス: ${status}` }
}
