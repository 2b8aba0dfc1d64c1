/**
 * Every table, in reading order. Times (`…_at`) are ms UTC; days are `YYYY-MM-DD` in the app's time zone;
 * money (`…_cents`) is an integer of 1/100 of the shop's currency unit, as CS-Cart prints two decimals.
 */
import {
  type AnySQLiteColumn,
  blob,
  check,
  index,
  integer,
  primaryKey,
  sql,
  sqliteTable,
  text,
  uniqueIndex,
} from './drizzle.ts'

const flag = (name: string) => integer(name, { mode: 'boolean' })

// --- who may come in -------------------------------------------------------------------------------------------

export const accounts = sqliteTable(
  'accounts',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    email: text('email').notNull(),
    passwordHash: text('password_hash').notNull(),
    role: text('role', { enum: ['admin', 'staff'] }).notNull(),
    createdAt: integer('created_at').notNull(),
    /** Who left: cannot log in, has no password any more, and is still named by what they did. */
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    uniqueIndex('accounts_email').on(sql`lower(${t.email})`).where(sql`${t.deletedAt} is null`),
    check('accounts_role', sql`${t.role} in ('admin', 'staff')`),
  ],
)

/** Only the SHA-256 of a session id is kept, so that a copy of the file opens no session. */
export const sessions = sqliteTable(
  'sessions',
  {
    idHash: text('id_hash').primaryKey(),
    accountId: integer('account_id').references(() => accounts.id, { onDelete: 'cascade' }),
    data: text('data').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (t) => [index('sessions_expires').on(t.expiresAt)],
)

// --- the shops -------------------------------------------------------------------------------------------------

export const orderStatuses = sqliteTable(
  'order_statuses',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    name: text('name').notNull(),
    /** The three built-in statuses have a role and cannot be deleted. */
    role: text('role', { enum: ['new', 'processed', 'cancelled'] }),
    position: integer('position').notNull(),
  },
  (t) => [
    uniqueIndex('order_statuses_name').on(t.name),
    uniqueIndex('order_statuses_role').on(t.role).where(sql`${t.role} is not null`),
  ],
)

export const shops = sqliteTable('shops', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  /** The shop's root, ending in `/`. */
  baseUrl: text('base_url').notNull(),
  apiEmail: text('api_email').notNull(),
  /** AES-256-GCM, see db/seal.ts. */
  apiKeySealed: text('api_key_sealed').notNull(),
  landingStatusId: integer('landing_status_id')
    .notNull()
    .references(() => orderStatuses.id),
  /** CS-Cart status letters, JSON list. */
  fetchStatuses: text('fetch_statuses', { mode: 'json' }).$type<string[]>().notNull(),
  fetchDays: integer('fetch_days').notNull(),
  autoImport: flag('auto_import').notNull().default(false),
  autoImportMinutes: integer('auto_import_minutes').notNull().default(10),
  autoExport: flag('auto_export').notNull().default(false),
  autoExportMinutes: integer('auto_export_minutes').notNull().default(10),
  exportScope: text('export_scope', { enum: ['processed_only', 'all_active'] })
    .notNull()
    .default('processed_only'),
  /** 作成期間: from today − N days to today, by ship date. */
  exportDays: integer('export_days').notNull().default(1),
  notifyCustomer: flag('notify_customer').notNull().default(false),
  dryRun: flag('dry_run').notNull().default(false),
  /** 姓名の並び: `family_first` where CS-Cart's firstname is the family name (Japanese edition). */
  nameOrder: text('name_order', { enum: ['family_first', 'given_first'] })
    .notNull()
    .default('family_first'),
  /** Profile field ids of the kana names, see shops/shop.ts. */
  kanaFields: text('kana_fields', { mode: 'json' }).$type<KanaFieldIds>().notNull(),
  /** Our carrier id -> the shop's carrier code. */
  carrierCodes: text('carrier_codes', { mode: 'json' }).$type<Record<string, string>>().notNull(),
  requestsAtOnce: integer('requests_at_once').notNull().default(2),
  /** Orders placed before this instant are never imported. */
  fenceAt: integer('fence_at'),
  /** What the shop was seen to be able to do; null: not seen yet. */
  capabilities: text('capabilities', { mode: 'json' }).$type<ShopCapabilities>().notNull(),
  /** All status letters that the shop reports, with its own names: `[letter, name]`. */
  knownStatuses: text('known_statuses', { mode: 'json' }).$type<[string, string][]>().notNull(),
  connectionState: text('connection_state', { enum: ['untested', 'ok', 'error'] })
    .notNull()
    .default('untested'),
  connectionReason: text('connection_reason'),
  connectionCheckedAt: integer('connection_checked_at'),
  createdAt: integer('created_at').notNull(),
  /** Changes whenever a person saves the settings: a stopped job starts again then. */
  settingsSavedAt: integer('settings_saved_at').notNull(),
})

