import { afterEach, beforeEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { chartBars, type HomeJob, jobTasks, jobWords } from '../../src/home/home.ts'
import { type Clock, frozenClock, type TestApp, testApp } from '../support/app.ts'
import { listen, logIn, openBrowser } from '../support/browser.ts'

const times = { dateTime: () => '2026/11/24 09:00:00', ago: () => '3分前' }
const job = (over: Partial<HomeJob>): HomeJob => ({
  shopId: 7,
  shopName: 'うつわ工房',
  kind: 'import',
  state: 'waiting',
  nextAt: undefined,
  wanted: true,
  lastRun: undefined,
  failing: undefined,
  recoveredAt: undefined,
  ...over,
})

test.each([
  [{ state: 'off' }, 'オフ', ''],
  [{ state: 'running' }, '実行中', ''],
  [{ state: 'waiting' }, '正常', ''],
  [{ state: 'waiting', recoveredAt: 1 }, '正常', '復旧しました'],
  [{ state: 'paused', failing: { reason: 'timeout', since: 0, count: 3 } }, '再試行待ち', '（3回）'],
  [
    { state: 'stopped', failing: { reason: 'unauthorized', since: 0, count: 1 } },
    '停止中',
    '設定を保存すると再開します',
  ],
  [{ kind: 'export', state: 'not_allowed', wanted: true }, '停止中', '契約期間外'],
  [{ kind: 'export', state: 'not_allowed', wanted: false }, 'オフ', '契約があると使えます'],
] satisfies [Partial<HomeJob>, string, string][])('a job %j is shown as %s with what to know', (over, badge, note) => {
  const words = jobWords(job(over), times)
  expect(words.badge.text).toBe(badge)
  expect(words.note).toContain(note)
  if (note === '') expect(words.note).toBe('')
})

test('a job whose last run failed in something is not called 正常', () => {
  const lastRun = { id: 3, at: 0, how: '手動', line: '書出 1件・失敗 2件（一部失敗）', fault: '一部失敗' }
  const words = jobWords(job({ kind: 'export', lastRun, recoveredAt: 1 }), times)
  expect(words.badge).toEqual({ text: '一部失敗', tone: 'yellow' })
  expect(words.note).toBe('前回の実行で失敗があります。結果を開いて、理由を確かめてください。')
  expect(jobWords(job({ lastRun: { ...lastRun, fault: '' } }), times).badge.text).toBe('正常')
})

test('a job that a person must mend links to where it is mended', () => {
  const failing = { reason: 'unauthorized', since: 0, count: 1 }
  expect(jobWords(job({ state: 'stopped', failing }), times).link?.href).toBe('/shops/7')
  expect(jobWords(job({ kind: 'export', state: 'not_allowed' }), times).link?.href).toBe('/contract')
})

test('a job that does not do what it should is among what needs a look, the others are not', () => {
  const failing = { reason: 'unauthorized', since: 0, count: 6 }
  const lastRun = { id: 3, at: 0, how: '自動', line: '', fault: '' }
  expect(
    jobTasks([
      job({ state: 'stopped', failing, lastRun }),
      job({ state: 'paused', failing }),
      job({ kind: 'export', state: 'not_allowed', wanted: true }),
      job({ kind: 'export', state: 'not_allowed', wanted: false }),
      job({ state: 'off' }),
      job({ state: 'running' }),
      job({ state: 'waiting', recoveredAt: 1 }),
    ]),
  ).toEqual([
    { text: 'うつわ工房 の自動取得が止まっています', href: '/runs/3' },
    { text: 'うつわ工房 の自動取得が失敗しています（自動で再試行します）', href: '/runs' },
    { text: 'うつわ工房 の自動書き出しが契約期間外のため止まっています', href: '/contract' },
  ])
})

test('the tallest bar fills the chart and a day without orders has none', () => {
  const bars = chartBars([
    { day: '2026-11-23', orders: 0, cents: 0 },
    { day: '2026-11-24', orders: 8, cents: 100 },
  ])
  expect(bars.map(({ label, height }) => [label, height])).toEqual([
    ['11/23', 0],
    ['11/24', 120],
  ])
  expect(chartBars([{ day: '2026-11-24', orders: 0, cents: 0 }])[0]?.height).toBe(0)
})

let shop: PretendShop
let clock: Clock
let app: TestApp
beforeEach(async () => {
  clock = frozenClock()
  shop = await startPretendShop({ profile: 'jp413', now: clock.now })
  app = await testApp({ clock })
})
afterEach(async () => {
  await app.close()
  await shop.close()
})

async function importAll(shopId: number): Promise<void> {
  const stored = app.services.shops.find(shopId)
  const started = stored && app.services.importing.start(stored, { mode: 'days' }, { trigger: 'manual' })
  if (!started?.started) throw new Error('the import did not start')
  await started.done
}

const numbers = async () => {
  const { links } = await app.merchant.get('/')
  return new Map(
    [...links()].flatMap(([text, href]) =>
      /件$/.test(text) ? [[text.replace(/[\d,\s]+件$/, ''), { text, href }]] : [],
    ),
  )
}

test('without a shop ホーム leads the 管理者 to adding one, and tells the 担当者 whom to ask', async () => {
  expect((await app.merchant.get('/')).links().get('店舗を追加')).toBe('/shops/new')
  const staff = await app.staff.get('/')
  expect(staff.links().has('店舗を追加')).toBe(false)
  expect(staff.text).toContain('管理者に')
})

test('each number counts what its link shows', async () => {
  const shopId = app.connectShop(shop)
  for (let n = 0; n < 5; n += 1) shop.addOrder({ status: 'P', timestamp: clock.now() })
  await importAll(shopId)
  const update = (sql: string) => app.db.$client.prepare(sql).run()
  update(
    "update orders set tracking_number = '401234567891', ship_date = '2026-11-24', carrier = 'yamato', status_id = 4 where id = 1",
  )
  update("update orders set tracking_number = '401234567902' where id = 2")
  update("update orders set export_state = 'error', export_reason = 'rejected' where id = 3")

  const seen = await numbers()
  expect([...seen.keys()]).toEqual(['今日の新規', '発送待ち', '伝票番号待ち', '書出待ち', '失敗'])
  for (const [label, { text, href }] of seen) {
    const count = Number(/(\d+)\s*件$/.exec(text)?.[1])
    const list = await app.merchant.get(href)
    const orders = new Set([...list.html.matchAll(/href="\/orders\/(\d+)"/g)].map((match) => match[1]))
    expect([label, orders.size]).toEqual([label, count])
  }
  expect(seen.get('今日の新規')?.text).toContain('5')
  expect(seen.get('書出待ち')?.text).toContain('1')
})

test('a shop name and a reason of a shop are shown as text', async () => {
  app.connectShop(shop, {
    name: '<script>alert(1)</script>',
    connectionState: 'error',
    connectionReason: 'unauthorized',
  })
  const { html, text } = await app.merchant.get('/')
  expect(html).not.toContain('<script>alert')
  expect(text).toContain('<script>alert(1)</script> の自動取得')
  expect(text).toContain('メールアドレスまたはAPIキーが正しくない')
  // The way to mend it is for 管理者; 担当者 read the same words.
  expect(html).toContain('href="/shops/')
  const staff = await app.staff.get('/')
  expect(staff.text).toContain('メールアドレスまたはAPIキーが正しくない')
  expect(staff.html).not.toContain('href="/shops')
})

test('前回 says what began the run, and a run with failures takes the place of 正常', async () => {
  const shopId = app.connectShop(shop, { autoImport: true })
  shop.addOrder({ status: 'P', timestamp: clock.now() })
  await importAll(shopId)
  const row = async () => (await app.merchant.get('/')).rows().find(([title]) => title?.includes('の自動取得'))
  expect((await row())?.[1]).toMatch(/^正常/)
  expect((await row())?.[2]).toContain('手動: 新規 1件')
  app.db.$client.prepare("update runs set state = 'partial', failed = 2").run()
  expect((await row())?.[1]).toMatch(/^一部失敗 前回の実行で失敗があります/)
})

test('an application for the APIオプション is among what needs a look until it is recorded', async () => {
  await app.staff.post('/contract/apply')
  const link = async () => [...(await app.merchant.get('/')).links()].find(([text]) => text.includes('申し込み'))
  expect(await link()).toEqual(['APIオプションの申し込みが届いています（契約の記録待ち）', '/contract'])
  const terms = { startsOn: '2026-11-01', endsOn: null, contractNumber: '', note: '' }
  app.services.contract.record(terms, null, clock.now().getTime())
  expect(await link()).toBeUndefined()
})

test('on a telephone the days under the chart can be read, and none lies over another', async () => {
  const browser = await openBrowser()
  try {
    const page = await browser.window(await listen(app.app), { width: 390 })
    await logIn(page)
    await page.goto('/')
    const labels: { text: string; left: number; right: number; height: number }[] = await page.evaluate(`
      [...document.querySelectorAll('.home-chart text')].flatMap((label) => {
        const { left, right, height } = label.getBoundingClientRect()
        return height === 0 ? [] : [{ text: label.textContent, left, right, height }]
      })`)
    expect(labels.length).toBeGreaterThanOrEqual(5)
    expect(labels.at(-1)?.text).toBe('11/24')
    for (const [at, label] of labels.entries()) {
      expect(label.height).toBeGreaterThanOrEqual(12)
      expect(label.left).toBeGreaterThan(labels[at - 1]?.right ?? 0)
      expect(label.right).toBeLessThanOrEqual(390)
    }
    browser.expectNoFaults()
  } finally {
    await browser.close()
  }
}, 60_000)
