/** The main job as a shop's staff do it, in a real browser: set up a shop, import, edit, see what will be written, write it, read the log. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { listen, logIn, openBrowser, openByMenu, type Page, type TestBrowser } from '../support/browser.ts'

const PATIENCE_MS = 180_000
const NUMBERS = ['401234567893', '401234567882']

let browser: TestBrowser
let t: TestApp
let shop: PretendShop
let origin: string

beforeAll(async () => {
  browser = await openBrowser()
}, PATIENCE_MS)
afterAll(() => browser.close())
beforeEach(async () => {
  t = await testApp()
  shop = await startPretendShop({ profile: 'jp413', now: t.clock.now })
  origin = await listen(t.app)
})
afterEach(async () => {
  await browser.closeWindows()
  browser.faults.splice(0)
  await t.close()
  await shop.close()
})

/** Reads the page again until it says so: without JavaScript nothing moves by itself. */
async function untilItSays(page: Page, text: string | RegExp, javaScript: boolean): Promise<void> {
  const wanted = page.getByText(text).first()
  if (javaScript) return wanted.waitFor()
  for (let tries = 0; tries < 60; tries += 1) {
    if (await wanted.isVisible()) return
    await page.waitForTimeout(250)
    await page.reload()
  }
  throw new Error(`the page never said ${text}`)
}

test.each([true, false])(
  'from an empty program to a confirmed shipment (JavaScript: %s)',
  async (javaScript) => {
    const orders = [1, 2].map((n) =>
      shop.addOrder({ status: 'P', timestamp: t.clock.now(), firstname: '鈴木', lastname: n === 1 ? '一郎' : '花子' }),
    )
    const page = await browser.window(origin, { javaScript })
    await logIn(page)

    // 店舗を追加
    await openByMenu(page, '各種設定', 'モール詳細設定')
    await page.getByRole('link', { name: '店舗を追加' }).first().click()
    await page.getByLabel('店舗名').fill('うつわ工房')
    await page.getByLabel('URL', { exact: true }).fill(`${shop.url}/admin.php`)
    await page.getByLabel('メールアドレス').fill(shop.email)
    await page.getByLabel('APIキー').fill(shop.apiKey)
    await page.getByRole('button', { name: '設定を保存して次へ進む' }).click()
    await page.waitForURL('**/import')

    // データ取込
    await page.getByRole('button', { name: 'CS-CART API取込' }).click()
    await untilItSays(page, /新規 2件/, javaScript)

    // 受注一覧
    await openByMenu(page, '受注管理', '受注一覧')
    for (const [index, order] of orders.entries()) {
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: String(order.id) }) })
      await row.getByLabel(/出荷日/).fill('2026/11/24')
      await row.getByLabel(/お荷物伝票番号/).fill(NUMBERS[index] ?? '')
      await row.getByLabel(/配送業者/).selectOption({ label: 'ヤマト運輸' })
      await row.getByLabel(/受注ステータス/).selectOption({ label: '処理済み' })
      await row.getByRole('button', { name: /保存/ }).click()
      await row.getByText('待ち', { exact: true }).waitFor()
      await page.getByRole('link', { name: `処理済み ${index + 1}`, exact: true }).waitFor()
    }

    // データ書出: what was shown is what is written
    await openByMenu(page, '受注管理', 'データ書出')
    await page.getByRole('button', { name: '更新対象の確認' }).click()
    await untilItSays(page, /書き込める受注/, javaScript)
    for (const number of NUMBERS) await page.getByText(`ヤマト運輸 ${number}`).waitFor()
    expect(shop.ledger.writes).toEqual([])
    await page.getByRole('button', { name: '発送情報を更新' }).click()
    await untilItSays(page, /書出 2件（成功）/, javaScript)
    // The same page then says that nothing is left to write.
    await page.getByText('最後の書出', { exact: true }).waitFor()
    await page.getByText(/書出の対象: 0件/).waitFor()
    await page.getByText('いま対象の受注はありません').waitFor()

    // 自動処理ログ
    await openByMenu(page, '受注管理', '自動処理ログ')
    await page
      .getByRole('row', { name: /書出.*成功/ })
      .getByRole('link')
      .first()
      .click()
    for (const order of orders) await page.getByRole('link', { name: String(order.id) }).waitFor()
    await openByMenu(page, '受注管理', '受注一覧')
    expect(await page.getByText('確認済み', { exact: true }).count()).toBeGreaterThanOrEqual(2)

    for (const [index, order] of orders.entries()) {
      const entry = shop.ledger.order(order.id)
      expect(entry.status).toBe('C')
      expect(entry.shipments.map(({ number, carrier, status }) => [number, carrier, status])).toEqual([
        [NUMBERS[index], 'yamato', 'S'],
      ])
    }
    expect(shop.ledger.recalculated()).toEqual([])
    browser.expectNoFaults()
  },
  PATIENCE_MS,
)

test(
  'the first page of a new program is 初期設定, and its code makes the first 管理者',
  async () => {
    const fresh = await testApp({ accounts: false })
    try {
      const page = await browser.window(await listen(fresh.app))
      await page.goto('/orders')
      await page.getByRole('heading', { name: '初期設定' }).waitFor()
      await page.getByLabel('初期設定コード').fill(fresh.services.setupCode)
      await page.getByLabel('メールアドレス').fill('owner@example.jp')
      await page.getByLabel('パスワード').fill('a-password-of-mine')
      await page.getByRole('button').first().click()
      await page.getByRole('button', { name: 'ログアウト' }).waitFor()
      expect(fresh.services.accounts.list()).toMatchObject([{ email: 'owner@example.jp', role: 'admin' }])
      browser.expectNoFaults()
    } finally {
      await fresh.close()
    }
  },
  PATIENCE_MS,
)