export type KanaFieldIds = {
  contact: [string, string]
  billing: [string, string]
  shipping: [string, string]
}

export type ShopCapabilities = {
  /** Order details carry `updated_at` and lists can be filtered by it (newer than 4.10). */
  updatedAt?: boolean
  /** PUT /shipments changes a number (4.16 and newer). */
  putShipment?: boolean
  /** POST /shipments mails the customer only where it is asked to: list rows carry `storefront_id` (newer than C-416). */
  mailsOnlyWhenAsked?: boolean
  /** The list takes `get_orders_data`. */
  ordersData?: boolean
}

/** How far the import of a shop has looked; apart from `shops` so that a run never touches a person's settings. */
export const importStates = sqliteTable('import_states', {
  shopId: integer('shop_id')
    .primaryKey()
    .references(() => shops.id, { onDelete: 'cascade' }),
  /** Shop clock, ms: everything updated before it has been seen. */
  updatedWatermark: integer('updated_watermark'),
  /** When every order of the fetch days was last compared in full. */
  fullCheckAt: integer('full_check_at'),
  /** When the open statuses were last scanned without a period. */
  lateScanAt: integer('late_scan_at'),
  /** The fetch statuses whose older orders `import_baseline` covers; null until the first scan. */
  baselineLetters: text('baseline_letters', { mode: 'json' }).$type<string[]>(),
})

/** Orders outside the fetch days that were payable already when the shop was first imported: they stay out. */
export const importBaseline = sqliteTable(
  'import_baseline',
  {
    shopId: integer('shop_id')
      .notNull()
      .references(() => shops.id, { onDelete: 'cascade' }),
    csCartOrderId: integer('cs_cart_order_id').notNull(),
    /** The letter it had then: an order that has moved since is a late one and comes in. */
    csCartStatus: text('cs_cart_status').notNull().default(''),
  },
  (t) => [primaryKey({ columns: [t.shopId, t.csCartOrderId] })],
)

