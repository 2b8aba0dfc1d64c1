/** What the pages of orders share: statuses, shops and their rules as they are at one moment. */
import { statusName } from '../cscart/statuses.ts'
import type { Remembering } from '../db/remember.ts'
import { type Day, dayOf } from '../period.ts'
import { carrierNameOfCode } from './carriers.ts'
import { type ExportStatus, exportStatusOf, type ShopExportRule } from './export-status.ts'
import { type ExportScope, exportWindow, isGone, type Order } from './order.ts'
import type { OrderRepository } from './repository.ts'
import type { OrderStatus } from './status.ts'
import type { StatusRepository } from './status-repository.ts'

/** What the pages of orders need to know of a shop. */
export type OrderShop = {
  id: number
  name: string
  exportScope: ExportScope
  exportDays: number
  dryRun: boolean
  /** `[letter, name]` */
  knownStatuses: [string, string][]
  /** Our carrier id to the shop's own code. */
  carrierCodes: Readonly<Record<string, string>>
}

export type OrderRoutesDeps = {
  orders: OrderRepository
  orderStatuses: StatusRepository
  shops: () => readonly OrderShop[]
  /** The e-mail address of an account, undefined where it was deleted. */
  accountEmail: (id: number) => string | undefined
  /** Keeps what was read until something is written. */
  remember: Remembering
  now: () => Date
  timeZone: string
}

export type Desk = ReturnType<typeof deskOf>

/** API書出, 作成期間 and 試運転 by shop, on a day. */
export function exportRules(shops: readonly OrderShop[], today: Day): Map<number, ShopExportRule> {
  return new Map(
    shops.map((shop) => [
      shop.id,
      { scope: shop.exportScope, dryRun: shop.dryRun, ...exportWindow(shop.exportDays, today) },
    ]),
  )
}

export function deskOf(deps: OrderRoutesDeps) {
  const at = deps.now().getTime()
  const today = dayOf(at, deps.timeZone)
  const shops = deps.shops()
  const statuses = deps.orderStatuses.list()
  const rules = exportRules(shops, today)
  const shopById = new Map(shops.map((shop) => [shop.id, shop]))
  const statusById = new Map(statuses.map((status) => [status.id, status]))
  const known = new Map(shops.map((shop) => [shop.id, shop.knownStatuses.map(([letter, name]) => ({ letter, name }))]))
  return {
    at,
    today,
    shops,
    statuses,
    rules,
    shopName: (id: number): string => shopById.get(id)?.name ?? '',
    statusOf: (id: number): OrderStatus | undefined => statusById.get(id),
    /** The shop's own name of a CS-Cart status. */
    csCartStatusName: (shopId: number, letter: string): string => statusName(letter, known.get(shopId)),
    /** What CS-Cart says of an order now. */
    csCartStatusOf(order: Order): string {
      const name = statusName(order.csCartStatus, known.get(order.shopId))
      return isGone(order) ? `なし（最後は${name}）` : name
    },
    /** The carrier that a code of this shop means, by name. */
    carrierNameOf: (shopId: number, code: string): string =>
      carrierNameOfCode(code, shopById.get(shopId)?.carrierCodes ?? {}),
    exportStatusOf(order: Order): ExportStatus {
      const rule = rules.get(order.shopId) ?? { scope: 'processed_only', fromDay: today, toDay: today, dryRun: false }
      return exportStatusOf(order, { ...rule, statusRole: statusById.get(order.statusId)?.role ?? null })
    },
  }
}
