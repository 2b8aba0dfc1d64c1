import type { Shop } from './shop.ts'
import { inventoryOf } from './statuses.ts'

export type StatusChange = {
  orderId: number
  letter: string
  by: 'api' | 'staff'
  /** The API request behind it. */
  request: number | null
  /** Whether the caller lets a mail to the customer out. */
  mail: boolean
}

/**
 * Changes an order's status as the shop does everywhere: silently not at all when the order is unknown, has the status already
 * or an add-on blocks it; into B when stock is short; only the first character of a longer text, without side effects.
 */
export function changeStatus(shop: Shop, change: StatusChange): void {
  const { memory, ledger, clock } = shop
  const order = memory.order(change.orderId)
  const asked = change.letter.slice(0, 1)
  if (!order || asked === '' || order.status === change.letter || memory.blocked.has(order.id)) return

  const wholeLetter = change.letter.length === 1
  const takesStock = inventoryOf(shop, order.status) === 'I' && inventoryOf(shop, asked) === 'D'
  const to = wholeLetter && takesStock && memory.stockShort.has(order.id) ? 'B' : asked
  if (to === order.status) return

  memory.putOrder({ ...order, status: to, updatedAt: clock.seconds() })
  ledger.write.stepped(order.id, order.status, to, change.by)
  if (change.request !== null) {
    ledger.write.applied({ kind: 'order-status', request: change.request, orderId: order.id, from: order.status, to })
  }
  const allowed = !shop.rules.settingsRuleMails || shop.settings.notifications.orderStatus
  if (wholeLetter && change.mail && allowed) {
    ledger.write.mailed({ request: change.request, orderId: order.id, kind: 'order-status', about: to })
  }
}
