import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RunStart } from '../../src/runs/run.ts'
import { cancelRun, type RunHandle, startRun } from '../../src/runs/start-run.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { accessibilityFaults, listen, logIn, openBrowser, openByMenu, type TestBrowser } from '../support/browser.ts'

let browser: TestBrowser
let bench: TestApp
let shopId: number
let origin: string
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  bench = await testApp()
  shopId = bench.connectShop({ url: 'http://127.0.0.1:9', email: 'api@example.jp', apiKey: 'key' })
  origin = await listen(bench.app)
})
afterEach(() => bench.close())

const start = (work: (run: RunHandle) => Promise<void>, more: Partial<RunStart> = {}) => {
  const deps = { runs: bench.services.runs, now: bench.clock.now, log: bench.app.log }
  const started = startRun(deps, { shopId, kind: 'import', trigger: 'manual', ...more }, work)
  if (!started.started) throw new Error('another run is running')
  return started
}
/** Work that ends when it is told to stop. */
const untilStopped = (run: RunHandle) =>
  new Promise<void>((_, stop) => run.signal.addEventListener('abort', () => stop(run.signal.reason)))

test('the progress of a run moves by itself, 「中止」 ends it, and the result links to the run', async () => {
  let handle: RunHandle | undefined
  const running = start((run) => {
    handle = run
    run.found(10)
    run.record([{ outcome: 'created', count: 2 }])
    return untilStopped(run)
  })
  const page = await browser.window(origin)
  await logIn(page)
  await openByMenu(page, '受注管理', '自動処理ログ')
  await page.getByRole('link', { name: 'うつわ工房 取込（手動）' }).click()
  await page.waitForURL(`**/runs/${running.run.id}`)
  const progress = page.getByRole('progressbar', { name: '処理済み 2件 / 対象 10件' })
  await progress.waitFor()
  await page.getByRole('button', { name: '中止' }).focus()
  handle?.record([{ outcome: 'changed', count: 3 }])
  await page.getByRole('progressbar', { name: '処理済み 5件 / 対象 10件' }).waitFor()
  // The part was exchanged under the person's fingers, and the focus stayed.
  expect(await page.evaluate('document.activeElement.textContent')).toBe('中止')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: '新規 2件・変更 3件・変更なし 0件（中止）' }).waitFor()
  expect((await running.done).state).toBe('cancelled')
  const section = page.getByRole('region', { name: '取込の状況' })
  expect(await section.getAttribute('hx-get')).toBeNull()
  expect(await page.locator('.run-live[aria-live=polite]').count()).toBe(1)
  browser.expectNoFaults()
}, 60_000)

test('without JavaScript the log is filtered, a run is followed by its link and stopped', async () => {
  const running = start(untilStopped)
  const page = await browser.window(origin, { javaScript: false })
  await logIn(page)
  await page.goto('/runs')
  await page.getByLabel('種類').selectOption('取込')
  await page.getByRole('button', { name: '絞り込む' }).click()
  await page.getByRole('cell', { name: '実行中' }).waitFor()
  await page.goto(`/runs/${running.run.id}`)
  await page.getByRole('link', { name: '最新の状態を見る' }).click()
  await page.getByRole('button', { name: '中止' }).click()
  await page.getByText('中止を受け付けました').waitFor()
  await running.done
  await page.reload()
  await page.getByText('途中で止めました').first().waitFor()
  browser.expectNoFaults()
}, 60_000)

test('what runs now appears in the open list and says its result there', async () => {
  const running = start(async (run) => {
    run.record([{ outcome: 'created', count: 7 }])
    await untilStopped(run)
  })
  const page = await browser.window(origin)
  await logIn(page)
  await page.goto('/runs')
  await page.getByRole('heading', { name: 'いま実行中' }).waitFor()
  cancelRun({ runs: bench.services.runs, log: bench.app.log }, running.run.id)
  await page.getByRole('link', { name: /うつわ工房 取込: 新規 7件.*（中止）/ }).waitFor()
  // Else it goes on asking a program that has ended.
  await page.context().close()
  browser.expectNoFaults()
}, 60_000)

test('the page of a run that works says its end, its counts and its orders once it has ended', async () => {
  const running = start(async (run) => {
    run.record([{ outcome: 'failed', csCartOrderId: 7, reason: 'rejected' }])
    await untilStopped(run)
  })
  const page = await browser.window(origin)
  await logIn(page)
  await page.goto(`/runs/${running.run.id}`)
  const facts = page.locator('#run-facts')
  await facts.getByText('実行中').waitFor()
  cancelRun({ runs: bench.services.runs, log: bench.app.log }, running.run.id)
  await facts.getByText('実行中').waitFor({ state: 'detached' })
  await page.locator('#run-items').getByRole('cell', { name: '7', exact: true }).waitFor()
  await page.getByRole('button', { name: '失敗分を再実行' }).waitFor()
  await page.context().close()
  browser.expectNoFaults()
}, 60_000)

test.each([
  { width: 1280 as const, dark: false },
  { width: 390 as const, dark: true },
])(
  'the pages of the log and of the contract are accessible and fit at $width px',
  async (look) => {
    const exchange = {
      at: 0,
      method: 'PUT',
      path: '/api/2.0/orders/7',
      requestBody: '{"status":"C"}',
      status: 400,
      answer: 'x'.repeat(400),
      ms: 81,
    }
    const ended = await start(async (run) =>
      run.record([
        { outcome: 'created', csCartOrderId: 1 },
        { outcome: 'skipped', csCartOrderId: 2, reason: 'changed_since_plan' },
        { outcome: 'failed', csCartOrderId: 7, reason: 'rejected', detail: 'HTTP 400', exchanges: [exchange] },
        { outcome: 'unchanged', count: 12 },
      ]),
    ).done
    bench.services.runs.skip({ shopId, kind: 'export', trigger: 'schedule', reason: 'not_contracted' }, 0)
    const running = start(untilStopped)
    bench.services.contract.record(
      { startsOn: '2026-11-01', endsOn: '2026-12-31', contractNumber: 'T-1', note: '' },
      null,
      0,
    )
    const page = await browser.window(origin, look)
    await logIn(page)
    for (const path of [
      '/runs',
      '/runs?from=2026-12-01',
      `/runs/${ended.id}`,
      `/runs/${running.run.id}`,
      '/contract',
    ]) {
      await page.goto(path)
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), path).toBeLessThanOrEqual(0)
      for (const summary of await page.locator('main summary').all()) await summary.click()
      expect(await accessibilityFaults(page), path).toEqual([])
    }
    await page.goto('/runs')
    const result = await page.locator('.runs-table tbody .badge').first().boundingBox()
    expect(result && result.x + result.width).toBeLessThanOrEqual(look.width)
    await page.goto(`/runs/${ended.id}`)
    for (const cell of await page.locator('#run-items tbody td').all()) {
      const box = await cell.boundingBox()
      expect(box ? box.x + box.width : 0).toBeLessThanOrEqual(look.width)
    }
    await page.context().close()
    browser.expectNoFaults()
  },
  60_000,
)
