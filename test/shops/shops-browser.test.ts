import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { accessibilityFaults, listen, logIn, openBrowser, openByMenu, type TestBrowser } from '../support/browser.ts'

let browser: TestBrowser
let t: TestApp
let shop: PretendShop
let origin: string
// Unpacking a Chromium and reading whole pages takes a while on a busy machine.
const PATIENCE_MS = 120_000

beforeAll(async () => {
  browser = await openBrowser()
}, PATIENCE_MS)
afterAll(() => browser.close())
beforeEach(async () => {
  t = await testApp()
  shop = await startPretendShop({ profile: 'jp413', now: t.clock.now })
  shop.addOrder({ firstname: '鈴木', lastname: '一郎' })
  shop.addStatus({ letter: 'E', name: '出荷準備中' })
  origin = await listen(t.app)
})
afterEach(async () => {
  await t.close()
  await shop.close()
})

test.each([true, false])(
  'a shop is tested and saved in a browser (JavaScript: %s)',
  async (javaScript) => {
    const page = await browser.window(origin, { javaScript })
    await logIn(page)
    await openByMenu(page, '各種設定', 'モール詳細設定')
    await page.getByRole('link', { name: '店舗を追加' }).first().click()
    await page.getByLabel('URL', { exact: true }).fill(`${shop.url}/admin.php`)
    await page.getByLabel('メールアドレス').fill(shop.email)
    await page.getByLabel('APIキー').fill('a-wrong-key')
    await page.getByRole('button', { name: '接続テスト' }).click()
    const result = page.getByRole('status').filter({ hasText: '接続テストの結果' })
    await result.getByText('うまくいかないのは「メールアドレスとAPIキー」です').waitFor()

    await page.getByLabel('APIキー').fill(shop.apiKey)
    await page.getByRole('button', { name: '接続テスト' }).click()
    await result.getByText('接続できました。').waitFor()
    await result.getByRole('row', { name: '購入者 鈴木 一郎' }).waitFor()
    // Where the page was not left, the typed key is still in its box; without JavaScript it must be typed again.
    if (javaScript) expect(await page.getByLabel('APIキー').inputValue()).toBe(shop.apiKey)
    else await page.getByLabel('APIキー').fill(shop.apiKey)

    await page.getByRole('group', { name: 'CS-CART取得ステータス' }).getByLabel('出荷準備中(E)').check()
    await page.getByRole('group', { name: 'API書出' }).getByLabel('【処理済み】以外も書き出す').check()
    await page.getByRole('checkbox', { name: '自動取得' }).check()
    await page.getByRole('button', { name: '設定を保存して次へ進む' }).click()
    await page.waitForURL('**/import')
    expect(t.services.shops.list()).toMatchObject([
      {
        baseUrl: `${shop.url}/`,
        fetchStatuses: ['O', 'P', 'E'],
        autoImport: true,
        exportScope: 'all_active',
        connectionState: 'ok',
      },
    ])
    await page.goto('/shops')
    await page.getByRole('cell', { name: /接続OK/ }).waitFor()
    browser.expectNoFaults()
  },
  PATIENCE_MS,
)

test(
  'the link in the summary of a refused form leads to its field',
  async () => {
    const page = await browser.window(origin)
    await logIn(page)
    await page.goto('/shops/new')
    await page.getByRole('button', { name: '設定を保存して次へ進む' }).click()
    await page.getByRole('alert').getByRole('link', { name: 'メールアドレス' }).click()
    expect(await page.evaluate('document.activeElement.id')).toBe('email')
    browser.expectNoFaults()
  },
  PATIENCE_MS,
)

test.each([
  { width: 1280 as const, dark: false },
  { width: 390 as const, dark: true },
])(
  'the pages are accessible and fit at $width px',
  async (look) => {
    const id = t.connectShop(shop, { connectionState: 'error', connectionReason: 'unauthorized', dryRun: true })
    const page = await browser.window(origin, look)
    await logIn(page)
    for (const path of ['/shops', '/shops/new', `/shops/${id}`]) {
      await page.goto(path)
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      for (const summary of await page.locator('main summary').all()) await summary.click()
      expect(await accessibilityFaults(page)).toEqual([])
    }
    browser.expectNoFaults()
  },
  PATIENCE_MS,
)
