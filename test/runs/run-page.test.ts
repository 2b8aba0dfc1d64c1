import Fastify from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NewRunItem, Run, RunStart } from '../../src/runs/run.ts'
import { type RunHandle, startRun } from '../../src/runs/start-run.ts'
import { type TestApp, testApp } from '../support/app.ts'

let bench: TestApp
let shopId: number
beforeEach(async () => {
  bench = await testApp()
  shopId = bench.connectShop({ url: 'http://127.0.0.1:9', email: 'api@example.jp', apiKey: 'key' })
})
afterEach(() => bench.close())

const ended = async (work: (run: RunHandle) => Promise<void>, more: Partial<RunStart> = {}): Promise<Run> => {
  const deps = { runs: bench.services.runs, now: bench.clock.now, log: Fastify().log }
  const started = startRun(deps, { shopId, kind: 'import', trigger: 'manual', ...more }, work)
  if (!started.started) throw new Error('another run is running')
  return started.done
}
const withItems = (items: NewRunItem[], more?: Partial<RunStart>) => ended(async (run) => run.record(items), more)

test('a run’s page says of each order what came of it, why, and what to do', async () => {
  const account = bench.services.accounts.list()[0]
  const run = await withItems(
    [
      { outcome: 'created', csCartOrderId: 1001 },
      { outcome: 'failed', csCartOrderId: 1002, reason: 'unexpected_shape', detail: '項目 products.3456.amount' },
      { outcome: 'unchanged', count: 240 },
    ],
    { accountId: account?.id },
  )
  const page = await bench.staff.get(`/runs/${run.id}`)
  expect(page.text).toContain('新規 1件・変更 0件・変更なし 240件・失敗 1件（一部失敗）')
  expect(page.text).toContain(`手動（${account?.email}）`)
  expect(
    page
      .rows()
      .slice(1)
      .map((row) => row.slice(0, 3)),
  ).toEqual([
    ['1001', '新規', ''],
    [
      '1002',
      '失敗',
      'CS-Cartのデータの形が想定と違います。 実行結果に出ている項目名を確かめ、CS-Cart管理画面でその注文を開いて保存し直してください。 項目 products.3456.amount',
    ],
    ['240件まとめて', '変更なし 240件', ''],
  ])
})

test('a single unchanged order is a row with words too', async () => {
  const run = await withItems([{ outcome: 'unchanged', count: 1 }])
  const page = await bench.staff.get(`/runs/${run.id}`)
  expect(page.rows()[1]?.slice(0, 3)).toEqual(['1件まとめて', '変更なし', ''])
})

test('the items can be narrowed to one outcome and are paged by thousands', async () => {
  const items: NewRunItem[] = Array.from({ length: 1_250 }, (_, i) => ({ outcome: 'created', csCartOrderId: i + 1 }))
  const run = await withItems([...items, { outcome: 'failed', csCartOrderId: 9_999, reason: 'timeout' }])
  const failed = await bench.merchant.get(`/runs/${run.id}?outcome=failed`)
  expect(
    failed
      .rows()
      .slice(1)
      .map((row) => row[0]),
  ).toEqual(['9999'])
  expect(failed.links().get('すべて 1,251')).toBe(`/runs/${run.id}`)
  expect(failed.links().get('新規 1,250')).toBe(`/runs/${run.id}?outcome=created`)

  const numbers: (string | undefined)[] = []
  let href: string | undefined = `/runs/${run.id}?outcome=created`
  while (href) {
    const page = await bench.merchant.get(href)
    numbers.push(
      ...page
        .rows()
        .slice(1)
        .map((row) => row[0]),
    )
    href = page.links().get('次の注文を見る')
  }
  expect(numbers).toEqual(items.map((item) => String(item.csCartOrderId)))
})

