import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { csCartClient } from '../../src/cscart/client.ts'
import { type PretendShop, type Profile, startPretendShop } from '../../src/demo/shop/index.ts'
import { CsCartError } from '../../src/errors.ts'
import { CS_CART_FAILURES, type CsCartReason } from '../../src/failures.ts'
import { accusedPart } from '../../src/shops/connection-advice.ts'
import { testConnection } from '../../src/shops/test-connection.ts'
import { START, type TestApp, testApp } from '../support/app.ts'
import type { Page } from '../support/person.ts'

const PROFILES: Profile[] = ['jp410', 'jp413', 'v416', 'v420']
const open: { close: () => Promise<void> }[] = []

let t: TestApp
beforeEach(async () => {
  t = await testApp()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await t.close()
})

async function pretend(profile: Profile = 'jp413', subdirectory?: string): Promise<PretendShop> {
  const shop = await startPretendShop({ profile, now: () => t.clock.now(), ...(subdirectory ? { subdirectory } : {}) })
  open.push(shop)
  return shop
}

const SETTINGS = { fetchStatuses: ['O', 'P'] }

/** 「接続テスト」 on the form of a new shop. */
async function tested(shop: { url: string; email: string; apiKey: string }, changes: Record<string, string> = {}) {
  await t.merchant.get('/shops/new')
  const { url, email, apiKey } = shop
  return t.merchant.post('/shops/new/test', { ...SETTINGS, url, email, apiKey, ...changes })
}

/** The checklist: part -> its mark. */
function marks(page: Page): Record<string, string> {
  const items = [...page.html.matchAll(/<span aria-hidden="true">(.)<\/span>\s*<strong>([^<]+)<\/strong>/g)]
  return Object.fromEntries(items.map(([, mark = '', label = '']) => [label, mark]))
}
const wrongPart = (page: Page) => Object.entries(marks(page)).find(([, mark]) => mark === '✗')?.[0]

test.each(PROFILES)(
  '%s: a good connection is ticked off part by part, with the newest order as it would be stored',
  async (profile) => {
    const shop = await pretend(profile)
    shop.addOrders(3)
    const newest = shop.addOrder({ firstname: '鈴木', lastname: '一郎', status: 'P' })
    const page = await tested(shop)
    expect(page.status).toBe(200)
    expect(page.text).toContain('接続できました。')
    expect(new Set(Object.values(marks(page)))).toEqual(new Set(['✓']))
    expect(Object.keys(marks(page))).toHaveLength(7)
    const preview = Object.fromEntries(page.rows())
    expect(preview).toMatchObject({ 注文番号: String(newest.id), 購入者: '鈴木 一郎' })
    expect(page.text).toContain(profile === 'jp410' ? '更新日時がないショップです' : '更新日時で絞り込めるショップです')
    expect(shop.ledger.writes).toEqual([])
    expect(t.services.shops.list()).toEqual([])
    expect(page.html).not.toContain(shop.apiKey)
  },
)

test('what is typed in 詳細 decides the preview, and the extra fields show which number holds the kana', async () => {
  const shop = await pretend('jp410')
  shop.addOrder({
    firstname: '一郎',
    lastname: '鈴木',
    kana: { contact: { firstname: 'スズキ', lastname: 'イチロウ' } },
  })
  const page = await tested(shop, { nameOrder: 'given_first', 'kana-contactFamily': '51', 'kana-contactGiven': '52' })
  const preview = Object.fromEntries(page.rows())
  expect(preview.購入者).toBe('鈴木 一郎')
  expect(preview.フリガナ).toContain('スズキ イチロウ')
  expect(page.rows(1)).toContainEqual(['51', 'スズキ'])
})

test('markup in the newest order is shown as text', async () => {
  const shop = await pretend()
  shop.addOrder({ firstname: '<script>alert(1)</script>', lastname: '"><img src=x>', notes: '<b>x</b>' })
  const page = await tested(shop)
  expect(page.html).not.toMatch(/<script>alert|<img src=x/)
  expect(page.text).toContain('<script>alert(1)</script>')
})

