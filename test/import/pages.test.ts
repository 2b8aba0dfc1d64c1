import { afterEach, describe, expect, it } from 'vitest'
import { testApp } from '../support/app.ts'
import { textById } from '../support/html.ts'
import { DAY, type ImportWorld, importWorld, MINUTE } from './world.ts'

let world: ImportWorld

afterEach(() => world?.close())

const pages = (options: Parameters<typeof importWorld>[0] = {}) =>
  importWorld({ ...options, app: { accounts: true, ...options.app } })

/** Waits until the shop's newest import is over. */
async function ended(): Promise<void> {
  while (world.services.runs.running(world.shopId, 'import')) await new Promise((resolve) => setTimeout(resolve, 5))
}

it('without a shop the page says what to do, to whom it concerns', async () => {
  const app = await testApp()
  expect((await app.merchant.get('/import')).links().get('店舗を追加')).toBe('/shops/new')
  expect((await app.staff.get('/import')).text).toContain(
    '管理者に「モール詳細設定」で店舗を追加してもらってください。',
  )
  await app.close()
})

describe('the card of a shop', () => {
  it('imports the last days by its banner button and ends in a line that links to the log', async () => {
    world = await pages()
    world.shop.addOrders(12, { from: world.ago(6 * DAY), statuses: ['O', 'P'] })
    const before = await world.app.staff.get('/import')
    expect(before.title).toContain('データ取込')
    expect(before.html).toMatch(/<button type="submit"[^>]*>CS-CART API取込<\/button>/)
    expect(before.text).toContain('最近7日分の、注文受付(O)、支払い確認済み(P) の注文を取り込みます。')

    const answer = await world.app.staff.post(`/import/${world.shopId}`)
    expect([answer.status, answer.location]).toEqual([303, `/import#shop-${world.shopId}`])
    await ended()

    const after = await world.app.staff.get('/import')
    expect(after.text).toContain('取込を始めました。')
    expect(after.links().get('新規 12件・変更 0件・変更なし 0件（成功）')).toBe('/runs/1')
    expect(after.text).toContain('最後の取込: 最近7日分')
    expect(world.services.runs.find(1)).toMatchObject({ trigger: 'manual', accountId: 2 })
  })

  it('says of a past import the days that it used, and of one that did not keep them none', async () => {
    world = await pages()
    await world.app.staff.post(`/import/${world.shopId}`)
    await ended()
    const sql = world.app.db.$client
    sql.prepare('update shops set fetch_days = 30').run()
    for (const path of ['/import', '/runs/1']) {
      const { text } = await world.app.staff.get(path)
      expect([path, text]).toEqual([path, expect.stringContaining('最近7日分')])
    }
    sql.prepare(`update runs set request = '{"mode":"days"}'`).run()
    for (const path of ['/import', '/runs/1']) {
      const { text } = await world.app.staff.get(path)
      expect([path, /最近\d+日分(?!の、)/.exec(text)]).toEqual([path, null])
    }
  })

  it('shows a running import with its progress and 「中止」, after a reload too, and says so at a second start', async () => {
    world = await pages({ shop: { latencyMs: 40 } })
    world.shop.addOrders(60, { from: world.ago(6 * DAY), statuses: ['P'] })
    await world.merchant.post(`/import/${world.shopId}`)
    const second = await world.merchant.submit(`/import/${world.shopId}`)

    expect(second.text).toContain('この店舗の取込がすでに実行中のため、新しい取込は始めませんでした。')
    expect(second.text).toContain('実行中の取込: 最近7日分')
    expect(second.html).toContain('hx-get="/runs/1/progress"')
    expect(second.html).toMatch(/<button[^>]*>中止<\/button>/)
    await world.merchant.post('/runs/1/cancel')
    await ended()
    expect((await world.merchant.get('/import')).text).toContain('中止')
    expect(world.services.runs.find(1)).toMatchObject({ state: 'cancelled' })
  })

  it('imports exactly the 取得日 that was typed, to the second, also with slashes', async () => {
    world = await pages()
    const at = (time: string) => world.shop.addOrder({ status: 'P', timestamp: new Date(time) }).id
    at('2026-11-10T09:31:49+09:00')
    const first = at('2026-11-10T09:31:50+09:00')
    const last = at('2026-11-11T00:00:00+09:00')
    at('2026-11-11T00:00:01+09:00')

    const page = await world.merchant.get('/import')
    expect([page.field('取得日（開始）').name, page.field('取得日（終了）').name]).toEqual(['from', 'to'])
    for (const label of ['取得日（開始）', '取得日（終了）', '突き合わせ（開始）', '突き合わせ（終了）']) {
      expect(page.field(label)).toMatchObject({
        value: expect.stringMatching(/^2026\/11\/\d\d \d\d:\d\d:\d\d$/),
        attributes: { type: 'text', inputmode: 'numeric', placeholder: '2026/11/24 09:31:50' },
      })
    }
    expect(page.field('この日時より後の注文だけ').attributes.type).toBe('text')
    await world.merchant.post(`/import/${world.shopId}/period`, {
      from: '2026/11/10 09:31:50',
      to: '2026-11-11T00:00:00',
    })
    await ended()

    expect(world.numbers()).toEqual([first, last])
    expect((await world.merchant.get('/import')).text).toContain(
      '最後の取込: 取得日 2026/11/10 09:31:50 ～ 2026/11/11 00:00:00',
    )
  })

  it('refuses a 取得日 in words beside the field and keeps what was typed', async () => {
    world = await pages()
    const path = `/import/${world.shopId}/period`
    const wrong = await world.merchant.post(path, { from: 'きのう', to: '2026/11/11 10:00:00' })
    expect(wrong.status).toBe(422)
    expect(wrong.field('取得日（開始）')).toMatchObject({ invalid: true, value: 'きのう' })
    expect(textById(wrong.html, `from-${world.shopId}-error`)).toContain('2026/11/24 09:31:50 の形で')
    const turned = await world.merchant.post(path, { from: '2026/11/12 10:00:00', to: '2026/11/11 10:00:00' })
    expect(turned.field('取得日（終了）').error).toContain('終了は開始と同じか、後の日時')
    expect(world.services.runs.latest(world.shopId, 'import')).toBeUndefined()
  })

  it('tells which orders could not be taken in, and tries them again', async () => {
    world = await pages()
    const broken = world.shop.addOrder({ status: 'P', raw: { total: '<script>' } })
    await world.import()
    const page = await world.merchant.get('/import')
    expect(page.text).toContain('取り込めていない注文が 1件あります')
    expect(page.text).toContain(`注文 ${broken.id}: CS-Cartのデータの形が想定と違います。（HTTP 200 / 項目 total）`)
    world.shop.editOrder(broken.id, { raw: {} })

    await world.merchant.post(`/import/${world.shopId}/failures`)
    await ended()

    expect((await world.merchant.get('/import')).text).not.toContain('取り込めていない注文')
    expect(world.numbers()).toEqual([broken.id])
    const nothing = await world.merchant.submit(`/import/${world.shopId}/failures`)
    expect(nothing.text).toContain('取り込めていない注文はもうない')
  })

  it('tries them again by the rules of the shop: what is unpaid or behind the fence by now stays out', async () => {
    world = await pages()
    const raw = { total: 'たくさん' }
    const unpaid = world.shop.addOrder({ status: 'P', raw })
    const old = world.shop.addOrder({ status: 'P', raw, timestamp: world.ago(3 * DAY) })
    const ours = world.shop.addOrder({ status: 'P', raw })
    await world.import()
    expect((await world.merchant.get('/import')).text).toContain('取り込めていない注文が 3件あります')
    for (const { id } of [unpaid, old, ours]) world.shop.editOrder(id, { raw: {} })
    world.shop.setStatus(unpaid.id, 'N')
    world.db.$client.prepare('update shops set fence_at = ?').run(world.ago(DAY).getTime())

    await world.merchant.post(`/import/${world.shopId}/failures`)
    await ended()

    expect(world.numbers()).toEqual([ours.id])
    const run = world.services.runs.latest(world.shopId, 'import')
    if (!run) throw new Error('no run')
    expect(world.services.imports.failures(world.shopId)).toEqual([])
    expect(world.items(run).map(({ csCartOrderId, outcome }) => [csCartOrderId, outcome])).toEqual(
      expect.arrayContaining([
        [unpaid.id, 'skipped'],
        [old.id, 'skipped'],
        [ours.id, 'created'],
      ]),
    )
  })
})

