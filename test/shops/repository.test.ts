import { beforeEach, expect, test } from 'vitest'
import { type Db, openDatabase } from '../../src/db/open.ts'
import { sealer } from '../../src/db/seal.ts'
import { AppError } from '../../src/errors.ts'
import { type ShopRepository, shopRepository } from '../../src/shops/repository.ts'
import { NEW_SHOP, type ShopSettings } from '../../src/shops/shop.ts'

const KEY = 'abcdefghijklmnopqrstuvwxyz012345'
const at = (ms: number) => new Date(ms)
const settings: ShopSettings = {
  ...NEW_SHOP,
  fetchStatuses: ['O', 'P'],
  name: '本店',
  baseUrl: 'https://shop.example/',
  apiEmail: 'api@example.jp',
  landingStatusId: 1,
  carrierCodes: { yamato: 'yamato' },
}

let db: Db
let shops: ShopRepository
beforeEach(() => {
  db = openDatabase(':memory:')
  shops = shopRepository(db, sealer('a secret of some length'))
})

test('a shop is stored with its key sealed, and only connectionOf gives the key back', () => {
  const shop = shops.create({ ...settings, apiKey: KEY }, at(1_000))
  expect(shop).toMatchObject({ ...settings, hasApiKey: true, connectionState: 'untested', createdAt: 1_000 })
  expect(JSON.stringify(shops.list())).not.toContain(KEY)
  expect(JSON.stringify(shops.list())).not.toContain('ealed')
  expect(JSON.stringify(db.$client.prepare('select * from shops').all())).not.toContain(KEY)
  expect(shops.connectionOf(shop)).toEqual({ baseUrl: 'https://shop.example/', email: 'api@example.jp', apiKey: KEY })
})

test('a key that was sealed under another secret is refused in words', () => {
  const shop = shops.create({ ...settings, apiKey: KEY }, at(1_000))
  const moved = shopRepository(db, sealer('another secret, also long'))
  expect(() => moved.connectionOf(shop)).toThrow(/APIキーを入力し直して/)
})

test('saving without a key keeps the key, and every save moves settingsSavedAt on, even within one millisecond', () => {
  const shop = shops.create({ ...settings, apiKey: KEY }, at(1_000))
  const first = shops.update(shop.id, { ...settings, fetchDays: 30 }, at(1_000))
  const second = shops.update(shop.id, { ...settings, fetchDays: 30 }, at(1_000))
  expect([first.settingsSavedAt, second.settingsSavedAt]).toEqual([1_001, 1_002])
  expect(shops.connectionOf(shop).apiKey).toBe(KEY)
  expect(shops.update(shop.id, { ...settings, apiKey: 'another-key' }, at(2_000)).settingsSavedAt).toBe(2_000)
  expect(shops.connectionOf(shop).apiKey).toBe('another-key')
})

test('a save writes only the columns that differ', () => {
  const shop = shops.create({ ...settings, apiKey: KEY }, at(1_000))
  const written: string[] = []
  db.$client.function('note', (column: string) => void written.push(column))
  for (const { name } of db.$client.prepare<[], { name: string }>("select name from pragma_table_info('shops')").all())
    db.$client.exec(`create temp trigger w_${name} after update of ${name} on shops begin select note('${name}'); end`)
  shops.update(shop.id, { ...settings, fetchStatuses: ['O', 'P'], fetchDays: 14 }, at(2_000))
  expect(written.sort()).toEqual(['fetch_days', 'settings_saved_at'])
})

test('what a run saw is remembered without touching the settings, and forgotten when the address changes', () => {
  const shop = shops.create({ ...settings, apiKey: KEY }, at(1_000))
  shops.remember(shop.id, { capabilities: { updatedAt: true }, knownStatuses: [['E', '出荷準備']] })
  shops.remember(shop.id, {
    capabilities: { putShipment: false },
    connectionState: 'ok',
    connectionCheckedAt: 5,
    exportDays: 3,
  })
  const seen = shops.find(shop.id)
  expect(seen).toMatchObject({
    capabilities: { updatedAt: true, putShipment: false },
    connectionState: 'ok',
    exportDays: 3,
    settingsSavedAt: 1_000,
  })
  expect(shops.update(shop.id, { ...settings, fetchDays: 9 }, at(2_000))).toMatchObject({
    capabilities: { updatedAt: true, putShipment: false },
    knownStatuses: [['E', '出荷準備']],
    connectionState: 'ok',
    exportDays: 3,
  })
  expect(shops.update(shop.id, { ...settings, baseUrl: 'https://other.example/' }, at(3_000))).toMatchObject({
    capabilities: {},
    knownStatuses: [],
    connectionState: 'untested',
    connectionCheckedAt: null,
  })
})

test('a capability is forgotten by its name', () => {
  const shop = shops.create({ ...settings, apiKey: KEY }, at(1_000))
  shops.remember(shop.id, { capabilities: { updatedAt: true, putShipment: false } })
  shops.remember(shop.id, { capabilities: { putShipment: undefined } })
})

test('a shop that is not there is said, not invented', () => {
  expect(shops.find(7)).toBeUndefined()
  expect(() => shops.update(7, settings, at(1))).toThrow(AppError)
  expect(() => shops.remember(7, { exportDays: 2 })).toThrow('その店舗はありません。')
})
