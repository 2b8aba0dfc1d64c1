import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { START, type TestApp, testApp } from '../support/app.ts'
import { accessibilityFaults, type Look, listen, logIn, openBrowser, type TestBrowser } from '../support/browser.ts'
import { address, imported, STATUS } from './factory.ts'

let browser: TestBrowser
let t: TestApp
let origin: string
beforeAll(async () => {
  browser = await openBrowser()
}, 60_000)
afterAll(() => browser.close())
beforeEach(async () => {
  t = await testApp()
  t.connectShop({ url: 'http://127.0.0.1:9', email: 'api@example.jp', apiKey: 'key' })
  for (let id = 1; id <= 4; id++) {
    t.services.orders.saveImported(imported(id), { runId: null, at: START, landingStatusId: STATUS.new })
  }
  origin = await listen(t.app)
})
afterEach(async () => {
  // Chromium in one process mixes up the cookies that `fetch` sends when several windows are open.
  for (const page of open.splice(0)) await page.context().close()
  await t.close()
})

const open: Page[] = []
const window = async (look?: Look) => {
  const page = await browser.window(origin, look)
  open.push(page)
  await logIn(page)
  return page
}

/** Saves are under way for so long, in ms. */
const answerLate = (page: Page, ms: number) =>
  page.route('**/row', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    await route.continue()
  })
const stored = (id: number) => t.services.orders.find(id)

test('slip numbers are typed down the column: Enter saves and goes to the next row, a typed date survives the save beside it', async () => {
  const page = await window()
  await page.goto('/orders')
  const row = (id: number) => page.locator(`#order-${id}`)
  await row(4).getByLabel('お荷物伝票番号').fill('123456789010')
  await page.keyboard.press('Enter')
  await expect.poll(() => stored(4)?.trackingNumber).toBe('123456789010')
  expect(await page.evaluate('document.activeElement.name + document.activeElement.form.id')).toBe(
    'trackingNumberrow-3',
  )
  await page.keyboard.type('1234-5678-9021')
  await page.keyboard.press('Enter')
  await expect.poll(() => stored(3)?.trackingNumber).toBe('123456789021')
  await row(3).getByText('出荷日なし').waitFor()

  // The answer to the date's save arrives while the number is being typed.
  await answerLate(page, 400)
  await row(2).getByLabel('出荷日').fill('11/24')
  await page.keyboard.press('Tab')
  await row(2).getByLabel('お荷物伝票番号').pressSequentially('123456789032', { delay: 80 })
  await page.keyboard.press('Enter')
  await expect.poll(() => stored(2)?.trackingNumber, { timeout: 5_000 }).toBe('123456789032')
  expect(stored(2)?.shipDate).toBe('2026-11-24')
  expect(stored(2)?.version).toBe(3)
  await page.unroute('**/row')

  await row(1).getByLabel('受注ステータス').selectOption({ label: '処理済み' })
  await expect.poll(() => stored(1)?.statusId).toBe(STATUS.processed)
  browser.expectNoFaults()
}, 60_000)

test('a conflict keeps both values, and only the button writes over', async () => {
  const page = await window()
  await page.goto('/orders')
  t.services.orders.update(4, 1, { trackingNumber: '111111111111' }, { accountId: null, at: START })
  const row = page.locator('#order-4')
  await row.getByLabel('お荷物伝票番号').fill('222222222222')
  await page.keyboard.press('Enter')
  await row.getByRole('alert').waitFor()
  expect(await row.getByRole('alert').textContent()).toContain('111111111111')
  expect(await row.getByLabel('お荷物伝票番号').inputValue()).toBe('222222222222')
  await row.getByLabel('配送業者').selectOption('sagawa')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(stored(4)).toMatchObject({ trackingNumber: '111111111111', carrier: null })
  await row.getByRole('button', { name: '保存' }).click()
  await expect.poll(() => stored(4)?.trackingNumber).toBe('222222222222')
  expect(stored(4)?.carrier).toBe('sagawa')
  // Chromium itself notes the 409 in the console.
  const faults = browser.faults.splice(0).filter((fault) => !fault.includes('409'))
  expect(faults).toEqual([])
}, 60_000)

