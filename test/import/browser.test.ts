import { afterAll, beforeAll, expect, it } from 'vitest'
import { accessibilityFaults, isInSight, listen, logIn, openBrowser, type TestBrowser } from '../support/browser.ts'
import { DAY, type ImportWorld, importWorld, MINUTE } from './world.ts'

let browser: TestBrowser
let world: ImportWorld
let origin: string

beforeAll(async () => {
  browser = await openBrowser()
  world = await importWorld({ shop: { latencyMs: 150 }, app: { accounts: true } })
  origin = await listen(world.app.app)
}, 120_000)

afterAll(async () => {
  await browser.close()
  await world.close()
})

it('staff see what will come in, watch it come in, and ask after an order', async () => {
  world.shop.addOrders(20, { from: world.ago(6 * DAY), to: world.ago(DAY), statuses: ['O', 'P'] })
  const done = world.shop.addOrder({ status: 'C' })
  const page = await browser.window(origin, { width: 390 })
  await logIn(page)
  await page.goto('/import')
  // The preview comes by itself, without a click.
  await page.getByText('いま取り込むと、最近7日分の').waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])

  await page.getByRole('button', { name: 'CS-CART API取込', exact: true }).click()
  await page.getByRole('button', { name: '中止' }).waitFor()
  await page.reload()
  await page.getByText('実行中の取込').waitFor()
  await page.getByLabel('取得日（開始）').fill('2026/11/01')
  await page.getByRole('link', { name: /^新規 20件/ }).waitFor()
  // With its end the page says what is so now, and what was typed meanwhile stays.
  await page.getByText('最後の取込: 最近7日分').waitFor()
  await page.getByText('初めての取込の前に').waitFor({ state: 'detached' })
  expect(await page.getByLabel('取得日（開始）').inputValue()).toBe('2026/11/01')
  expect(await accessibilityFaults(page)).toEqual([])

  await page.getByText('この注文が来ない').click()
  await page.getByLabel('CS-Cartの注文番号').fill(String(done.id))
  await page.getByRole('button', { name: '理由を調べる' }).click()
  await page.getByText('「CS-CART取得ステータス」').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'それでも取り込む' }).click()
  await page.getByRole('link', { name: /^新規 1件/ }).waitFor()

  world.shop.addOrder({ status: 'P', timestamp: world.ago(2 * MINUTE) })
  await page.goto('/import')
  await page.getByText('突き合わせ', { exact: true }).click()
  await page.getByRole('button', { name: '突き合わせる' }).click()
  await page.getByText('不足 1件').waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])
  browser.expectNoFaults()
}, 120_000)

it('by night the pages for taking in and writing back are as readable as by day', async () => {
  const page = await browser.window(origin, { dark: true })
  await logIn(page)
  for (const path of ['/import', '/export']) {
    await page.goto(path)
    for (const summary of await page.locator('main summary').all()) await summary.click()
    expect([path, await accessibilityFaults(page)]).toEqual([path, []])
  }
  browser.expectNoFaults()
}, 60_000)

it.each([
  [1280, 700, true],
  [1280, 700, false],
  [390, 700, true],
  [390, 700, false],
] as const)(
  'at %i x %i px (JavaScript: %s) what a button says is in sight although the page opens at the card',
  async (width, height, javaScript) => {
    const page = await browser.window(origin, { width, javaScript })
    await page.setViewportSize({ width, height })
    await logIn(page)
    await page.goto('/import')
    await page.getByRole('button', { name: 'CS-CART API取込', exact: true }).click()
    const message = page.locator('#flashes .alert')
    await message.waitFor()
    expect(page.url()).toMatch(/#shop-\d+$/)
    await page.waitForTimeout(300)
    expect([await message.textContent(), await isInSight(page, '#flashes .alert')]).toEqual([
      expect.stringMatching(/^取込を始めました。|^この店舗の取込がすでに実行中/),
      true,
    ])
    // And it lies not over what the page was opened at.
    expect(await isInSight(page, 'section.card h2')).toBe(true)
    await page.context().close()
    browser.expectNoFaults()
  },
  60_000,
)