/** Orders that an import could not take in and that have not come in since: asked for again by the next runs. */
export const importFailures = sqliteTable(
  'import_failures',
  {
    shopId: integer('shop_id')
      .notNull()
      .references(() => shops.id, { onDelete: 'cascade' }),
    csCartOrderId: integer('cs_cart_order_id').notNull(),
    /** A FailureReason. */
    reason: text('reason').notNull(),
    detail: text('detail'),
    attempts: integer('attempts').notNull(),
    failedAt: integer('failed_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.shopId, t.csCartOrderId] })],
)

// --- the orders ------------------------------------------------------------------------------------------------

/** `writtenAs` (orders/order.ts) as it is now is not what was last written. */
const notWritten = (t: Record<'exportedAs' | 'carrier' | 'trackingNumber', AnySQLiteColumn>) =>
  sql`(${t.exportedAs} is null or ${t.exportedAs} <> coalesce(${t.carrier}, '') || '|' || ${t.trackingNumber})`

export const orders = sqliteTable(
  'orders',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    shopId: integer('shop_id')
      .notNull()
      .references(() => shops.id),
    csCartOrderId: integer('cs_cart_order_id').notNull(),

    // What CS-Cart owns: only an import (or an export's read-back) writes these.
    csCartStatus: text('cs_cart_status').notNull(),
    orderedAt: integer('ordered_at').notNull(),
    csCartUpdatedAt: integer('cs_cart_updated_at'),
    buyerName: text('buyer_name').notNull(),
    buyerKana: text('buyer_kana').notNull(),
    company: text('company').notNull(),
    email: text('email').notNull(),
    phone: text('phone').notNull(),
    billing: text('billing', { mode: 'json' }).$type<StoredAddress>().notNull(),
    shipping: text('shipping', { mode: 'json' }).$type<StoredAddress>().notNull(),
    paymentMethod: text('payment_method').notNull(),
    shippingMethod: text('shipping_method').notNull(),
    deliveryDate: text('delivery_date').notNull(),
    deliverySlot: text('delivery_slot').notNull(),
    customerNotes: text('customer_notes').notNull(),
    staffNotes: text('staff_notes').notNull(),
    totalCents: integer('total_cents').notNull(),
    subtotalCents: integer('subtotal_cents').notNull(),
    shippingCents: integer('shipping_cents').notNull(),
    discountCents: integer('discount_cents').notNull(),
    surchargeCents: integer('surcharge_cents').notNull(),
    taxes: text('taxes', { mode: 'json' }).$type<StoredTax[]>().notNull(),
    /** Hash of all that CS-Cart owns: equal means that nothing is to be written. */
    contentHash: text('content_hash').notNull(),
    /** Set when CS-Cart cancelled (or removed) the order after it was imported. */
    cancelledInCsCartAt: integer('cancelled_in_cs_cart_at'),
    /** Set when an import changed the order; cleared by 「確認した」. */
    changedInCsCartAt: integer('changed_in_cs_cart_at'),
    importedAt: integer('imported_at').notNull(),

    // What staff own: no import names these columns in an update.
    statusId: integer('status_id')
      .notNull()
      .references(() => orderStatuses.id),
    shipDate: text('ship_date'),
    carrier: text('carrier'),
    /** Normalised slip numbers, several parted by one space; '' when none. */
    trackingNumber: text('tracking_number').notNull().default(''),
    memo: text('memo').notNull().default(''),
    /** Grows with each change by staff: a form typed over an older version is refused, not overwritten. */
    version: integer('version').notNull().default(1),

    // What the export reached; written by exports only.
    exportState: text('export_state', { enum: ['none', 'sent', 'confirmed', 'error'] })
      .notNull()
      .default('none'),
    exportReason: text('export_reason'),
    /** `carrier|numbers` (`writtenAs` in orders/order.ts) as last confirmed in the shop: differs from now = due again. */
    exportedAs: text('exported_as'),
    exportedAt: integer('exported_at'),
    exportAttempts: integer('export_attempts').notNull().default(0),
    /** Normalised text (NFKC, lower case) for the search box: all the words of the order in one. */
    searchText: text('search_text').notNull(),
    /**
     * The hash of CS-Cart's answer, by which rules it was read, and what of the order others than imports may change since. Where
     * all of that is so still, the same answer says nothing new and is not read again. null: it is read. Not beside the answer
     * itself, behind whose pages SQLite would have to look for it.
     */
    readAs: text('read_as'),
  },
  (t) => [
    uniqueIndex('orders_shop_order').on(t.shopId, t.csCartOrderId),
    // With what ホーム adds up, so that it need not look at the orders themselves.
    index('orders_ordered').on(t.orderedAt, t.id, t.csCartStatus, t.totalCents),
    index('orders_status_ordered').on(t.statusId, t.orderedAt, t.id, t.cancelledInCsCartAt),
    index('orders_tracking').on(t.trackingNumber).where(sql`${t.trackingNumber} <> ''`),
    index('orders_attention_changed').on(t.changedInCsCartAt).where(sql`${t.changedInCsCartAt} is not null`),
    index('orders_attention_cancelled')
      .on(t.shopId, t.orderedAt, t.statusId, t.id)
      .where(sql`${t.cancelledInCsCartAt} is not null`),
    index('orders_export_state').on(t.exportState).where(sql`${t.exportState} <> 'none'`),
    // What does not stand in the shop as it is here: 書出状態 looks among these only (orders/list-conditions.ts). Those with a
    // ship date are few, and an export looks among them.
    index('orders_unwritten').on(t.orderedAt, t.id).where(notWritten(t)),
    index('orders_unwritten_dated')
      .on(t.shopId, t.shipDate)
      .where(sql`${t.shipDate} is not null and ${notWritten(t)}`),
    // Those without are many and only counted; the columns of the condition are here so that SQLite need not look at the orders.
    index('orders_unwritten_undated')
      .on(
        t.shopId,
        t.orderedAt,
        t.statusId,
        t.shipDate,
        t.cancelledInCsCartAt,
        t.exportedAs,
        t.carrier,
        t.trackingNumber,
      )
      .where(sql`${t.shipDate} is null and ${t.cancelledInCsCartAt} is null and ${notWritten(t)}`),
    index('orders_unnumbered')
      .on(t.statusId, t.cancelledInCsCartAt, t.orderedAt, t.id)
      .where(sql`${t.trackingNumber} = ''`),
    // 要確認: each contradiction is found by a small index of its own, see orders/attention.ts.
    index('orders_attention_undated').on(t.id).where(sql`${t.trackingNumber} <> '' and ${t.shipDate} is null`),
    index('orders_attention_shipped')
      .on(t.statusId, t.id)
      .where(sql`${t.csCartStatus} = 'C' and ${t.exportState} not in ('sent', 'confirmed')`),
    check(
      'orders_ship_date_form',
      sql`${t.shipDate} is null or ${t.shipDate} glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'`,
    ),
  ],
)

export type StoredAddress = {
  name: string
  kana: string
  postalCode: string
  country: string
  prefecture: string
  city: string
  address1: string
  address2: string
  phone: string
}

export type StoredTax = { name: string; rate: string; included: boolean; cents: number }

export const orderLines = sqliteTable(
  'order_lines',
  {
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    /** CS-Cart's item_id: unique inside one order only. */
    itemId: text('item_id').notNull(),
    productId: text('product_id').notNull(),
    productCode: text('product_code').notNull(),
    name: text('name').notNull(),
    options: text('options', { mode: 'json' }).$type<StoredOption[]>().notNull(),
    amount: integer('amount').notNull(),
    unitPriceCents: integer('unit_price_cents').notNull(),
    subtotalCents: integer('subtotal_cents').notNull(),
    groupKey: integer('group_key').notNull(),
    /** Nothing to ship. */
    downloadable: flag('downloadable').notNull(),
    shippedAmount: integer('shipped_amount').notNull(),
  },
  (t) => [primaryKey({ columns: [t.orderId, t.itemId] })],
)

export type StoredOption = { name: string; value: string }

/** CS-Cart's own answer, kept so that a mapping fault can be repaired without asking the shop again. */
export const orderPayloads = sqliteTable('order_payloads', {
  orderId: integer('order_id')
    .primaryKey()
    .references(() => orders.id, { onDelete: 'cascade' }),
  /** JSON text as it was answered; a deflated one (as bytes) is read as well. Deflating costs more than the whole insert. */
  body: blob('body', { mode: 'buffer' }).notNull(),
  fetchedAt: integer('fetched_at').notNull(),
})

/** The slip numbers of `orders.tracking_number` one by one, kept by the same statements that write that column. */
export const trackingNumbers = sqliteTable(
  'tracking_numbers',
  {
    number: text('number').notNull(),
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    checkDigitWrong: flag('check_digit_wrong').notNull(),
    /** true while an order of another customer has the same number. */
    shared: flag('shared').notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.number, t.orderId] }),
    index('tracking_numbers_order').on(t.orderId),
    index('tracking_numbers_wrong').on(t.orderId).where(sql`${t.checkDigitWrong} = 1`),
    index('tracking_numbers_shared').on(t.orderId).where(sql`${t.shared} = 1`),
  ],
)