test.each(PROFILES)('%s: a wrong key, a wrong mail and a disabled account are the login part', async (profile) => {
  const shop = await pretend(profile)
  for (const changes of [{ apiKey: 'x'.repeat(32) }, { email: 'other@example.jp' }]) {
    const page = await tested(shop, changes)
    expect(wrongPart(page)).toBe('メールアドレスとAPIキー')
    expect(marks(page)).toMatchObject({ 'サーバーへの接続（URLのホスト名・証明書）': '✓', 注文の閲覧: '－' })
    expect(page.text).toContain('「APIの利用を許可」がオンか')
    expect(page.html).not.toContain('x'.repeat(32))
    expect(page.text).toContain('入力したAPIキーは画面に出しません')
  }
  shop.setUsers([{ email: shop.email, apiKey: shop.apiKey, status: 'D', privileges: 'all' }])
  expect(wrongPart(await tested(shop))).toBe('メールアドレスとAPIキー')
})

test.each(PROFILES)(
  '%s: a missing right is named; without the right on statuses the usual names serve',
  async (profile) => {
    const shop = await pretend(profile)
    shop.addOrder()
    shop.setPrivileges([])
    const none = await tested(shop)
    expect(wrongPart(none)).toBe('注文の閲覧')
    expect(none.text).toContain('注文の「閲覧」の権限がありません')
    shop.setPrivileges(['view_orders'])
    const some = await tested(shop)
    expect(marks(some)).toMatchObject({ 注文の閲覧: '✓', 注文ステータスの名前: '!', 配送の閲覧: '✓' })
    expect(some.text).toContain('接続できました。気をつける点が1つあります。')
  },
)

test.each(PROFILES)('%s: pages instead of the API accuse the URL', async (profile) => {
  const shop = await pretend(profile)
  shop.configure({ rewriting: false })
  const page = await tested(shop)
  expect(wrongPart(page)).toBe('URLがCS-CartのAPIを指しているか')
  expect(page.text).toMatch(/Webページ（HTML）が返ってきました|APIがありません/)
})

test('a shop in a folder is not found without its folder, and found through its admin address', async () => {
  const shop = await pretend('jp413', '/shop')
  expect(wrongPart(await tested(shop, { url: new URL('/', shop.url).href }))).toBe('URLがCS-CartのAPIを指しているか')
  const page = await tested(shop, { url: `${shop.url}/admin.php?dispatch=orders.manage` })
  expect(page.text).toContain('接続できました。')
  expect(page.field('URL').value).toBe(`${shop.url}/`)
})

test.each([
  ['html-200', 'Webページ（HTML）が返ってきました'],
  ['redirect', '別のURLへ転送しました'],
  ['forbidden-html', '遮断されました'],
  ['ip-block', '遮断されました'],
  ['error-html', '一時的に利用できません'],
  ['unavailable', '一時的に利用できません'],
  ['broken-json', 'データとして読めませんでした'],
  ['empty-200', '空の応答'],
  ['not-found', 'APIがありません'],
] as const)('%s instead of an answer accuses what the URL points to', async (kind, words) => {
  const shop = await pretend()
  shop.faults.add({
    kind,
    on: 'version',
    times: Number.POSITIVE_INFINITY,
    ...(kind === 'unavailable' ? { retryAfter: 0 } : {}),
  })
  const page = await tested(shop)
  expect(wrongPart(page)).toBe('URLがCS-CartのAPIを指しているか')
  expect(page.text).toContain(words)
  expect(page.text).toContain('次にすること:')
})

test('a blocked address is told from a storefront', async () => {
  const shop = await pretend()
  shop.configure({ ipBlocked: true })
  const page = await tested(shop)
  expect(page.text).toContain('遮断されました')
  expect(page.text).toContain('「アクセス制限」アドオン')
})

test('http:// where the shop takes https only says so, not that a right is missing', async () => {
  const shop = await pretend()
  shop.configure({ httpsOnly: true })
  const page = await tested(shop)
  expect(wrongPart(page)).toBe('URLがCS-CartのAPIを指しているか')
  expect(page.text).toContain('https:// で始まるもの')
  expect(page.text).not.toContain('必要な権限がありません')
})

