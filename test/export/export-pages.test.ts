import { afterEach, beforeEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { START, type TestApp, testApp } from '../support/app.ts'
import { A, NUMBER, takeIn } from './world.ts'

let app: TestApp
let shop: PretendShop
let shopId: number

beforeEach(async () => {
  shop = await startPretendShop({ profile: 'v420', now: () => new Date(START) })
  app = await testApp()
  shopId = app.connectShop(shop)
})
afterEach(async () => {
  await app.close()
  await shop.close()
})

async function dueOrder(trackingNumber = NUMBER): Promise<{ id: number; csCartId: number }> {
  const draft = {
    status: 'P',
    shippingShape: 'list',
    lines: [A(1)],
    groups: [{ shippingId: 12, groupKey: 0 }],
  } as const
  const { id: csCartId } = shop.addOrder({ ...draft, lines: [...draft.lines], groups: [...draft.groups] })
  const stored = app.services.shops.find(shopId)
  if (!stored) throw new Error('no shop')
  const id = await takeIn(app.services, stored, csCartId, { trackingNumber })
  return { id, csCartId }
}

const ended = async () => {
  for (let turn = 0; turn < 200; turn += 1) {
    const run = app.services.runs.latest(shopId, 'export')
    if (run && run.state !== 'running') return run
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('the run never ended')
}

test('the list shows now and then order by order, single orders are left out, and exactly that is written', async () => {
  const one = await dueOrder()
  const two = await dueOrder('501234567891')
  const gone = await dueOrder('601234567891')
  shop.cancel(gone.csCartId)
  const card = await app.merchant.get('/export')
  expect(card.title).toContain('データ書出')
  expect(card.text).toContain('CS-CART API 連携')
  expect(card.text).toContain('書出の対象: 3 件')

  const plan = await app.merchant.submit(`/export/${shopId}/plan`)
  expect(plan.text).toContain('書き込める受注 2 件・書き込めない受注 1 件')
  const rows = plan.rows().map((row) => row.join(' '))
  expect(rows[1]).toContain('支払い確認済み（P） 配送の登録なし')
  expect(rows[1]).toContain(`配送を登録: ヤマト運輸 ${NUMBER}（1点） 受注ステータスを「配送済み（C）」に`)
  expect(rows[3]).toContain('書き込めません: CS-Cart側でキャンセルされています。')
  expect(plan.field(`注文 ${one.csCartId} を更新する`).checked).toBe(true)
  expect(shop.ledger.writes).toEqual([])

  // A forged field does not bring in what cannot be written.
  const planId = Number(/plans\/(\d+)\/run/.exec(plan.html)?.[1])
  const answer = await app.merchant.post(`/export/plans/${planId}/run`, { order: [one.id, gone.id, 9_999, 'x'] })
  expect(answer.location).toBe(`/export#shop-${shopId}`)
  expect(await ended()).toMatchObject({ state: 'succeeded', done: 1, failed: 0 })
  expect(shop.ledger.order(one.csCartId).status).toBe('C')
  expect(shop.ledger.order(two.csCartId)).toMatchObject({ status: 'P', shipments: [] })
  expect(shop.ledger.order(gone.csCartId)).toMatchObject({ status: 'I', shipments: [] })

  const again = await app.merchant.post(`/export/plans/${planId}/run`, { order: [one.id, two.id] })
  expect(again.status).toBe(409)
  expect(again.text).toContain('この内容はすでに実行されています')
  expect((await app.merchant.get(`/export/plans/${planId}`)).text).toContain('この内容はすでに実行されています')
  expect((await app.merchant.get('/export')).text).toContain('書出 1件（成功）')
})

test('nothing ticked is refused beside the list, which stays as it was posted', async () => {
  const one = await dueOrder()
  const plan = await app.merchant.submit(`/export/${shopId}/plan`)
  const planId = /plans\/(\d+)\/run/.exec(plan.html)?.[1]
  const refused = await app.merchant.post(`/export/plans/${planId}/run`, {})
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('更新する受注が選ばれていません')
  expect(refused.field(`注文 ${one.csCartId} を更新する`).checked).toBe(false)
  expect((await app.merchant.get(`/export/plans/${planId}`)).field(`注文 ${one.csCartId} を更新する`).checked).toBe(
    false,
  )
})

test('a list or a card that was shown under 試運転 writes nothing once 試運転 is off, until it is shown anew', async () => {
  const dryRun = (on: boolean) => app.db.$client.prepare('update shops set dry_run = ?').run(on ? 1 : 0)
  const mode = ({ html }: { html: string }) => ({ dryRun: /name="dryRun" value="(\d)"/.exec(html)?.[1] ?? '' })
  dryRun(true)
  const one = await dueOrder()
  const card = await app.merchant.get('/export')
  const plan = await app.merchant.submit(`/export/${shopId}/plan`)
  const planId = /plans\/(\d+)\/run/.exec(plan.html)?.[1]
  dryRun(false)

  const fromCard = await app.merchant.submit(`/export/${shopId}`, mode(card))
  expect(fromCard.text).toContain('「試運転」の設定が変わったため、書出は始めませんでした')
  const refused = await app.merchant.post(`/export/plans/${planId}/run`, { order: [one.id], ...mode(plan) })
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('「試運転」の設定が変わったため、書出は始めませんでした')
  expect(refused.text).not.toContain('試運転中です')
  expect(refused.field(`注文 ${one.csCartId} を更新する`).checked).toBe(true)
  expect(app.services.runs.latest(shopId, 'export')).toBeUndefined()

  await app.merchant.post(`/export/plans/${planId}/run`, { order: [one.id], ...mode(refused) })
  expect(await ended()).toMatchObject({ state: 'succeeded', done: 1 })
})

test('under 試運転 neither card nor list says that anything will be written or sent', async () => {
  app.db.$client.prepare('update shops set dry_run = 1').run()
  await dueOrder()
  const plan = await app.merchant.submit(`/export/${shopId}/plan`)
  const card = await app.merchant.get('/export')
  expect(card.text).toContain('いま対象の 1 件すべてを、CS-Cartを読み直してから自動処理ログに記録します')
  expect(card.text).toContain('確認した更新対象を開く')
  for (const { text } of [card, plan]) {
    expect(text).toContain('お客様への通知メール: 試運転のため、送られません。')
    expect(text).not.toMatch(/書き込みます|受注だけを書き込むとき/)
  }
})

test('ticks are kept where another export of the shop is running', async () => {
  const one = await dueOrder()
  const two = await dueOrder('501234567891')
  const plan = await app.merchant.submit(`/export/${shopId}/plan`)
  const planId = /plans\/(\d+)\/run/.exec(plan.html)?.[1]
  shop.setLatency(150)
  await app.merchant.post(`/export/${shopId}`)
  const refused = await app.merchant.submit(`/export/plans/${planId}/run`, { order: [two.id] })
  expect(refused.text).toContain('新しい書出は始めませんでした')
  const again = await app.merchant.get(`/export/plans/${planId}`)
  expect(again.field(`注文 ${one.csCartId} を更新する`).checked).toBe(false)
  expect(again.field(`注文 ${two.csCartId} を更新する`).checked).toBe(true)
  await ended()
})

test('「発送情報を更新」 on the card says that it writes everything that is due, and does, whatever was looked at before', async () => {
  const seen = await dueOrder()
  await app.merchant.submit(`/export/${shopId}/plan`)
  const later = await dueOrder('601234567891')
  const card = await app.merchant.get('/export')
  expect(card.text).toContain('いま対象の 2 件すべてを')
  const planHref = card.links().get('確認した更新対象を開く') ?? ''
  expect((await app.merchant.get(planHref)).text).toContain('書き込める受注 1 件')
  await app.merchant.post(`/export/${shopId}`)
  expect(await ended()).toMatchObject({ state: 'succeeded', done: 2 })
  expect(shop.ledger.order(seen.csCartId).status).toBe('C')
  expect(shop.ledger.order(later.csCartId).status).toBe('C')
  // What was looked at is history now.
  expect((await app.merchant.get('/export')).links().has('確認した更新対象を開く')).toBe(false)
})

test('an empty or an older look does not stand in the way of what is due now', async () => {
  await app.merchant.submit(`/export/${shopId}/plan`)
  expect((await app.merchant.get('/export')).links().has('確認した更新対象を開く')).toBe(false)
  const one = await dueOrder()
  await app.merchant.submit(`/export/${shopId}/plan`)
  const plan = await app.merchant.submit(`/export/${shopId}/plan`)
  const newest = /plans\/(\d+)\/run/.exec(plan.html)?.[1]
  const card = await app.merchant.get('/export')
  expect(card.links().get('確認した更新対象を開く')).toBe(`/export/plans/${newest}`)
  await app.merchant.post(`/export/plans/${newest}/run`, { order: [one.id] })
  await ended()
  expect((await app.merchant.get('/export')).links().has('確認した更新対象を開く')).toBe(false)
  const two = await dueOrder('501234567891')
  await app.merchant.post(`/export/${shopId}`)
  expect(await ended()).toMatchObject({ state: 'succeeded', done: 1 })
  expect(shop.ledger.order(two.csCartId).status).toBe('C')
})

test('with nothing due the card says so, and its button starts no run', async () => {
  expect((await app.merchant.get('/export')).text).toContain('いま対象の受注はありません')
  const answer = await app.merchant.submit(`/export/${shopId}`)
  expect(answer.text).toContain('いま書き出す受注はないため、書出は始めませんでした。')
  expect(app.services.runs.latest(shopId, 'export')).toBeUndefined()
})

test('作成期間 is kept and counted anew; what is no number of days is refused beside the field', async () => {
  const order = await dueOrder()
  const stored = app.services.orders.find(order.id)
  app.services.orders.update(order.id, stored?.version ?? 0, { shipDate: '2026-11-20' }, { accountId: null, at: START })
  const before = await app.merchant.get('/export')
  expect(before.text).toContain('書出の対象: 0 件')
  // 受注一覧 has no filter by reason: a link that shows other orders than it counts would mislead.
  expect(before.text).toContain('作成期間外 1件')
  expect(before.links().has('作成期間外')).toBe(false)
  // A number field would swallow full-width digits before they are sent.
  expect(before.field('作成期間').attributes).toMatchObject({ type: 'text', inputmode: 'numeric' })
  const after = await app.merchant.submit(`/export/${shopId}/window`, { days: '４' })
  expect(after.text).toContain('書出の対象: 1 件')
  expect(after.field('作成期間').value).toBe('4')
  for (const days of ['0', '366', '', '1.5', 'x']) {
    const refused = await app.merchant.post(`/export/${shopId}/window`, { days })
    expect(refused.status).toBe(422)
    expect(refused.field('作成期間')).toMatchObject({ value: days, invalid: true })
    expect(refused.field('作成期間').error).toContain('1〜365')
  }
  expect(app.services.shops.find(shopId)?.exportDays).toBe(4)
})

test('a long list is read in the background, shows how far it is, survives a reload, and can be gone on with', async () => {
  for (let n = 0; n < 3; n += 1) await dueOrder(`50123456789${n}`)
  shop.setLatency(500)
  const page = await app.merchant.submit(`/export/${shopId}/plan`)
  expect(page.text).toContain('CS-Cartを読み取っています')
  expect(page.html).toContain('hx-trigger="every 1s"')
  const planId = Number(/plans\/(\d+)\/live/.exec(page.html)?.[1])
  expect((await app.merchant.get('/export')).links().get('確認中の更新対象を見る')).toBe(`/export/plans/${planId}`)
  // As after a crash: nobody reads any more.
  await app.services.exporting.preparing.stop()
  const stopped = await app.merchant.get(`/export/plans/${planId}`)
  expect(stopped.text).toContain('途中で止まっています')
  expect(stopped.html).not.toContain('hx-trigger')
  shop.setLatency(0)
  await app.merchant.post(`/export/plans/${planId}/resume`)
  for (let turn = 0; app.services.exporting.preparing.isWorking(planId) && turn < 200; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const live = await app.merchant.part(`/export/plans/${planId}/live`)
  expect(live.html).not.toContain('<html')
  expect(live.text).toContain('書き込める受注 3 件')
})

test('a shop that cannot be read says why instead of a list', async () => {
  await dueOrder()
  shop.setUsers([])
  const page = await app.merchant.submit(`/export/${shopId}/plan`)
  expect(page.text).toContain('CS-Cartを読み取れませんでした。')
  expect(page.text).toContain('APIキーを発行し直して')
})

test('a second start while one runs says so and shows the running one', async () => {
  await dueOrder()
  shop.setLatency(150)
  await app.merchant.post(`/export/${shopId}`)
  const second = await app.merchant.submit(`/export/${shopId}`)
  expect(second.text).toContain('すでに実行中のため、新しい書出は始めませんでした')
  expect(second.html).toContain('中止')
  await ended()
  expect(shop.ledger.of('shipments.post')).toHaveLength(1)
})

test('「失敗分を再実行」 runs just the orders that failed, as a run that goes on from the first', async () => {
  const good = await dueOrder()
  const bad = await dueOrder('501234567891')
  const { id: shipmentId } = shop.addShipment({ orderId: bad.csCartId, trackingNumber: '99', carrier: 'yamato' })
  await app.merchant.post(`/export/${shopId}`)
  const run = await ended()
  expect(run).toMatchObject({ state: 'partial', done: 1, failed: 1 })
  const page = await app.merchant.get(`/runs/${run.id}`)
  expect(page.text).toContain('CS-Cartでは別の伝票番号ですでに配送登録されています。')
  shop.removeShipment(shipmentId)
  const requests = shop.ledger.requests.length
  const again = await app.merchant.post(`/runs/${run.id}/retry`)
  expect(again.location).toMatch(/^\/runs\/\d+$/)
  expect(await ended()).toMatchObject({ state: 'succeeded', done: 1, continuesRunId: run.id })
  expect(shop.ledger.order(bad.csCartId).status).toBe('C')
  const asked = shop.ledger.requests.slice(requests).map((request) => request.path)
  expect(asked.some((path) => path.includes(String(good.csCartId)))).toBe(false)
})

test('every text of an order is shown as text', async () => {
  const { id } = await dueOrder()
  app.db.$client.prepare('update orders set buyer_name = ? where id = ?').run('<script>alert(1)</script>"\'', id)
  const plan = await app.merchant.submit(`/export/${shopId}/plan`)
  expect(plan.html).not.toContain('<script>alert')
  expect(plan.text).toContain('<script>alert(1)</script>')
})
