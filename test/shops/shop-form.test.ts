import { expect, test } from 'vitest'
import { NEW_SHOP, type Shop } from '../../src/shops/shop.ts'
import { parseShopForm, type ShopFormContext, shopFormOf } from '../../src/shops/shop-form.ts'
import { fetchStatusOptions } from '../../src/shops/shop-page.ts'

const context: ShopFormContext = {
  shop: undefined,
  landingStatusIds: [1, 2],
  carriers: [
    { id: 'yamato', name: 'ヤマト運輸', code: 'yamato' },
    { id: 'seino', name: '西濃運輸', code: 'seino' },
  ],
  apiOptionInForce: true,
  allowPrivate: false,
}

const typed = {
  name: '本店',
  url: 'https://shop.example/',
  email: 'api@example.jp',
  apiKey: 'abcdefghijklmnopqrstuvwxyz012345',
  landingStatusId: '2',
  fetchStatuses: ['O', 'P'],
  fetchDays: '30',
  autoImport: '1',
  autoImportMinutes: '180',
  autoExport: '1',
  autoExportMinutes: '5',
  exportScope: 'all_active',
  notifyCustomer: 'yes',
  dryRun: '1',
  nameOrder: 'given_first',
  'kana-contactFamily': '51',
  'kana-shippingGiven': '',
  'carrier-yamato': 'yamato_b2',
  'carrier-seino': '',
  requestsAtOnce: '4',
}

const stored: Shop = {
  ...NEW_SHOP,
  id: 7,
  name: '本店',
  baseUrl: 'https://shop.example/',
  apiEmail: 'api@example.jp',
  hasApiKey: true,
  landingStatusId: 1,
  fetchStatuses: ['O', 'P'],
  carrierCodes: { own: 'mine' },
  exportDays: 1,
  fenceAt: null,
  capabilities: {},
  knownStatuses: [],
  connectionState: 'ok',
  connectionReason: null,
  connectionCheckedAt: null,
  createdAt: 0,
  settingsSavedAt: 0,
}

const accepted = (body: Record<string, unknown>, changes: Partial<ShopFormContext> = {}) => {
  const form = parseShopForm(body, { ...context, ...changes })
  if (!form.ok) throw new Error(JSON.stringify(form.errors))
  return form
}
const errorsOf = (body: Record<string, unknown>, changes: Partial<ShopFormContext> = {}) => {
  const form = parseShopForm(body, { ...context, ...changes })
  return form.ok ? {} : form.errors
}

test('every field of the table is read', () => {
  const { settings, apiKey, notes } = accepted(typed)
  expect(settings).toEqual({
    name: '本店',
    baseUrl: 'https://shop.example/',
    apiEmail: 'api@example.jp',
    landingStatusId: 2,
    fetchStatuses: ['O', 'P'],
    fetchDays: 30,
    autoImport: true,
    autoImportMinutes: 180,
    autoExport: true,
    autoExportMinutes: 5,
    exportScope: 'all_active',
    notifyCustomer: true,
    dryRun: true,
    nameOrder: 'given_first',
    kanaFields: { contact: ['51', '37'], billing: ['38', '40'], shipping: ['39', ''] },
    carrierCodes: { yamato: 'yamato_b2', seino: 'seino' },
    requestsAtOnce: 4,
  })
  expect(apiKey).toBe(typed.apiKey)
  expect(notes).toEqual([])
})

test('a shop without a name is called by its host', () => {
  expect(accepted({ ...typed, name: ' ' }).settings.name).toBe('shop.example')
})

test.each([
  ['https://shop.example/sub/admin.php?dispatch=orders.manage', 'https://shop.example/sub/'],
  ['https://shop.example/admin.php', 'https://shop.example/'],
  ['https://shop.example', 'https://shop.example/'],
  ['shop.example/sub', 'https://shop.example/sub/'],
  ['  https://shop.example/index.php?sl=ja  ', 'https://shop.example/'],
])('the URL %s is brought to the root', (url, root) => {
  expect(accepted({ ...typed, url }).settings.baseUrl).toBe(root)
})

test('what is wrong is said beside its own field, all at once', () => {
  const errors = errorsOf({
    ...typed,
    url: '',
    email: 'not an address',
    apiKey: 'キー',
    landingStatusId: '99',
    fetchStatuses: [],
    fetchDays: '366',
    autoImportMinutes: '7',
    autoExportMinutes: '0',
    exportScope: 'everything',
    notifyCustomer: 'perhaps',
    nameOrder: 'x',
    'kana-contactFamily': '三十六',
    'carrier-yamato': 'ヤマト',
    requestsAtOnce: '5',
  })
  expect(Object.keys(errors).sort()).toEqual([
    'apiKey',
    'autoExportMinutes',
    'autoImportMinutes',
    'carrier-yamato',
    'email',
    'exportScope',
    'fetchDays',
    'fetchStatuses',
    'kana-contactFamily',
    'landingStatusId',
    'nameOrder',
    'notifyCustomer',
    'requestsAtOnce',
    'url',
  ])
})