test('an unknown host, a closed port, http behind https:// and a private address accuse the server part', async () => {
  const shop = await pretend()
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const closed = typeof address === 'object' && address ? address.port : 1
  await new Promise((resolve) => server.close(resolve))
  const part = 'サーバーへの接続（URLのホスト名・証明書）'

  const unknown = await tested(shop, { url: 'https://no-such-shop.invalid/' })
  expect([wrongPart(unknown), unknown.text]).toEqual([part, expect.stringContaining('ホスト名が見つかりません')])
  const refused = await tested(shop, { url: `http://127.0.0.1:${closed}/` })
  expect([wrongPart(refused), refused.text]).toEqual([part, expect.stringContaining('接続を断られました')])
  const mismatch = await tested(shop, { url: shop.url.replace('http:', 'https:') })
  expect([wrongPart(mismatch), mismatch.text]).toEqual([part, expect.stringContaining('httpsで接続できません')])

  await t.close()
  t = await testApp({ config: { allowPrivateStores: false } })
  const guarded = await tested(shop, { url: shop.url.replace('http:', 'https:') })
  expect([wrongPart(guarded), guarded.text]).toEqual([part, expect.stringContaining('ALLOW_PRIVATE_STORES')])
})

test('a shop whose clock is off connects with a warning', async () => {
  const shop = await pretend()
  shop.addOrder()
  expect(marks(await tested(shop)).時計のずれ).toBe('✓')
  shop.setClockOffset(-5 * 60_000)
  const page = await tested(shop)
  expect(marks(page).時計のずれ).toBe('!')
  expect(page.text).toContain('約5分遅れています')
  expect(page.text).toContain('NTP')
})

test('an order that cannot be read is a warning with its field, and the rest is still looked at', async () => {
  const shop = await pretend()
  const order = shop.addOrder({ raw: { total: 'a lot' } })
  const page = await tested(shop)
  expect(marks(page)).toMatchObject({ 注文の閲覧: '!', 配送の閲覧: '✓' })
  expect(page.text).toContain(`最新の注文（${order.id}）を読み取れません`)
  expect(page.text).toContain('total')
})

test('an empty shop connects', async () => {
  const page = await tested(await pretend())
  expect(page.text).toContain('注文はまだありません')
  expect(page.text).toContain('接続できました。')
})

test('a stored shop is tested with its stored key, and what was seen is remembered', async () => {
  const shop = await pretend()
  shop.addOrder()
  shop.addStatus({ letter: 'E', name: '出荷準備中' })
  const id = t.connectShop(shop)
  await t.merchant.get(`/shops/${id}`)
  const page = await t.merchant.post(`/shops/${id}/test`, {
    ...SETTINGS,
    name: '書きかけ',
    url: shop.url,
    email: shop.email,
    apiKey: '',
  })
  expect(page.field('出荷準備中(E)').checked).toBe(false)
  expect(page.field('店舗名').value).toBe('書きかけ')
  expect(t.services.shops.find(id)).toMatchObject({
    name: 'うつわ工房',
    settingsSavedAt: START,
    connectionState: 'ok',
    connectionCheckedAt: START,
    capabilities: { updatedAt: true, mailsOnlyWhenAsked: false },
    knownStatuses: expect.arrayContaining([['E', '出荷準備中']]),
  })
  expect((await t.merchant.get('/shops')).rows()[1]?.[1]).toContain('接続OK')
  shop.setUsers([])
  await t.merchant.post(`/shops/${id}/test`, { ...SETTINGS, apiKey: '' })
  expect(t.services.shops.find(id)).toMatchObject({ connectionState: 'error', connectionReason: 'unauthorized' })
})

test('a test of the stored shop forgets what PUT did, which a new version may have mended, and learns who asks for mails', async () => {
  const shop = await pretend('v420')
  shop.addOrder()
  const id = t.connectShop(shop, { capabilities: { putShipment: false, mailsOnlyWhenAsked: false } })
  await t.merchant.get(`/shops/${id}`)
  await t.merchant.post(`/shops/${id}/test`, { ...SETTINGS, url: shop.url, email: shop.email, apiKey: '' })
  expect(t.services.shops.find(id)?.capabilities).toEqual({ updatedAt: true, mailsOnlyWhenAsked: true })
})