describe('before the first import', () => {
  it('what would come in is counted by status and day, without a single detail', async () => {
    world = await pages()
    for (const [days, status] of [
      [0, 'P'],
      [0, 'O'],
      [1, 'P'],
      [9, 'P'],
      [0, 'C'],
    ] as const) {
      world.shop.addOrder({ status, timestamp: world.ago(days * DAY + MINUTE) })
    }
    const page = await world.merchant.get('/import')
    expect(page.html).toContain(`hx-get="/import/${world.shopId}/preview"`)
    const preview = await world.merchant.part(`/import/${world.shopId}/preview`)

    expect(preview.text).toContain('最近7日分の 3件 が入ります。')
    expect(preview.rows()).toEqual([
      ['受注日', '支払い確認済み(P)', '注文受付(O)', '合計'],
      ['2026/11/24', '1', '1', '2'],
      ['2026/11/23', '1', '0', '1'],
      ['合計', '2', '1', '3'],
    ])
    expect(world.shop.ledger.of('orders.get')).toEqual([])
    expect((await world.merchant.get(page.links().get('取り込まれる注文の件数を見る') ?? '')).title).toContain(
      '初めての取込の前に',
    )
  })

  it('「この日時より後の注文だけ」 stands for good, for button, 取得日 and late orders', async () => {
    world = await pages()
    const before = world.shop.addOrder({ status: 'P', timestamp: new Date('2026-11-23T11:59:59+09:00') })
    const after = world.shop.addOrder({ status: 'P', timestamp: new Date('2026-11-23T12:00:00+09:00') })
    const fence = `/import/${world.shopId}/fence`
    expect((await world.merchant.post(fence, { fence: 'いつか' })).field('この日時より後の注文だけ')).toMatchObject({
      invalid: true,
      value: 'いつか',
    })
    const strange = await world.merchant.post(fence, { fence: '2026/02/30 12:00:00' })
    expect(strange.field('この日時より後の注文だけ').error).toContain('2026/02/30 12:00:00 は実在しません')
    // A run that is at work has taken its fence already.
    const start = { shopId: world.shopId, kind: 'import', trigger: 'manual' } as const
    const working = world.services.runs.claim(start, world.clock.now().getTime())
    const late = await world.merchant.post(fence, { fence: '2026/11/23 12:00:00' })
    expect([late.status, late.text.includes('取込の実行中は')]).toEqual([409, true])
    expect(world.ourShop().fenceAt).toBeNull()
    if (working.claimed) world.services.runs.finish(working.run.id, { how: 'cancelled' }, world.clock.now().getTime())
    const set = await world.merchant.submit(fence, { fence: '2026/11/23 12:00:00' })
    expect(set.text).toContain('この日時より後の注文だけを取り込みます: 2026/11/23 12:00:00')
    expect((await world.merchant.part(`/import/${world.shopId}/preview`)).text).toContain('ほかに 1件 は')

    await world.import()
    world.shop.setStatus(before.id, 'O')
    world.clock.advance(MINUTE)
    await world.import()
    await world.import({ mode: 'period', from: world.ago(3 * DAY).getTime(), to: world.clock.now().getTime() })

    expect(world.numbers()).toEqual([after.id])
    const page = await world.merchant.get('/import')
    expect(page.labels()).not.toContain('この日時より後の注文だけ')
    expect(page.text).toContain('この日時より後の注文だけを取り込みます: 2026/11/23 12:00:00')
    expect((await world.merchant.post(fence, { fence: '' })).status).toBe(409)
    await world.import({ mode: 'ids', ids: [before.id], force: true })
    expect(world.numbers()).toContain(before.id)
  })

  it('a shop that does not answer is named with what to do', async () => {
    world = await pages()
    world.shop.faults.add({ kind: 'unauthorized', on: 'orders.list' })
    const preview = await world.merchant.part(`/import/${world.shopId}/preview`)
    expect(preview.text).toContain('メールアドレスまたはAPIキーが正しくない')
  })
})

