import { afterEach, beforeEach, expect, test } from 'vitest'
import { START, type TestApp, testApp } from '../support/app.ts'
import { imported, STATUS } from './factory.ts'

let t: TestApp
beforeEach(async () => {
  t = await testApp()
})
afterEach(() => t.close())

const names = () => t.db.$client.prepare<[], string>('select name from order_statuses order by position').pluck().all()

test('担当者 do not come in', async () => {
  expect((await t.staff.get('/orders/statuses')).status).toBe(403)
  expect((await t.staff.post('/orders/statuses', { name: 'x' })).status).toBe(403)
  expect((await t.staff.post(`/orders/statuses/${STATUS.held}/delete`)).status).toBe(403)
  expect(names()).toHaveLength(6)
})

test('a status is added at the end, renamed, and becomes a tab', async () => {
  expect((await t.merchant.submit('/orders/statuses', { name: ' 予約 ' })).text).toContain('追加しました')
  expect(names().at(-1)).toBe('予約')
  expect((await t.merchant.submit(`/orders/statuses/${STATUS.new}`, { name: '受付' })).text).toContain('変更しました')
  const list = await t.merchant.get('/orders')
  expect([...list.links().keys()]).toEqual(expect.arrayContaining(['受付 0', '予約 0']))
})

test('a name that is empty or taken is refused beside its box, and stays in it', async () => {
  const added = await t.merchant.post('/orders/statuses', { name: '保留' })
  expect(added.status).toBe(422)
  expect(added.field('新しいステータス名')).toMatchObject({
    value: '保留',
    invalid: true,
    error: expect.stringContaining('すでに'),
  })
  const asTab = await t.merchant.post(`/orders/statuses/${STATUS.held}`, { name: '要確認' })
  expect([asTab.status, asTab.field('ステータス名（保留）').value]).toEqual([422, '要確認'])
  const renamed = await t.merchant.post(`/orders/statuses/${STATUS.held}`, { name: ' ' })
  expect(renamed.status).toBe(422)
  expect(renamed.field('ステータス名（保留）').error).toContain('入力してください')
  expect((await t.merchant.post(`/orders/statuses/${STATUS.held}`, { name: '保留' })).status).toBe(303)
})

test('statuses move up and down, and not beyond the ends', async () => {
  await t.merchant.submit(`/orders/statuses/${STATUS.held}/move`, { direction: 'up' })
  expect(names()).toEqual(['新規受付', '入金待ち', '発送準備中', '保留', '処理済み', 'キャンセル'])
  await t.merchant.submit(`/orders/statuses/${STATUS.new}/move`, { direction: 'up' })
  await t.merchant.submit(`/orders/statuses/${STATUS.cancelled}/move`, { direction: 'down' })
  await t.merchant.submit(`/orders/statuses/${STATUS.new}/move`, { direction: 'down' })
  expect(names()).toEqual(['入金待ち', '新規受付', '発送準備中', '保留', '処理済み', 'キャンセル'])
})

test('a built-in status, one with orders and one where a shop puts its orders stay, with the reason', async () => {
  const shop = t.connectShop(
    { url: 'http://127.0.0.1:9', email: 'a@example.jp', apiKey: 'k' },
    { landingStatusId: STATUS.waiting },
  )
  t.services.orders.saveImported(imported(1, { shopId: shop }), {
    runId: null,
    at: START,
    landingStatusId: STATUS.packing,
  })
  const refused = async (id: number) => {
    const page = await t.merchant.post(`/orders/statuses/${id}/delete`)
    expect(page.status).toBe(422)
    return page.text
  }
  expect(await refused(STATUS.processed)).toContain('最初からあるステータス')
  expect(await refused(STATUS.packing)).toContain('「発送準備中」の受注が1件あります')
  expect(await refused(STATUS.waiting)).toContain('うつわ工房')
  expect(names()).toHaveLength(6)
  expect((await t.merchant.submit(`/orders/statuses/${STATUS.held}/delete`)).text).toContain('「保留」を削除しました')
  expect(names()).not.toContain('保留')
  expect((await t.merchant.post(`/orders/statuses/${STATUS.held}/delete`)).status).toBe(404)
})