test.each(['0', '366', '-1', '1.5', 'x', ''])('%s days are refused', (fetchDays) => {
  expect(errorsOf({ ...typed, fetchDays })).toEqual({ fetchDays: '1〜365 の整数で入力してください。' })
})

test.each([
  ['1', 1],
  ['365', 365],
  ['３０', 30],
])('%s days are taken', (fetchDays, days) => {
  expect(accepted({ ...typed, fetchDays }).settings.fetchDays).toBe(days)
})

test('http:// is refused unless private shops are allowed', () => {
  expect(errorsOf({ ...typed, url: 'http://shop.example/' }).url).toMatch(/ALLOW_PRIVATE_STORES/)
  expect(accepted({ ...typed, url: 'http://127.0.0.1:8080/' }, { allowPrivate: true }).settings.baseUrl).toBe(
    'http://127.0.0.1:8080/',
  )
})

test('a new shop needs a key; a stored one keeps its key when the box stays empty', () => {
  expect(errorsOf({ ...typed, apiKey: '' })).toEqual({ apiKey: 'APIキーを入力してください。' })
  expect(accepted({ ...typed, apiKey: '' }, { shop: stored }).apiKey).toBeUndefined()
})

test.each([
  'https://attacker.example/',
  'https://shop.example:8443/',
  'http://shop.example/',
  'https://shop.example.attacker.example/',
  'https://shop.example@attacker.example/',
])('a stored key never follows a change to %s', (url) => {
  const errors = errorsOf({ ...typed, url, apiKey: '' }, { shop: stored, allowPrivate: true })
  expect(errors.apiKey ?? errors.url).toMatch(/もう一度|入力し|入力して|保存済みのAPIキーは使えません/)
  expect(Object.keys(errors)).toHaveLength(1)
})

test('a stored key stays with another folder or mail on the same host, and the page says so', () => {
  const { notes, apiKey } = accepted({ ...typed, url: 'https://shop.example/new/', apiKey: '' }, { shop: stored })
  expect(apiKey).toBeUndefined()
  expect(notes).toEqual([expect.stringContaining('APIキーは保存済みのもの')])
  expect(accepted({ ...typed, email: 'other@example.jp', apiKey: '' }, { shop: stored }).notes).toHaveLength(1)
})

test('without the contract a posted 自動書き出し stays off, and that is said', () => {
  const { settings, notes } = accepted({ ...typed, apiKey: '' }, { shop: stored, apiOptionInForce: false })
  expect(settings.autoExport).toBe(false)
  expect(settings.autoExportMinutes).toBe(10)
  expect(notes).toEqual([expect.stringContaining('「自動書き出し」はオンにしていません')])
})

test('the wish of a contract that has ended stays as it was, since its disabled boxes are not sent', () => {
  const { autoExport: _, autoExportMinutes: __, ...sent } = typed
  const shop = { ...stored, autoExport: true, autoExportMinutes: 30 }
  const { settings, notes } = accepted({ ...sent, apiKey: '' }, { shop, apiOptionInForce: false })
  expect(settings).toMatchObject({ autoExport: true, autoExportMinutes: 30 })
  expect(notes).toEqual([])
  expect(accepted({ ...sent, apiKey: '' }, { shop, apiOptionInForce: true }).settings.autoExport).toBe(false)
})

test('codes of carriers that the page does not list are kept', () => {
  expect(accepted({ ...typed, apiKey: '' }, { shop: stored }).settings.carrierCodes).toEqual({
    own: 'mine',
    yamato: 'yamato_b2',
    seino: 'seino',
  })
})

test('a form that is posted as it was shown changes nothing', () => {
  const shop = { ...stored, carrierCodes: { yamato: 'yamato', seino: 'sn' } }
  const v = shopFormOf(shop, 1)
  const { settings } = accepted({ ...v, apiKey: '', autoImport: [], autoExport: [], dryRun: [] }, { shop })
  expect(shop).toMatchObject(settings)
})

test('junk instead of a form is refused field by field, not thrown', () => {
  for (const body of [undefined, null, 'x', 7, [], { url: { a: 1 }, fetchStatuses: { b: 2 } }]) {
    const form = parseShopForm(body, context)
    expect(form.ok).toBe(false)
  }
})

test('the statuses on offer are the four, then whatever the shop reports or was chosen before', () => {
  const options = fetchStatusOptions(
    [
      ['E', '出荷準備中'],
      ['P', 'Paid'],
      ['F', 'Failed'],
    ],
    ['O', 'X'],
  )
  expect(options.map(({ label, checked }) => [label, checked])).toEqual([
    ['注文受付(O)', true],
    ['入荷待ち(B)', false],
    ['支払い確認済み(P)', false],
    ['配送済み(C)', false],
    ['出荷準備中(E)', false],
    ['失敗(F)', false],
    ['ショップ独自のステータス(X)', true],
  ])
  expect(options.find(({ letter }) => letter === 'P')?.own).toBe('Paid')
})