describe('「この注文が来ない」', () => {
  const ask = (number: number | string) => world.merchant.get(`/import/${world.shopId}/missing?number=${number}`)

  it('says why, for each reason, and imports it all the same', async () => {
    world = await pages()
    const place = (draft: Parameters<typeof world.shop.addOrder>[0]) => world.shop.addOrder(draft).id
    const here = place({ status: 'P' })
    const waiting = place({ status: 'O', timestamp: world.ago(20 * DAY) })
    world.services.shops.remember(world.shopId, { fenceAt: world.ago(30 * DAY).getTime() })
    await world.import()
    const other = place({ status: 'C' })
    const behind = place({ status: 'P', timestamp: world.ago(40 * DAY), updatedAt: world.ago(40 * DAY) })
    const parent = place({ status: 'P', isParent: true })
    const next = place({ status: 'P' })

    const already = await ask(here)
    expect(already.text).toContain(`注文 ${here} はすでに取り込まれています。`)
    expect(already.links().get('この受注を開く')).toBe(`/orders/${world.stored(here)?.id}`)
    expect(already.text).not.toContain('それでも取り込む')
    expect((await ask(other)).text).toContain(
      '配送済み(C) は「CS-CART取得ステータス」（注文受付(O)、支払い確認済み(P)）に入っていません。',
    )
    expect((await ask(behind)).text).toContain('「この日時より後の注文だけ」')
    expect((await ask(waiting)).text).toContain('「受注を取得する日数」（7日）より前の注文です。')
    expect((await ask(parent)).text).toContain('親注文')
    expect((await ask(next)).text).toContain('「CS-CART API取込」を押すと取り込まれます（自動取得はオフです）。')
    expect((await ask(99_999)).text).toContain('CS-Cartに注文 99999 がありません。')
    world.shop.setPrivileges([])
    expect((await ask(other)).text).toContain('このAPIキーでは注文を見られないため、分かりません。')
    world.shop.setPrivileges('all')
    expect((await ask('abc')).field('CS-Cartの注文番号')).toMatchObject({ invalid: true, value: 'abc' })
    expect((await ask(encodeURIComponent('#１００'))).text).toContain('CS-Cartに注文 100 がありません。')

    for (const id of [other, behind, waiting]) {
      expect((await ask(id)).text).toContain('それでも取り込む')
      await world.merchant.post(`/import/${world.shopId}/orders`, { numbers: String(id) })
      await ended()
      expect(world.stored(id)).toBeDefined()
    }
  })

  it('an older shop says of an order that waited before the first import that it comes when it moves', async () => {
    world = await pages({ profile: 'jp410' })
    world.shop.addOrder({ status: 'P' })
    const waiting = world.shop.addOrder({ status: 'O', timestamp: world.ago(20 * DAY) })
    await world.import()
    expect((await ask(waiting.id)).text).toContain('ステータスが変わると取り込まれます。')
  })
})