/** One row for every change of an order, written in the transaction of the change. */
export const orderHistory = sqliteTable(
  'order_history',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    at: integer('at').notNull(),
    /** `imported`, `changed_in_cs_cart`, `edited`, `exported`, `confirmed`, `export_failed`, `seen`, … */
    event: text('event').notNull(),
    accountId: integer('account_id').references(() => accounts.id, { onDelete: 'set null' }),
    runId: integer('run_id'),
    /** JSON list of `{ field, from, to }`. */
    changes: text('changes', { mode: 'json' }).$type<FieldChange[]>().notNull(),
    reason: text('reason'),
  },
  (t) => [index('order_history_order').on(t.orderId, t.id)],
)

export type FieldChange = { field: string; from: string; to: string }

// --- runs: 自動処理ログ ------------------------------------------------------------------------------------------

export const RUN_STATES = ['running', 'succeeded', 'partial', 'failed', 'interrupted', 'cancelled', 'skipped'] as const

export const runs = sqliteTable(
  'runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    shopId: integer('shop_id')
      .notNull()
      .references(() => shops.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: ['import', 'export'] }).notNull(),
    /** `manual` a button or the command line, `schedule` the clock, `recovery` picks up what a crash cut off. */
    trigger: text('trigger', { enum: ['manual', 'schedule', 'recovery'] }).notNull(),
    state: text('state', { enum: RUN_STATES }).notNull(),
    accountId: integer('account_id').references(() => accounts.id, { onDelete: 'set null' }),
    /** What the operation was asked to do, so that it can be said and done again. */
    request: text('request', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    startedAt: integer('started_at').notNull(),
    finishedAt: integer('finished_at'),
    dryRun: flag('dry_run').notNull().default(false),
    cancelRequested: flag('cancel_requested').notNull().default(false),
    /** Progress: how many there are to do; null while that is not known. */
    found: integer('found'),
    created: integer('created').notNull().default(0),
    changed: integer('changed').notNull().default(0),
    unchanged: integer('unchanged').notNull().default(0),
    done: integer('done').notNull().default(0),
    skipped: integer('skipped').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    /** A FailureReason where the run as a whole did not succeed. */
    reason: text('reason'),
    /** Detail for people who know CS-Cart (status, what it said), freed of secrets. */
    detail: text('detail'),
    /** Consecutive scheduled runs that found nothing to do are folded into one row: how many it stands for. */
    repeats: integer('repeats').notNull().default(1),
    lastRepeatAt: integer('last_repeat_at'),
    /** The run that this one goes on from (失敗分を再実行, recovery). */
    continuesRunId: integer('continues_run_id'),
  },
  (t) => [
    // The lock for button, clock and command line alike: one running run per shop and kind.
    uniqueIndex('runs_one_running').on(t.shopId, t.kind).where(sql`${t.state} = 'running'`),
    // Whatever 自動処理ログ is filtered by: months of runs are looked through here, and only those of one page are read.
    index('runs_started').on(t.startedAt, t.id, t.kind, t.trigger, t.state, t.shopId, t.lastRepeatAt),
    // By id: after the clock was set back, the newest run has not the latest start.
    index('runs_shop_kind').on(t.shopId, t.kind, t.id, t.trigger),
    check('runs_finished', sql`(${t.state} = 'running') = (${t.finishedAt} is null)`),
  ],
)

