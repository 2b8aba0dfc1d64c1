import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiOption } from '../../src/contract/contract.ts'
import { MERCHANT, STAFF, type TestApp, testApp } from '../support/app.ts'

let bench: TestApp
beforeEach(async () => {
  bench = await testApp()
})
afterEach(() => bench.close())

const terms = { startsOn: '2026-11-24', endsOn: '', contractNumber: 'T-2026-001', note: '' }
const entries = () => bench.services.contract.entries()
const record = (fields = {}) => bench.merchant.submit('/contract', { ...terms, ...fields })

test('without a contract the page says so, what it costs and whom to ask', async () => {
  const page = await bench.staff.get('/contract')
  expect(page.status).toBe(200)
  expect(page.text).toContain('未契約')
  expect(page.rows(0)).toEqual([
    ['項目', '税別', '税込（消費税10%）'],
    ['初期費用', '10,000円', '11,000円'],
    ['月額費用', '5,000円', '5,500円'],
  ])
  expect(page.text).toContain('問い合わせ先')
  expect(page.text).toContain(MERCHANT.email)
  expect(page.links().get('APIオプション')).toBe('/contract')
})

test('担当者 send 「申し込む」, 管理者 records it, and the history says who did what and when', async () => {
  const sent = await bench.staff.submit('/contract/apply')
  expect(sent.text).toContain('申込中')
  expect(sent.text).toContain('申し込みを記録しました')
  expect(apiOption(entries(), '2026-11-24').inForce).toBe(false)

  bench.clock.advance(60_000)
  const recorded = await record({ note: '電話で確認' })
  expect(recorded.text).toContain('契約中')
  expect(recorded.text).toContain('契約を記録しました')
  expect(recorded.rows(1)).toEqual([
    ['日時', '誰が', '内容', '契約番号', 'メモ'],
    ['2026/11/24 09:32:50', MERCHANT.email, '契約を記録: 2026/11/24 〜 期限なし', 'T-2026-001', '電話で確認'],
    ['2026/11/24 09:31:50', STAFF.email, '申し込み', '', ''],
  ])
  expect(apiOption(entries(), '2026-11-24').inForce).toBe(true)
})

test('担当者 can neither record nor end a contract, whatever they send', async () => {
  const page = await bench.staff.get('/contract')
  expect(page.labels()).toEqual([])
  expect((await bench.staff.post('/contract', terms)).status).toBe(403)
  expect(entries()).toEqual([])
  await record()
  const answer = await bench.staff.post('/contract/end', { lastDay: '2026-11-24' })
  expect(answer.status).toBe(403)
  expect(answer.text).toContain('管理者')
  expect(entries()).toHaveLength(1)
})

test('nobody does anything without a login or without the page’s token', async () => {
  for (const path of ['/contract', '/contract/apply', '/contract/end', '/contract/withdraw']) {
    expect((await bench.anonymous.post(path, terms)).location).toContain('/login')
  }
  expect((await bench.merchant.post('/contract', { ...terms, _csrf: 'x' })).status).toBe(403)
  expect(entries()).toEqual([])
})

test('a second application is refused in words, and the first can be taken back', async () => {
  await bench.staff.submit('/contract/apply')
  const again = await bench.staff.post('/contract/apply')
  expect(again.status).toBe(409)
  expect(again.text).toContain('申込中')
  expect((await bench.staff.submit('/contract/withdraw')).text).toContain('未契約')
  expect((await bench.staff.post('/contract/withdraw')).status).toBe(409)
})

test('a contract that starts later says from when', async () => {
  expect((await record({ startsOn: '2026-12-01' })).text).toContain('契約中（2026/12/01 から）')
  bench.clock.set('2026-11-30T15:00:00Z')
  const page = await bench.staff.get('/contract')
  expect(page.text).not.toContain('から）')
  expect(page.text).toContain('自動書き出しを使えます')
})

test('an end is recorded, goes through its last day, and is over on the day after', async () => {
  await record()
  const ending = await bench.merchant.submit('/contract/end', { lastDay: '2026-11-30' })
  expect(ending.text).toContain('終了予定')
  expect(ending.text).toContain('2026/11/30 を過ぎると自動書き出しは止まります')
  bench.clock.set('2026-11-30T14:59:59Z')
  expect((await bench.staff.get('/contract')).text).toContain('終了予定')
  bench.clock.set('2026-11-30T15:00:00Z')
  const ended = await bench.staff.get('/contract')
  expect(ended.text).toContain('契約が終わったため、自動書き出しは止まっています')
  expect(ended.html).toContain('action="/contract/apply"')
})

test('refused forms keep what was typed, with the message beside the field', async () => {
  const page = await bench.merchant.post('/contract', { ...terms, endsOn: '2026-11-01', contractNumber: '' })
  expect(page.status).toBe(422)
  expect(page.field('終了日')).toMatchObject({
    value: '2026-11-01',
    invalid: true,
    error: expect.stringContaining('以降'),
  })
  expect(page.field('契約番号')).toMatchObject({ invalid: true, error: '契約番号を入力してください。' })
  expect(page.field('開始日')).toMatchObject({ value: '2026-11-24', invalid: false })

  await record()
  const end = await bench.merchant.post('/contract/end', { lastDay: '2026-11-01' })
  expect(end.status).toBe(422)
  expect(end.field('最後の日')).toMatchObject({
    value: '2026-11-01',
    invalid: true,
    error: expect.stringContaining('2026/11/24'),
  })
  expect(entries()).toHaveLength(1)
})

test('there is nothing to end without a contract', async () => {
  expect((await bench.merchant.post('/contract/end', { lastDay: '2026-11-30' })).status).toBe(409)
})

test('whatever is typed is shown as text', async () => {
  const evil = '<script>alert(1)</script>"\'&😀'
  const page = await record({ contractNumber: evil, note: evil })
  expect(page.html).not.toContain('<script>alert')
  expect(page.text).toContain(evil)
  expect(page.field('契約番号').value).toBe(evil)
})
