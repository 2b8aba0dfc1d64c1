import type { KanaFieldIds, shops } from '../db/schema.ts'

/** One connection to one CS-Cart shop, with all that may leave the database: the key stays behind. */
export type Shop = Omit<typeof shops.$inferSelect, 'apiKeySealed'> & { hasApiKey: boolean }

/** What a person settles on 「CS-CART API連携設定」. */
export type ShopSettings = Pick<
  Shop,
  | 'name'
  | 'baseUrl'
  | 'apiEmail'
  | 'landingStatusId'
  | 'fetchStatuses'
  | 'fetchDays'
  | 'autoImport'
  | 'autoImportMinutes'
  | 'autoExport'
  | 'autoExportMinutes'
  | 'exportScope'
  | 'notifyCustomer'
  | 'dryRun'
  | 'nameOrder'
  | 'kanaFields'
  | 'carrierCodes'
  | 'requestsAtOnce'
>

/** What a request to the shop needs. Never hand it to a template or a log. */
export type ShopConnection = { baseUrl: string; email: string; apiKey: string }

/** The intervals of 自動取得 and 自動書き出し, in minutes. */
export const INTERVALS = [
  { minutes: 5, label: '5分' },
  { minutes: 10, label: '10分' },
  { minutes: 15, label: '15分' },
  { minutes: 20, label: '20分' },
  { minutes: 30, label: '30分' },
  { minutes: 60, label: '1時間' },
  { minutes: 180, label: '3時間' },
  { minutes: 360, label: '6時間' },
  { minutes: 720, label: '12時間' },
  { minutes: 1440, label: '1日' },
] as const

export const FETCH_DAYS = { min: 1, max: 365 } as const

/** Profile field ids of 姓フリガナ and 名フリガナ in the Japanese edition's standard version (cs-cart 4.13 and 4.3). */
export const DEFAULT_KANA_FIELDS: KanaFieldIds = {
  contact: ['36', '37'],
  billing: ['38', '40'],
  shipping: ['39', '41'],
}

/** What a new shop starts with; the landing status and the carriers come from the merchant's own lists. */
export const NEW_SHOP = {
  name: '',
  baseUrl: '',
  apiEmail: '',
  // What is still to be sent; 入荷待ち and 配送済み are the merchant's choice.
  fetchStatuses: ['O', 'P'],
  fetchDays: 7,
  autoImport: false,
  autoImportMinutes: 10,
  autoExport: false,
  autoExportMinutes: 10,
  exportScope: 'processed_only',
  notifyCustomer: false,
  dryRun: false,
  nameOrder: 'family_first',
  kanaFields: DEFAULT_KANA_FIELDS,
  requestsAtOnce: 2,
} as const satisfies Partial<ShopSettings>

export const CONNECTION_LABELS = { ok: '接続OK', error: '接続エラー', untested: '未設定' } as const satisfies Record<
  Shop['connectionState'],
  string
>

/**
 * Whether a stored key may go to `newUrl` unasked. It may not where scheme, host or port differ: else whoever can open
 * the settings could send a key that they cannot read to a server of their own.
 */
export function mayKeepKey(storedUrl: string, newUrl: string): boolean {
  return URL.canParse(storedUrl) && URL.canParse(newUrl) && new URL(storedUrl).origin === new URL(newUrl).origin
}