test('what repairs a refused save while it is under way is saved without another touch', async () => {
  const page = await window()
  await page.goto('/orders')
  await answerLate(page, 400)
  const row = page.locator('#order-4')
  await row.getByLabel('お荷物伝票番号').fill('12★4')
  await page.keyboard.press('Tab')
  await row.getByLabel('お荷物伝票番号').fill('123456789010')
  await row.getByLabel('出荷日').focus()
  await expect.poll(() => stored(4)?.trackingNumber, { timeout: 5_000 }).toBe('123456789010')
  await row.getByText('出荷日なし').waitFor()
  // Chromium itself notes the 422 in the console.
  expect(browser.faults.splice(0).filter((fault) => !fault.includes('422'))).toEqual([])
}, 60_000)

test('a number that was typed during a save and left only after it is saved too', async () => {
  const page = await window()
  await page.goto('/orders')
  await answerLate(page, 800)
  const row = page.locator('#order-4')
  await page.evaluate("document.querySelector('#order-4').dataset.before = ''")
  await row.getByLabel('出荷日').fill('11/24')
  await page.keyboard.press('Tab')
  await row.getByLabel('お荷物伝票番号').focus()
  await page.keyboard.type('123456789043')
  // The saved row has taken the place of the old one; the cursor is in its field as if nothing had been.
  await page.locator('#order-4:not([data-before])').waitFor()
  expect(stored(4)?.shipDate).toBe('2026-11-24')
  expect(stored(4)?.trackingNumber).toBe('')
  await page.keyboard.press('Tab')
  await expect.poll(() => stored(4)?.trackingNumber, { timeout: 5_000 }).toBe('123456789043')
  expect(stored(4)?.version).toBe(3)
  browser.expectNoFaults()
}, 60_000)

test('walking through the statuses by arrow key saves the one that is left, and none on the way', async () => {
  const page = await window()
  await page.goto('/orders')
  const status = page.locator('#order-4').getByLabel('受注ステータス')
  await status.focus()
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowDown')
  const chosen = Number(await status.inputValue())
  expect(chosen).not.toBe(STATUS.new)
  await page.waitForTimeout(300)
  expect(stored(4)).toMatchObject({ version: 1, statusId: STATUS.new })
  await page.keyboard.press('Tab')
  await expect.poll(() => stored(4)?.statusId).toBe(chosen)
  expect(stored(4)?.version).toBe(2)
  browser.expectNoFaults()
}, 60_000)

test('who was logged out meanwhile keeps what was typed in the row, and reads that it is not saved', async () => {
  const page = await window()
  await page.goto('/orders')
  t.db.$client.exec('delete from sessions')
  const row = page.locator('#order-4')
  await row.getByLabel('お荷物伝票番号').fill('123456789010')
  await page.keyboard.press('Enter')
  await row.getByRole('alert').filter({ hasText: 'ログアウトされたため、保存していません。' }).waitFor()
  expect(await row.getByLabel('お荷物伝票番号').inputValue()).toBe('123456789010')
  expect(page.url()).toBe(`${origin}/orders`)
  expect(stored(4)?.trackingNumber).toBe('')
  browser.expectNoFaults()
}, 60_000)

