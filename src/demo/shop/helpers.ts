import { changeStatus } from './change-status.ts'
import { unix } from './clock.ts'
import { applyDraft, makeOrder } from './generate/order.ts'
import { random } from './generate/random.ts'
import { detailBody } from './orders.ts'
import type { Shop } from './shop.ts'
import type { Notifications, OrderDraft, Settings, Shipment, ShipmentDraft, ShopOrder, Status, User } from './types.ts'

export type AddOrdersOptions = {
  /** The shop's seed by default. */
  seed?: number
  /** Placed between these two, 30 days ago and now by default. Dates, Unix seconds or, over HTTP, ISO text. */
  from?: Date | number | string
  to?: Date | number | string
  /** Drawn from these letters: repeat one to make it frequent. */
  statuses?: readonly string[]
}

const USUAL_STATUSES: readonly [string, ...string[]] = ['O', 'O', 'P', 'P', 'P', 'C']

/** What staff and customers do in the shop: the hands of a test. All throw where the order is unknown. */
export function shopHelpers(shop: Shop, seed: number) {
  const { memory, ledger, clock, settings } = shop

  const known = (orderId: number): ShopOrder => {
    const order = memory.order(orderId)
    if (!order) throw new Error(`the pretend shop has no order ${orderId}`)
    return order
  }
  const born = (order: ShopOrder): ShopOrder => {
    memory.putOrder(order)
    ledger.write.stepped(order.id, null, order.status, 'staff')
    return order
  }

  return {
    /** Adds one order; what the draft leaves out is made up. Placed now, status P, unless it says otherwise. */
    addOrder(draft: OrderDraft = {}): ShopOrder {
      const id = memory.takeOrderId(draft.id)
      const time = draft.timestamp === undefined ? clock.seconds() : unix(draft.timestamp)
      return born(applyDraft(makeOrder(seed, id, time), { updatedAt: time, ...draft, id }))
    },

    /** Adds orders spread over a period, oldest first. */
    addOrders(count: number, options: AddOrdersOptions = {}): ShopOrder[] {
      const to = options.to === undefined ? clock.seconds() : unixOf(options.to)
      const from = options.from === undefined ? to - 30 * 86_400 : unixOf(options.from)
      const orderSeed = options.seed ?? seed
      const chance = random(orderSeed)
      const [first, ...others] = options.statuses ?? []
      const letters: readonly [string, ...string[]] = first === undefined ? USUAL_STATUSES : [first, ...others]
      const times = Array.from({ length: count }, () => chance.int(from, to)).sort((a, b) => a - b)
      return times.map((time) => {
        const order = makeOrder(orderSeed, memory.takeOrderId(), time)
        return born({ ...order, status: chance.pick(letters) })
      })
    },

    /** An order as the shop has it now. */
    order: (orderId: number): ShopOrder | undefined => memory.order(orderId),
    /** All orders. */
    orders: (): ShopOrder[] => memory.orders(),

    /** Renders every detail beforehand, so that a benchmark measures its own work and not the shop's first. */
    warm(): void {
      for (const order of memory.orders()) detailBody(shop, order)
    },

    /** Staff set a status: bumps `updated_at`; stock shortage applies; no mail. */
    setStatus(orderId: number, letter: string): void {
      known(orderId)
      changeStatus(shop, { orderId, letter, by: 'staff', request: null, mail: false })
    },
    /** Staff edit an order. `updated_at` moves unless told otherwise (staff notes and add-ons do not move it). */
    editOrder(orderId: number, patch: OrderDraft, options: { bumpUpdatedAt?: boolean } = {}): ShopOrder {
      const before = known(orderId)
      const bump = options.bumpUpdatedAt !== false && patch.updatedAt === undefined
      const order = applyDraft(before, { ...patch, id: orderId, ...(bump ? { updatedAt: clock.seconds() } : {}) })
      memory.putOrder(order)
      if (order.status !== before.status) ledger.write.stepped(orderId, before.status, order.status, 'staff')
      return order
    },
    /** Cancels (I). */
    cancel(orderId: number): void {
      known(orderId)
      changeStatus(shop, { orderId, letter: 'I', by: 'staff', request: null, mail: false })
    },
    /** Deletes an order; its shipments stay behind as orphans. */
    removeOrder(orderId: number): void {
      known(orderId)
      memory.removeOrder(orderId)
    },

    /** Staff ship by hand, by default all that remains. */
    addShipment(draft: ShipmentDraft): Shipment {
      const order = known(draft.orderId)
      const left = order.lines.map(
        (line) => [line.itemId, line.amount - memory.shippedAmount(order.id, line.itemId)] as const,
      )
      const shipment: Shipment = {
        id: memory.takeShipmentId(draft.id),
        orderId: order.id,
        timestamp: draft.timestamp ?? clock.seconds(),
        shippingId: draft.shippingId ?? order.groups[0]?.shippingId ?? 12,
        trackingNumber: draft.trackingNumber ?? '',
        carrier: draft.carrier ?? order.groups[0]?.module ?? '',
        status: draft.status ?? 'P',
        comments: draft.comments ?? '',
        products: draft.products ?? Object.fromEntries(left.filter(([, amount]) => amount > 0)),
      }
      memory.putShipment(shipment)
      return shipment
    },
    /** Staff change a shipment. */
    editShipment(shipmentId: number, patch: Partial<Omit<Shipment, 'id' | 'orderId'>>): Shipment {
      const shipment = memory.shipment(shipmentId)
      if (!shipment) throw new Error(`the pretend shop has no shipment ${shipmentId}`)
      memory.putShipment({ ...shipment, ...patch })
      return { ...shipment, ...patch }
    },
    /** Staff delete a shipment: its amounts are free again. */
    removeShipment(shipmentId: number): void {
      if (!memory.removeShipment(shipmentId)) throw new Error(`the pretend shop has no shipment ${shipmentId}`)
    },
    /** All shipments, or those of one order. */
    shipments: (orderId?: number): Shipment[] =>
      orderId === undefined ? memory.shipments() : memory.shipmentsOf(orderId),

    /** Stock is short for this order: moving it from B, F, D, I or N to a status that takes stock lands in B. */
    setStockShort(orderId: number, short = true): void {
      if (short) memory.stockShort.add(orderId)
      else memory.stockShort.delete(orderId)
    },
    /** An add-on swallows every status change of this order; the API still says 200. */
    blockStatusChange(orderId: number, blocked = true): void {
      if (blocked) memory.blocked.add(orderId)
      else memory.blocked.delete(orderId)
    },

    /** Replaces the users. */
    setUsers(users: readonly User[]): void {
      shop.users = [...users]
    },
    /** Gives a user (the administrator by default) all rights, or only those listed. */
    setPrivileges(privileges: User['privileges'], email?: string): void {
      shop.users = shop.users.map((user, index) =>
        (email === undefined ? index === 0 : user.email === email) ? { ...user, privileges } : user,
      )
    },
    /** The store's own notification settings. */
    setNotifications(patch: Partial<Notifications>): void {
      settings.notifications = { ...settings.notifications, ...patch }
    },
    /** Changes settings of the shop. */
    configure(patch: Partial<Settings>): void {
      Object.assign(settings, patch)
    },
    /** A status of the shop's own. Its letter is any one character. */
    addStatus(status: { letter: string; name: string; type?: Status['type']; inventory?: Status['inventory'] }): void {
      const { letter, name, type = 'O', inventory = 'D' } = status
      const statusId = Math.max(...shop.statuses.map((other) => other.statusId)) + 1
      shop.statuses.push({ statusId, letter, type, ja: name, en: name, inventory: type === 'S' ? null : inventory })
    },
    /** Puts the shop's clock ahead (or, negative, behind): its Date header and every time that it writes. */
    setClockOffset(ms: number): void {
      clock.setOffset(ms)
    },
  }
}

function unixOf(time: Date | number | string): number {
  return unix(typeof time === 'string' ? new Date(time) : time)
}