export const RUN_ITEM_OUTCOMES = ['created', 'changed', 'unchanged', 'done', 'skipped', 'failed'] as const

/** Order by order what a run did. The run's counts equal the sums of `count` here, by outcome. */
export const runItems = sqliteTable(
  'run_items',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    runId: integer('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    at: integer('at').notNull(),
    outcome: text('outcome', { enum: RUN_ITEM_OUTCOMES }).notNull(),
    /** 1, or the number of orders that one `unchanged` row stands for. */
    count: integer('count').notNull().default(1),
    orderId: integer('order_id').references(() => orders.id, { onDelete: 'set null' }),
    csCartOrderId: integer('cs_cart_order_id'),
    reason: text('reason'),
    detail: text('detail'),
    /** Masked requests and answers, JSON list of `Exchange`. */
    exchanges: text('exchanges', { mode: 'json' }).$type<Exchange[]>(),
  },
  (t) => [index('run_items_run').on(t.runId, t.id), index('run_items_order').on(t.orderId)],
)

/** One request to CS-Cart and its answer, freed of secrets and personal data. */
export type Exchange = {
  at: number
  method: string
  path: string
  requestBody?: string
  status?: number
  answer?: string
  ms: number
}

// --- export: plans and parcels -----------------------------------------------------------------------------------

