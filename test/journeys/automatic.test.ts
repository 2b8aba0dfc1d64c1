/** What a person sees of automatic processing in each of its states, in a real browser. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { formatDateTime } from '../../src/period.ts'
import { STAFF, type TestApp, testApp } from '../support/app.ts'
import { accessibilityFaults, listen, logIn, openBrowser, openByMenu, type TestBrowser } from '../support/browser.ts'

const PATIENCE_MS = 180_000
const MINUTE = 60_000

let browser: TestBrowser
let t: TestApp
let shop: PretendShop
let origin: string
let shopId: number

beforeAll(async () => {
  browser = await openBrowser()
}, PATIENCE_MS)
afterAll(() => browser.close())
beforeEach(async () => {
  t = await testApp({ client: { attempts: 1, sleep: async () => {} } })
  shop = await startPretendShop({ profile: 'jp413', now: t.clock.now })
  shopId = t.connectShop(shop, { autoImport: true })
  origin = await listen(t.app)
})
afterEach(async () => {
  await browser.closeWindows()
  browser.faults.splice(0)
  await t.close()
  await shop.close()
})

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    t.clock.advance(MINUTE)
    t.services.automation.tick()
    while (t.services.runs.allRunning().length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test(
  'a 担当者 asks for the APIオプション, the 管理者 records it, and only then 自動書き出し can be switched on',
  async () => {
    const staff = await browser.window(origin)
    await logIn(staff, STAFF)
    await openByMenu(staff, '各種設定', 'APIオプション')
    await staff.getByText('未契約').first().waitFor()
    await staff.getByRole('button', { name: '申し込む' }).click()
    await staff.getByText('申込中').first().waitFor()

    const page = await browser.window(origin)
    await logIn(page)
    await page.goto(`/shops/${shopId}`)
    expect(await page.getByRole('checkbox', { name: '自動書き出し' }).isDisabled()).toBe(true)
    await page.getByRole('link', { name: 'APIオプションを開く' }).click()
    await page.getByLabel('開始日').fill('2026-11-24')
    await page.getByLabel('契約番号').fill('A-1001')
    await page.getByRole('button', { name: /記録/ }).first().click()
    await page.getByText('契約中').first().waitFor()

    await page.goto(`/shops/${shopId}`)
    await page.getByRole('checkbox', { name: '自動書き出し' }).check()
    await page.getByRole('button', { name: '設定を保存して次へ進む' }).click()
    await page.waitForURL('**/import')
    await page.goto('/')
    const row = page.getByRole('row', { name: /自動書き出し/ })
    await row.getByText('正常').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    browser.expectNoFaults()
  },
  PATIENCE_MS,
)

test(
  'when the contract ends, ホーム and the log say so, and import goes on',
  async () => {
    t.db.$client.prepare('update shops set auto_export = 1').run()
    t.services.contract.record(
      { startsOn: '2026-01-01', endsOn: '2026-11-24', contractNumber: 'A-1', note: '' },
      null,
      t.clock.now().getTime(),
    )
    const page = await browser.window(origin, { width: 390, dark: true })
    await logIn(page)
    await page.goto('/contract')
    await page.getByText('終了予定').first().waitFor()

    await minutes(1)
    t.clock.set('2026-11-25T00:00:00+09:00')
    await minutes(20)
    await page.goto('/')
    const row = page.getByRole('row', { name: /自動書き出し/ })
    await row.getByText('停止中').waitFor()
    await row.getByText('自動書き出しは止まっています').waitFor()
    await page
      .getByRole('row', { name: /自動取得/ })
      .getByText('正常')
      .waitFor()
    await page.goto('/runs?state=skipped')
    expect(await page.getByText(/APIオプションの契約期間外/).count()).toBe(1)
    expect(shop.ledger.writes).toEqual([])
    browser.expectNoFaults()
  },
  PATIENCE_MS,
)

test(
  'a failing shop is said on ホーム and in red on every page, and so is its recovery',
  async () => {
    await minutes(1)
    shop.faults.add({ kind: 'unavailable', on: 'any', times: 1_000_000 })
    await minutes(45)
    const page = await browser.window(origin)
    await logIn(page)
    await page.goto('/')
    const row = page.getByRole('row', { name: /自動取得/ })
    await row.getByText('再試行待ち').waitFor()
    await row.getByText(/一時的に利用できません/).waitFor()
    await page.goto('/orders')
    const line = page.getByText(/最後の取込: \d+分前/)
    expect(await line.getAttribute('class')).toContain('is-late')

    for (const path of ['/', '/orders', '/import', '/export', '/runs', '/shops', '/contract', '/accounts']) {
      await page.goto(path)
      expect([path, await line.getAttribute('class')]).toEqual([path, expect.stringContaining('is-late')])
    }

    shop.faults.clear()
    while (t.services.runs.latest(shopId, 'import')?.state !== 'succeeded') await minutes(1)
    await page.goto('/')
    await row.getByText('正常').waitFor()
    await row.getByText(/失敗していましたが、.*に復旧しました/).waitFor()
    expect(await line.getAttribute('class')).not.toContain('is-late')
    const [, before, next] = await row.getByRole('cell').allInnerTexts()
    const lastRun = t.services.runs.latest(shopId, 'import')
    expect(before).toContain(formatDateTime(lastRun?.startedAt ?? 0, 'Asia/Tokyo'))
    expect(before).toContain('（成功）')
    expect(next).toBe(formatDateTime((lastRun?.startedAt ?? 0) + 10 * 60_000, 'Asia/Tokyo'))
    expect(t.services.runs.latest(shopId, 'import')?.state).toBe('succeeded')
    browser.expectNoFaults()
  },
  PATIENCE_MS,
)