test('a test of another key or address says nothing about the stored shop', async () => {
  const [shop, other] = [await pretend(), await pretend('jp410')]
  shop.addOrder()
  other.addOrder()
  const id = t.connectShop(shop)
  await t.merchant.get(`/shops/${id}`)
  await t.merchant.post(`/shops/${id}/test`, { ...SETTINGS, apiKey: 'a-mistyped-key' })
  await t.merchant.post(`/shops/${id}/test`, { ...SETTINGS, url: other.url, email: other.email, apiKey: other.apiKey })
  expect(t.services.shops.find(id)).toMatchObject({ connectionState: 'untested', capabilities: {}, knownStatuses: [] })
})

test('a tested connection that is then saved stands as 接続OK at once', async () => {
  const shop = await pretend()
  shop.addOrder()
  await tested(shop)
  const { url, email, apiKey } = shop
  await t.merchant.post('/shops/new', { ...SETTINGS, url, email, apiKey })
  expect(t.services.shops.list()).toMatchObject([{ connectionState: 'ok', capabilities: { updatedAt: true } }])
})

test('htmx gets the result alone, with the boxes of the statuses that the shop has', async () => {
  const shop = await pretend()
  shop.addStatus({ letter: 'E', name: '出荷準備中' })
  await t.merchant.get('/shops/new')
  const partial = { 'hx-request': 'true', 'hx-request-type': 'partial' }
  const { url, email, apiKey } = shop
  const page = await t.merchant.post('/shops/new/test', { fetchStatuses: ['E'], url, email, apiKey }, partial)
  expect(page.html).not.toContain('<html')
  expect(page.html).toMatch(/<fieldset[^>]*id="fetchStatuses"[^>]*hx-swap-oob="true"/)
  expect(page.field('出荷準備中(E)').checked).toBe(true)
  const refused = await t.merchant.post('/shops/new/test', { ...SETTINGS, url: '', email, apiKey }, partial)
  expect(refused.status).toBe(422)
  expect(refused.html).not.toContain('<html')
  expect(refused.links().get('URL')).toBe('#url')
})

test('a shop that never answers ends the test in time, at the part that hangs', async () => {
  const shop = await pretend()
  shop.addOrder()
  for (const [route, part] of [
    ['version', 'server'],
    ['orders.list', 'orders'],
    ['shipments.list', 'shipments'],
  ] as const) {
    shop.faults.clear()
    shop.faults.add({ kind: 'never', on: route, times: Number.POSITIVE_INFINITY })
    const client = csCartClient({
      baseUrl: shop.url,
      email: shop.email,
      apiKey: shop.apiKey,
      allowPrivate: true,
      requestsAtOnce: 1,
    })
    const started = performance.now()
    const result = await testConnection(client, shop.url, { stepMs: 300, totalMs: 1_000 })
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(result).toMatchObject({ ok: false, reason: 'timeout' })
    expect(result.steps.find(({ state }) => state === 'failed')?.key).toBe(part)
    await client.close()
  }
})

test('every reason that a first request can fail with accuses one part, in words', async () => {
  for (const reason of Object.keys(CS_CART_FAILURES).filter((key): key is CsCartReason => key in CS_CART_FAILURES)) {
    const client = csCartClient({
      baseUrl: 'https://shop.invalid/',
      email: 'a@b.c',
      apiKey: 'x',
      allowPrivate: false,
      requestsAtOnce: 1,
    })
    const failing = { ...client, apiVersion: () => Promise.reject(new CsCartError(reason)) }
    const result = await testConnection(failing, 'https://shop.invalid/')
    const failed = result.steps.filter(({ state }) => state === 'failed')
    expect(failed.map(({ key }) => key)).toEqual([accusedPart(reason)])
    expect(failed[0]?.text).toMatch(/。$/)
    expect(failed[0]?.nextStep).toMatch(/。$/)
    await client.close()
  }
})

test('no key is in the log, whatever the test found', async () => {
  const lines: string[] = []
  await t.close()
  t = await testApp({ logger: { level: 'trace', stream: { write: (line: string) => void lines.push(line) } } })
  const shop = await pretend()
  shop.addOrder()
  await tested(shop)
  await tested(shop, { apiKey: 'WRONGkeyWRONGkey' })
  await tested(shop, { url: 'https://no-such-shop.invalid/' })
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.join('')).not.toMatch(new RegExp(`${shop.apiKey}|WRONGkey|${btoa(`${shop.email}:${shop.apiKey}`)}`))
})