test('whoever leaves with half-typed text is asked, and nobody else', async () => {
  const page = await window()
  const asked: string[] = []
  page.on('dialog', (dialog) => {
    asked.push(dialog.type())
    void dialog.accept()
  })
  /** How often one is asked on leaving by the address bar, as by closing the tab. */
  const leave = async (to = '/orders/statuses') => {
    await page.goto(to)
    return asked.splice(0).length
  }
  await page.goto('/orders')
  const row = (id: number) => page.locator(`#order-${id}`)
  await row(4).getByLabel('お荷物伝票番号').click()
  expect(await leave('/orders')).toBe(0)
  await row(4).getByLabel('お荷物伝票番号').pressSequentially('12345')
  expect(await leave('/orders')).toBe(1)
  await row(4).getByLabel('お荷物伝票番号').pressSequentially('12★4')
  await page.keyboard.press('Tab')
  await row(4).locator('.is-invalid').waitFor()
  expect(await leave('/orders')).toBe(1)
  await row(4).getByLabel('お荷物伝票番号').pressSequentially('123456789010')
  await page.keyboard.press('Enter')
  await row(4).getByText('出荷日なし').waitFor()
  await expect.poll(() => stored(4)?.trackingNumber).toBe('123456789010')
  await page.locator('#order-4.is-saved').waitFor()
  expect(await leave('/orders/3')).toBe(0)

  await page.getByRole('textbox', { name: 'メモ' }).click()
  expect(await leave('/orders/3')).toBe(0)
  await page.getByRole('textbox', { name: 'メモ' }).pressSequentially('のし')
  await page.getByRole('link', { name: '受注一覧' }).first().click()
  await page.waitForURL('**/orders')
  expect(asked.splice(0)).toEqual(['beforeunload'])
  await page.goto('/orders/3')
  await page.getByLabel('配送業者').selectOption('sagawa')
  await page.getByLabel('出荷日').fill('2026/02/30')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('実在する日付').waitFor()
  expect(asked).toEqual([])
  expect(await leave('/orders/3')).toBe(1)
  await page.getByLabel('出荷日').fill('2026/11/24')
  await page.getByRole('button', { name: '保存' }).click()
  await page.getByText('保存しました。').waitFor()
  expect(await leave()).toBe(0)
  browser.expectNoFaults()
}, 60_000)

test('/ leads to the search box from any page', async () => {
  const page = await window()
  await page.goto('/runs')
  await page.keyboard.press('/')
  await page.waitForURL('**/orders#search')
  await expect.poll(() => page.evaluate('document.activeElement.id'), { timeout: 15_000 }).toBe('search')
  await page.keyboard.type('taro3@')
  await page.keyboard.press('Enter')
  await page.waitForURL('**q=taro3*')
  expect(await page.locator('[data-order-row]').count()).toBe(1)
  browser.expectNoFaults()
}, 60_000)

test.each([
  [1280, false],
  [1280, true],
  [390, false],
] as const)(
  'at %i px (dark: %s) nothing sticks out, and axe finds no fault',
  async (width, dark) => {
    const page = await window({ width, dark })
    for (const path of ['/orders', '/orders/4', '/orders/4/answer', '/orders/statuses']) {
      await page.goto(path)
      const sticksOut = await page.evaluate(
        `document.documentElement.scrollWidth > document.documentElement.clientWidth ||
        [...document.querySelectorAll('.orders-table')].some((table) => table.scrollWidth > table.parentElement.clientWidth + 1)`,
      )
      expect([path, sticksOut]).toEqual([path, false])
      expect([path, await accessibilityFaults(page)]).toEqual([path, []])
    }
    browser.expectNoFaults()
  },
  120_000,
)

test('by night without scripts what is loud can be read too', async () => {
  const page = await window({ dark: true })
  // As without JavaScript, but axe needs it.
  await page.route('**/theme*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }))
  t.services.orders.update(4, 1, { trackingNumber: '123456789019' }, { accountId: null, at: START })
  t.services.orders.saveImported(imported(3, { csCartStatus: 'I' }), { runId: null, at: START, landingStatusId: 1 })
  for (const path of ['/orders', '/orders?from=x', '/orders/4']) {
    await page.goto(path)
    expect(await page.locator('html').getAttribute('data-bs-theme')).toBeNull()
    expect([path, await accessibilityFaults(page)]).toEqual([path, []])
  }
  browser.expectNoFaults()
}, 60_000)

test.each([false, true])(
  'a note of 要確認 stands with its own order: the line comes after it and not before (dark: %s)',
  async (dark) => {
    t.services.orders.update(3, 1, { trackingNumber: '123456789010' }, { accountId: null, at: START })
    const page = await window({ dark })
    await page.goto('/orders')
    const line = (cell: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('${cell}')).borderBottomWidth`)
    await page.locator('#order-3').getByText('要確認：').waitFor()
    expect(await line('#order-3 td.order-name')).toBe('0px')
    expect(await line('#order-3 .order-notes td')).toBe('1px')
    expect(await line('#order-2 td.order-name')).toBe('1px')
    // So does the line of what was just saved.
    await page.locator('#order-3').getByLabel('配送業者').selectOption('yamato')
    await page.locator('#order-3.is-saved').waitFor()
    const saved = (cell: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('${cell}')).boxShadow`)
    expect(await saved('#order-3 td.order-name')).toBe('none')
    expect(await saved('#order-3 .order-notes td')).toContain('47, 179, 68')
    browser.expectNoFaults()
  },
  60_000,
)

