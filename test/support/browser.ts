import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { MERCHANT } from './app.ts'

export type Look = {
  /** 1280 by default; 390 is a telephone. */
  width?: 1280 | 390
  dark?: boolean
  javaScript?: boolean
}

export type TestBrowser = Awaited<ReturnType<typeof openBrowser>>

/**
 * A Chromium for browser journeys: `CHROMIUM_PATH`, else the one inside the npm package.
 * A journey must end with `expectNoFaults()`: a page that breaks the content security policy, logs an error or throws fails it.
 */
export async function openBrowser() {
  // The package unpacks into the temporary folder and would take over whatever version lies there.
  const home = mkdtempSync(join(tmpdir(), 'tsunagi-chromium-'))
  const browser = await launch(home)
  const faults: string[] = []

  return {
    faults,

    /** A window of its own: no cookie of another one. `origin` is where the app listens. */
    async window(origin: string, look: Look = {}): Promise<Page> {
      const context = await browser.newContext({
        baseURL: origin,
        viewport: { width: look.width ?? 1280, height: look.width === 390 ? 844 : 800 },
        colorScheme: look.dark ? 'dark' : 'light',
        javaScriptEnabled: look.javaScript ?? true,
        locale: 'ja-JP',
        timezoneId: 'Asia/Tokyo',
      })
      const page = await context.newPage()
      watch(page, faults)
      return page
    },

    /** Closes every window, so that none goes on asking an app that is gone; what they complained of is kept. */
    async closeWindows(): Promise<void> {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },

    /** @throws with everything that went wrong in any window so far */
    expectNoFaults(): void {
      if (faults.length > 0) throw new Error(`the browser complained:\n${faults.splice(0).join('\n')}`)
    },

    async close(): Promise<void> {
      await browser.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Opens the app to a browser on a free port of the loopback. @returns its origin */
export async function listen(app: FastifyInstance): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 })
}

/** Logs in by the form. */
export async function logIn(page: Page, account: { email: string; password: string } = MERCHANT): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('メールアドレス').fill(account.email)
  await page.getByLabel('パスワード').fill(account.password)
  await page.getByRole('button', { name: 'ログイン' }).click()
  await page.getByRole('button', { name: 'ログアウト' }).waitFor()
}

/** Whether all of the part stands in the window and nothing lies over it. */
export async function isInSight(page: Page, selector: string): Promise<boolean> {
  return page.evaluate(`(() => {
    const part = document.querySelector(${JSON.stringify(selector)})
    const { left, right, top, bottom } = part.getBoundingClientRect()
    const corners = [left + 4, right - 4].flatMap((x) => [[x, top + 2], [x, bottom - 2]])
    const isInside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
    return isInside && corners.every(([x, y]) => part.contains(document.elementFromPoint(x, y)))
  })()`)
}

/** Opens a page by the header's menu, as people do. */
export async function openByMenu(page: Page, section: string, item: string): Promise<void> {
  const nav = page.getByRole('navigation', { name: 'メインメニュー' })
  if (!(await nav.isVisible())) await page.locator('.nav-toggle > summary').click()
  await nav.locator('summary', { hasText: section }).click()
  await nav.getByRole('link', { name: item, exact: true }).click()
}

/** Runs axe-core in the page, past its content security policy. @returns one line for each violation */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setBypassCSP', { enabled: true })
  await page.reload()
  await page.addScriptTag({ path: source })
  const found: string = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then((result) => JSON.stringify(result.violations))",
  )
  await session.send('Page.setBypassCSP', { enabled: false })
  await session.detach()
  const violations: { id: string; help: string; nodes: { html: string }[] }[] = JSON.parse(found)
  return violations.map(
    (one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`,
  )
}

async function launch(home: string): Promise<Browser> {
  const path = process.env.CHROMIUM_PATH
  if (path)
    return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] })
  const before = process.env.TMPDIR
  process.env.TMPDIR = home
  // The package then unpacks the shared libraries that Chromium needs, too: a bare machine has none of them.
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs24.x'
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    return await chromium.launch({
      executablePath: await packed.executablePath(),
      // In one process Chromium mixes up the cookies of its windows, and ends with the first that is closed.
      args: packed.args.filter((arg) => arg !== '--single-process'),
      env: { ...process.env, HOME: home, TMPDIR: home, FONTCONFIG_FILE: japaneseFont(home) },
    })
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    delete process.env.AWS_EXECUTION_ENV
  }
}

/** The packaged Chromium knows no Japanese letters; a font from npm is enough. */
function japaneseFont(home: string): string {
  const font = createRequire(import.meta.url).resolve('@expo-google-fonts/noto-sans-jp/package.json')
  const cache = join(home, 'fonts')
  mkdirSync(cache, { recursive: true })
  const file = join(home, 'fonts.conf')
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${dirname(font)}</dir><cachedir>${cache}</cachedir></fontconfig>`,
  )
  return file
}

/** Writes down whatever a person with an open console would see in red. */
function watch(page: Page, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`))
  page.on('console', (message) => {
    // Our own refusals (422, 409 …) are answers, although the console prints each in red.
    if (message.type() !== 'error' || /Failed to load resource.*status of (4\d\d|503)/.test(message.text())) return
    faults.push(`${page.url()}: ${message.text()}`)
  })
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    if (why !== 'net::ERR_ABORTED') faults.push(`${request.url()}: ${why}`)
  })
}

export type { BrowserContext, Page }