describe('「突き合わせ」', () => {
  it('shows missing, extra and different orders, and takes the missing ones in', async () => {
    world = await pages()
    const removed = world.shop.addOrder({ status: 'P', timestamp: world.ago(3 * DAY) })
    const changed = world.shop.addOrder({ status: 'P', timestamp: world.ago(2 * DAY), total: 1000 })
    world.shop.addOrder({ status: 'P', timestamp: world.ago(DAY) })
    await world.import()
    world.shop.removeOrder(removed.id)
    world.shop.editOrder(changed.id, { total: 2500 })
    const missing = world.shop.addOrder({ status: 'P', timestamp: world.ago(2 * DAY) })
    world.shop.addOrder({ status: 'C', timestamp: world.ago(2 * DAY) })
    const compare = () =>
      world.merchant.get(`/import/${world.shopId}/compare?from=2026/11/20%2000:00:00&to=2026/11/24%2000:00:00`)

    const page = await compare()
    expect(page.text).toContain('ショップに 4件、ここに 3件。 不足 1件・余分 1件・違い 1件')
    expect(page.rows(0)[1]?.[0]).toBe(String(missing.id))
    expect(page.rows(1)[1]).toEqual([
      String(changed.id),
      expect.any(String),
      '支払い確認済み(P)・2,500円',
      '支払い確認済み(P)・1,000円',
    ])
    expect(page.rows(2)[1]?.[0]).toBe(String(removed.id))
    expect(page.text).toContain('CS-Cartの管理画面で注文番号を探し、なければ出荷を止めて')
    expect(page.text).toContain('1件 は、「CS-CART取得ステータス」に入っていないため')
    expect(page.html).toMatch(/<button[^>]*>不足分を取り込む<\/button>/)

    await world.merchant.post(`/import/${world.shopId}/orders`, { numbers: String(missing.id) })
    await ended()
    world.clock.advance(MINUTE)
    await world.import()
    const after = await compare()
    expect(after.text).toContain('不足 0件・余分 1件・違い 0件')
    expect(after.text).toContain('CS-Cart側でキャンセル・なくなった印あり')
  })

  it('a period that is none is refused beside its field', async () => {
    world = await pages()
    const page = await world.merchant.get(`/import/${world.shopId}/compare?from=x&to=2026/11/24%2000:00:00`)
    expect(page.status).toBe(422)
    expect(page.field('突き合わせ（開始）')).toMatchObject({ invalid: true, value: 'x' })
  })
})