/** What 「更新対象の確認」 showed; an export executes exactly this. */
export const exportPlans = sqliteTable('export_plans', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  shopId: integer('shop_id')
    .notNull()
    .references(() => shops.id, { onDelete: 'cascade' }),
  createdAt: integer('created_at').notNull(),
  accountId: integer('account_id').references(() => accounts.id, { onDelete: 'set null' }),
  /** `preparing` while the shop is being read for it, `ready` once all was read, `failed` with a reason. */
  state: text('state', { enum: ['preparing', 'ready', 'failed'] })
    .notNull()
    .default('preparing'),
  reason: text('reason'),
  /** 作成期間 it was made for; null where it was made for chosen orders. */
  days: integer('days'),
  /** The run that executes (or executed) it; null: only shown so far. */
  runId: integer('run_id'),
})

export const exportPlanItems = sqliteTable(
  'export_plan_items',
  {
    planId: integer('plan_id')
      .notNull()
      .references(() => exportPlans.id, { onDelete: 'cascade' }),
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    /** false: left out by a person, or not possible (`reason`). */
    included: flag('included').notNull(),
    reason: text('reason'),
    /** `PlannedOrder` of export/plan.ts: CS-Cart now -> will be. */
    planned: text('planned', { mode: 'json' }).$type<unknown>().notNull(),
    /** false until the shop has been read for this order. */
    looked: flag('looked').notNull().default(false),
    /** true once the run that executes the plan is through with this order. */
    finished: flag('finished').notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.planId, t.orderId] }), index('export_plan_items_order').on(t.orderId, t.planId)],
)

export const PARCEL_STATES = ['intent', 'shipment_written', 'order_status_written', 'confirmed', 'failed'] as const

/** One parcel = one shipping group of one order. Each state is on disk before the next step begins. */
export const parcels = sqliteTable(
  'parcels',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    groupKey: integer('group_key').notNull(),
    state: text('state', { enum: PARCEL_STATES }).notNull(),
    trackingNumber: text('tracking_number').notNull(),
    carrierCode: text('carrier_code').notNull(),
    comment: text('comment').notNull(),
    /** item_id -> amount, as sent. */
    lines: text('lines', { mode: 'json' }).$type<Record<string, number>>().notNull(),
    /** CS-Cart's shipment_id once known. */
    shipmentId: integer('shipment_id'),
    runId: integer('run_id').notNull(),
    reason: text('reason'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('parcels_order_group').on(t.orderId, t.groupKey),
    index('parcels_open').on(t.state).where(sql`${t.state} in ('intent', 'shipment_written', 'order_status_written')`),
    check(
      'parcels_shipment',
      sql`${t.state} not in ('shipment_written', 'order_status_written', 'confirmed') or ${t.shipmentId} is not null`,
    ),
  ],
)

// --- APIオプション ----------------------------------------------------------------------------------------

/** Each change of the contract; the newest row is the state. Nothing is ever updated. */
export const contractEntries = sqliteTable('contract_entries', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  at: integer('at').notNull(),
  accountId: integer('account_id').references(() => accounts.id, { onDelete: 'set null' }),
  /** `applied` 申し込む, `recorded` the contract was written down, `withdrawn` the application was taken back. */
  event: text('event', { enum: ['applied', 'recorded', 'withdrawn'] }).notNull(),
  startsOn: text('starts_on'),
  endsOn: text('ends_on'),
  contractNumber: text('contract_number').notNull().default(''),
  note: text('note').notNull().default(''),
})
