import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { MERCHANT, type TestApp, testApp } from '../support/app.ts'
import { accessibilityFaults, listen, logIn, openBrowser, openByMenu, type TestBrowser } from '../support/browser.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let browser: TestBrowser
let t: TestApp
let origin: string
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  t = await testApp()
  origin = await listen(t.app)
})
afterEach(() => t.close())

test('the watch over the browser sees code that the policy forbids, and errors of scripts', async () => {
  const page = await browser.window(origin)
  await page.goto('/login')
  await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
  await page.evaluate("setTimeout(() => { throw new Error('a broken script') })")
  await page.waitForTimeout(300)
  expect(() => browser.expectNoFaults()).toThrow(
    /Content Security Policy[\s\S]*a broken script|a broken script[\s\S]*Content Security Policy/,
  )
  expect(browser.faults).toEqual([])
})

test.each([
  ['a wide screen', {}],
  ['a telephone in the dark', { width: 390, dark: true }],
  ['a browser without JavaScript', { javaScript: false }],
] as const)('on %s one logs in, goes by the menu, adds a user and logs out', async (_, look) => {
  const page = await browser.window(origin, look)
  await logIn(page)
  await openByMenu(page, '各種設定', 'ユーザー管理')
  await page.getByRole('heading', { name: 'ユーザー管理', level: 1 }).waitFor()
  await page.getByLabel('メールアドレス').fill('new@example.jp')
  await page.getByLabel('役割').selectOption({ label: '管理者' })
  await page.getByLabel('パスワード').fill('short')
  await page.getByRole('button', { name: '追加' }).click()
  await page.getByText('パスワードは10文字以上にしてください。').waitFor()
  expect(await page.getByLabel('メールアドレス').inputValue()).toBe('new@example.jp')
  await page.getByLabel('パスワード').fill('long enough now')
  await page.getByRole('button', { name: '追加' }).click()
  await page.getByRole('status').filter({ hasText: 'new@example.jp を管理者として追加しました。' }).waitFor()
  // Nothing sticks out to the side.
  const sides = await page.locator('html').boundingBox()
  expect(sides?.width).toBeLessThanOrEqual(look && 'width' in look ? 390 : 1280)
  await page.getByRole('button', { name: 'ログアウト' }).click()
  await page.getByRole('button', { name: 'ログイン' }).waitFor()
  browser.expectNoFaults()
})

test.each([{ dark: false }, { dark: true }])(
  '「ログアウト」 can be read under the mouse (dark: $dark)',
  async (look) => {
    const page = await browser.window(origin, look)
    await logIn(page)
    await page.getByRole('button', { name: 'ログアウト' }).hover()
    // The colours move there.
    await page.waitForTimeout(400)
    const contrast: number = await page.evaluate(`(() => {
    const paper = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    const light = (...layers) => {
      for (const colour of layers) {
        paper.fillStyle = colour
        paper.fillRect(0, 0, 1, 1)
      }
      const [r, g, b] = [...paper.getImageData(0, 0, 1, 1).data].map((part) => {
        const share = part / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const { color, backgroundColor } = getComputedStyle(document.querySelector('.site-end .btn'))
    const bar = getComputedStyle(document.querySelector('.site-header')).backgroundColor
    const both = [light(bar, backgroundColor, color), light(bar, backgroundColor)]
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05)
  })()`)
    expect(contrast).toBeGreaterThan(4.5)
    browser.expectNoFaults()
  },
)

test('one comes back to the page that was asked for, by keyboard alone', async () => {
  const page = await browser.window(origin)
  await page.goto('/accounts')
  // The browser puts the cursor into the first field a moment after the page is there.
  await page.locator('input:focus').waitFor()
  await page.keyboard.type(MERCHANT.email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(MERCHANT.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'ユーザー管理', level: 1 }).waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.textContent')).toBe('本文へ移動')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
  browser.expectNoFaults()
})

test('an open menu closes by Escape, and htmx is there without breaking the policy', async () => {
  const page = await browser.window(origin)
  await logIn(page)
  const menu = page.locator('.nav-menu', { hasText: '各種設定' })
  await menu.locator('summary').click()
  expect(await menu.getAttribute('open')).toBe('')
  await page.keyboard.press('Escape')
  expect(await menu.getAttribute('open')).toBeNull()
  expect(await page.evaluate('htmx.config.includeIndicatorCSS')).toBe(false)
  expect(await page.evaluate('document.adoptedStyleSheets.length')).toBe(0)
  browser.expectNoFaults()
})

test('on Chromium 143, whose parser throws at options, parts of pages are swapped all the same', async () => {
  const page = await browser.window(origin)
  await page.addInitScript("Document.parseHTMLUnsafe = (_, options) => { if (options) throw new TypeError('options') }")
  await logIn(page)
  await page.goto('/accounts')
  expect(await page.evaluate('typeof Document.parseHTMLUnsafe')).toBe('undefined')
  await page.evaluate("htmx.ajax('GET', '/accounts/2', { target: '#main' })")
  await page.getByRole('heading', { name: 'staff@example.jp', level: 1 }).waitFor()
  browser.expectNoFaults()
})

test.each([
  ['by day', {}],
  ['by night', { dark: true }],
  ['on a telephone', { width: 390 }],
] as const)('the furniture has no fault that axe can find, %s', async (_, look) => {
  const page = await browser.window(origin, look)
  await page.goto('/login')
  expect(await accessibilityFaults(page)).toEqual([])
  await logIn(page)
  for (const path of ['/accounts', '/accounts/2', '/nowhere']) {
    await page.goto(path)
    expect(await accessibilityFaults(page), path).toEqual([])
  }
})

test('a login that ran out sends a polling part of a page to ログイン', async () => {
  const page = await browser.window(origin)
  await logIn(page)
  await page.goto('/accounts')
  t.db.$client.exec('delete from sessions')
  await page.evaluate("htmx.ajax('GET', '/accounts', { target: '#main' })")
  await page.getByRole('button', { name: 'ログイン' }).waitFor()
  browser.expectNoFaults()
})
