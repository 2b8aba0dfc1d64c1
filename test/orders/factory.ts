import { type Db, openDatabase } from '../../src/db/open.ts'
import type { StoredAddress } from '../../src/db/schema.ts'
import type { ImportedLine, ImportedOrder } from '../../src/orders/order.ts'
import { orderRepository } from '../../src/orders/repository.ts'

/** 2026-11-24 09:00 in Tokyo. */
export const NOON = Date.UTC(2026, 10, 24, 0, 0, 0)

/** The built-in statuses of the first migration, by what they are. */
export const STATUS = { new: 1, waiting: 2, packing: 3, processed: 4, held: 5, cancelled: 6 } as const

export const CONTEXT = { runId: null, at: NOON, landingStatusId: STATUS.new } as const
export const STAFF = { accountId: null, at: NOON } as const

export function address(over: Partial<StoredAddress> = {}): StoredAddress {
  return {
    name: '山田 太郎',
    kana: 'ヤマダ タロウ',
    postalCode: '100-0005',
    country: 'JP',
    prefecture: '東京都',
    city: '千代田区',
    address1: '丸の内1-1-1',
    address2: 'つなぎビル 3F',
    phone: '03-1234-5678',
    ...over,
  }
}

export function line(over: Partial<ImportedLine> = {}): ImportedLine {
  return {
    itemId: '100001',
    productId: '11',
    productCode: 'TEA-100',
    name: '深むし茶 100g',
    options: [{ name: '包装', value: 'のし付き' }],
    amount: 2,
    unitPriceCents: 129_600,
    subtotalCents: 259_200,
    groupKey: 0,
    downloadable: false,
    shippedAmount: 0,
    ...over,
  }
}

/** An order as an import would hand it over. */
export function imported(csCartOrderId: number, over: Partial<ImportedOrder> = {}): ImportedOrder {
  return {
    shopId: 1,
    csCartOrderId,
    csCartStatus: 'O',
    orderedAt: NOON - 3_600_000 + csCartOrderId * 1000,
    csCartUpdatedAt: null,
    buyerName: '山田 太郎',
    buyerKana: 'ヤマダ タロウ',
    company: '',
    email: `taro${csCartOrderId}@example.jp`,
    phone: `090-0000-${String(csCartOrderId).padStart(4, '0')}`,
    billing: address(),
    shipping: address({ address1: `丸の内${csCartOrderId}-1` }),
    paymentMethod: '銀行振込',
    shippingMethod: '宅急便',
    deliveryDate: '2026年11月28日(土)',
    deliverySlot: '午前中',
    customerNotes: '',
    staffNotes: '',
    totalCents: 319_200,
    subtotalCents: 259_200,
    shippingCents: 60_000,
    discountCents: 0,
    surchargeCents: 0,
    taxes: [{ name: '消費税', rate: '10.000', included: true, cents: 29_018 }],
    lines: [line(), line({ itemId: '100002', productCode: 'POT-1', name: '急須', amount: 1, options: [] })],
    raw: JSON.stringify({ order_id: String(csCartOrderId) }),
    readBy: 'test',
    ...over,
  }
}

/** A shop's row, without its settings page. */
export function insertShop(db: Db, id = 1, name = `店舗${id}`): void {
  db.$client
    .prepare(`insert into shops (id, name, base_url, api_email, api_key_sealed, landing_status_id, fetch_statuses, fetch_days,
      kana_fields, carrier_codes, capabilities, known_statuses, created_at, settings_saved_at)
      values (?, ?, 'https://shop.example/', 'api@example.jp', 'x', 1, '["O"]', 7, '{}', '{}', '{}', '[]', 0, 0)`)
    .run(id, name)
}

/** A database in memory with one shop, and its orders. */
export function orderBook() {
  const db = openDatabase(':memory:')
  insertShop(db)
  const orders = orderRepository(db)
  /** Stores an order and gives its id. */
  const add = (csCartOrderId: number, over: Partial<ImportedOrder> = {}): number =>
    orders.saveImported(imported(csCartOrderId, over), CONTEXT).orderId
  const row = (id: number) => {
    const found = orders.find(id)
    if (!found) throw new Error(`no order ${id}`)
    return found
  }
  const edit = (id: number, fields: Parameters<typeof orders.update>[2]) =>
    orders.update(id, row(id).version, fields, STAFF)
  return { db, sql: db.$client, orders, add, row, edit, close: () => db.$client.close() }
}
