import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { START, type TestApp, testApp } from '../support/app.ts'
import { accessibilityFaults, listen, logIn, openBrowser, type TestBrowser } from '../support/browser.ts'
import { A, takeIn } from './world.ts'

let browser: TestBrowser
let app: TestApp
let shop: PretendShop
let shopId: number
let origin: string

beforeAll(async () => {
  browser = await openBrowser()
}, 60_000)
afterAll(() => browser.close())
beforeEach(async () => {
  shop = await startPretendShop({ profile: 'v420', now: () => new Date(START) })
  app = await testApp()
  shopId = app.connectShop(shop)
  origin = await listen(app.app)
})
afterEach(async () => {
  await browser.closeWindows()
  await app.close()
  await shop.close()
})

async function dueOrder(trackingNumber: string): Promise<number> {
  const { id } = shop.addOrder({
    status: 'P',
    shippingShape: 'list',
    lines: [A(1)],
    groups: [{ shippingId: 12, groupKey: 0 }],
  })
  const stored = app.services.shops.find(shopId)
  if (!stored) throw new Error('no shop')
  await takeIn(app.services, stored, id, { trackingNumber })
  return id
}

test('on a telephone what will be written is read whole, every digit of it', async () => {
  await dueOrder('401234567891')
  shop.cancel(await dueOrder('501234567891'))
  const page = await browser.window(origin, { width: 390 })
  await logIn(page)
  await page.goto('/export')
  await page.getByRole('button', { name: '更新対象の確認' }).click()
  await page.getByText('書き込めません:').waitFor()
  for (const cell of await page.locator('#plan tbody tr > *').all()) {
    const box = await cell.boundingBox()
    expect(box ? box.x + box.width : 0).toBeLessThanOrEqual(390)
  }
  const frame = 'document.querySelector("#plan .table-responsive")'
  expect(await page.evaluate(`${frame}.scrollWidth - ${frame}.clientWidth`)).toBeLessThanOrEqual(0)
  expect(await page.locator('#plan tbody [data-label="更新後"]').first().isVisible()).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])
  browser.expectNoFaults()
}, 60_000)