test('with two shops, a refused field and a warning 受注一覧 fits into 1280 px, and its words stand whole', async () => {
  t.connectShop(
    { url: 'http://127.0.0.1:10', email: 'api@example.jp', apiKey: 'key' },
    { name: 'うつわ工房 楽しい器の店' },
  )
  const at = { runId: null, at: START, landingStatusId: STATUS.new }
  const long = { buyerName: '長谷川 真理子', shipping: address({ prefecture: '神奈川県' }), csCartStatus: 'P' }
  t.services.orders.saveImported(imported(5, { ...long, shopId: 2, totalCents: 123_456_700 }), at)
  t.services.orders.saveImported(imported(3, { csCartStatus: 'I' }), at)
  t.services.orders.markGone(1, at)
  const typed = {
    statusId: STATUS.processed,
    shipDate: '2026-11-24',
    carrier: 'yamato',
    trackingNumber: '123456789019',
  }
  t.services.orders.update(2, 1, typed, { accountId: null, at: START })
  const page = await window()
  // Beside a bar to scroll by.
  await page.setViewportSize({ width: 1264, height: 800 })
  await page.goto('/orders')
  await page.locator('#order-5').getByLabel('お荷物伝票番号').fill('12★4')
  await page.keyboard.press('Enter')
  await page.locator('#order-5 .invalid-feedback').waitFor()
  await page.locator('#order-4').getByLabel('出荷日').fill('2026/02/30')
  await page.keyboard.press('Enter')
  await page.locator('#order-4 .invalid-feedback').waitFor()
  const frame = "document.querySelector('.orders-table').parentElement"
  expect(await page.evaluate(`${frame}.scrollWidth - ${frame}.clientWidth`)).toBe(0)
  const lines: number =
    await page.evaluate(`Math.max(...[...document.querySelectorAll('.orders-table thead th')].map((cell) => {
    const words = document.createRange()
    words.selectNodeContents(cell)
    return new Set([...words.getClientRects()].map((line) => line.top)).size
  }))`)
  expect(lines).toBeLessThanOrEqual(3)
  // A refused date can be read as it was typed.
  const box = "document.querySelector('#order-4 [name=shipDate]')"
  expect(await page.evaluate(`${box}.scrollWidth - ${box}.clientWidth`)).toBe(0)
  browser.expectNoFaults()
}, 60_000)

test("on an order's page at 1280 px the parcels stand whole, and no slip number is broken", async () => {
  t.services.orders.update(4, 1, { carrier: 'yamato', trackingNumber: '123456789010' }, { accountId: null, at: START })
  const parcel =
    t.db.$client.prepare(`insert into parcels (order_id, group_key, state, tracking_number, carrier_code, comment, lines,
    shipment_id, run_id, reason, created_at, updated_at) values (4, ?, ?, '123456789010', 'yamato', ?, '{}', 10234, 7, ?, ?, ?)`)
  parcel.run(0, 'confirmed', '他の伝票番号: 123456789021, 123456789032', null, START, START)
  parcel.run(1, 'failed', '', 'cannot_update_shipment', START, START)
  const page = await window()
  await page.setViewportSize({ width: 1264, height: 800 })
  await page.goto('/orders/4')
  const frame = 'document.querySelector(\'[aria-label="荷物の表"]\')'
  expect(await page.evaluate(`${frame}.scrollWidth - ${frame}.clientWidth`)).toBe(0)
  const broken: string[] =
    await page.evaluate(`[...${frame}.querySelectorAll('[data-label="お荷物伝票番号"]')].flatMap((cell) => {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
    const found = []
    while (texts.nextNode()) {
      for (const { 0: number, index } of texts.currentNode.data.matchAll(/[0-9]{12}/g)) {
        const digits = document.createRange()
        digits.setStart(texts.currentNode, index)
        digits.setEnd(texts.currentNode, index + number.length)
        if (digits.getClientRects().length > 1) found.push(number)
      }
    }
    return found
  })`)
  expect(broken).toEqual([])
  browser.expectNoFaults()
}, 60_000)