test('requests and answers are shown folded, and whatever a shop wrote is text', async () => {
  const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(2)> & 絵文字😀`
  const run = await ended(async (handle) => {
    handle.record([
      {
        outcome: 'failed',
        csCartOrderId: 7,
        reason: 'rejected',
        detail: evil,
        exchanges: [
          {
            at: 0,
            method: 'PUT',
            path: `/api/2.0/orders/7?x=${evil}`,
            requestBody: evil,
            status: 400,
            answer: evil,
            ms: 81,
          },
          { at: 0, method: 'GET', path: '/api/2.0/orders/7', ms: 60_000 },
        ],
      },
    ])
    throw Object.assign(new Error('boom'), { name: evil })
  })
  const page = await bench.merchant.get(`/runs/${run.id}`)
  expect(page.html).not.toContain('<script>alert')
  expect(page.html).not.toContain('<img src=x')
  expect(page.html).toMatch(/<details>\s*<summary>CS-Cartとのやりとり（2回）/)
  expect(page.text).toContain(evil)
  expect(page.text).toContain('HTTP 400')
  expect(page.text).toContain('応答なし')
  expect(page.html).not.toMatch(/\sstyle="|\son\w+="/)
})

test('a run links to the one that it goes on from, and back', async () => {
  const first = await withItems([{ outcome: 'failed', csCartOrderId: 1, reason: 'timeout' }])
  const second = await withItems([{ outcome: 'created', csCartOrderId: 1 }], { continuesRunId: first.id })
  expect((await bench.merchant.get(`/runs/${second.id}`)).links().get(`実行 ${first.id} の続き`)).toBe(
    `/runs/${first.id}`,
  )
  expect([...(await bench.merchant.get(`/runs/${first.id}`)).links().values()]).toContain(`/runs/${second.id}`)
})

test('a run that is not there is 404 in words, and a folded one leads to its row', async () => {
  const missing = await bench.merchant.get('/runs/4711')
  expect(missing.status).toBe(404)
  expect(missing.text).toContain('自動処理ログにありません')
  expect((await bench.merchant.get('/runs/abc')).status).toBe(404)
  expect((await bench.merchant.get('/runs/4711/progress')).status).toBe(404)

  const first = await withItems([], { trigger: 'schedule' })
  let folded = 0
  await ended(
    async (run) => {
      folded = run.id
    },
    { trigger: 'schedule' },
  )
  expect((await bench.merchant.get(`/runs/${folded}`)).location).toBe(`/runs/${first.id}`)
})

test('nobody sees the log without a login', async () => {
  const run = await withItems([])
  for (const path of ['/runs', `/runs/${run.id}`, `/runs/${run.id}/progress`, '/runs.csv', '/runs/running']) {
    expect((await bench.anonymous.get(path)).location).toContain('/login')
  }
  expect((await bench.anonymous.post(`/runs/${run.id}/cancel`)).location).toContain('/login')
})

test('the CSV holds the filtered list, opens in a spreadsheet and starts no formula', async () => {
  const other = bench.connectShop({ url: 'http://127.0.0.1:9', email: 'b', apiKey: 'k' }, { name: '=cmd|"x"!A1' })
  await withItems([{ outcome: 'created', count: 2 }], { kind: 'import' })
  await withItems([{ outcome: 'done' }], { kind: 'export' })
  await withItems([{ outcome: 'created' }], { shopId: other })
  const csv = await bench.staff.get('/runs.csv?kind=import')
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(csv.headers['content-disposition']).toBe('attachment; filename="runs-2026-11-24.csv"')
  const lines = csv.html.replace(/^\uFEFF/, '').split('\r\n')
  expect(csv.html.startsWith('\uFEFF')).toBe(true)
  expect(lines).toHaveLength(4)
  expect(lines[0]).toMatch(/^"番号","開始","終了"/)
  expect(lines[1]).toContain(`,"'=cmd|""x""!A1","取込"`)
  expect(lines[2]).toContain('"2026/11/24 09:31:50","0.0","うつわ工房","取込","手動","","成功","2","0","0"')
  for (const asked of ['from=x', 'to=9999-12-31']) {
    expect((await bench.staff.get(`/runs.csv?${asked}`)).status).toBe(422)
  }
})

test('a CSV of thousands of runs is complete and newest first', async () => {
  const insert = bench.db.$client.prepare(
    "insert into runs (shop_id, kind, trigger, state, request, started_at, finished_at) values (?, 'import', 'manual', 'succeeded', '{}', ?, ?)",
  )
  bench.db.$client.transaction(() => {
    for (let i = 0; i < 2_345; i += 1) insert.run(shopId, i % 900, i % 900)
  })()
  const lines = (await bench.staff.get('/runs.csv')).html.trim().split('\r\n').slice(1)
  const numbers = lines.map((line) => Number(line.split(',')[0]?.replaceAll('"', '')))
  expect(new Set(numbers).size).toBe(2_345)
})
