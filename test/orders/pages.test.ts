import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ImportedOrder } from '../../src/orders/order.ts'
import { START, type TestApp, testApp } from '../support/app.ts'
import { decode, tags } from '../support/html.ts'
import { address, imported, line, STATUS } from './factory.ts'

let t: TestApp
beforeEach(async () => {
  t = await testApp()
  t.connectShop({ url: 'http://127.0.0.1:9', email: 'api@example.jp', apiKey: 'key' })
})
afterEach(() => t.close())

const save = (order: ImportedOrder, at = START) =>
  t.services.orders.saveImported(order, { runId: null, at, landingStatusId: STATUS.new }).orderId
const add = (csCartOrderId: number, over: Partial<ImportedOrder> = {}) => save(imported(csCartOrderId, over))
const stored = (id: number) => t.services.orders.find(id)
/** The fields of one row as the page shows them, to be sent back with what was typed. */
const rowFields = (html: string, id: number, typed: Record<string, string>) => {
  const own = tags(html, 'input').filter(({ attributes }) => attributes.form === `row-${id}`)
  const form = html.slice(html.indexOf(`id="row-${id}"`))
  const hidden = tags(form.slice(0, form.indexOf('</form>')), 'input')
  const fields = [...own, ...hidden].map(({ attributes }) => [attributes.name ?? '', attributes.value ?? ''])
  const order = stored(id)
  return { ...Object.fromEntries(fields), statusId: String(order?.statusId), carrier: order?.carrier ?? '', ...typed }
}

describe('受注一覧', () => {
  test('it shows the tabs with counts and a row with everything that the day needs', async () => {
    add(1001)
    const page = await t.staff.get('/orders')
    expect(page.status).toBe(200)
    expect(page.title).toContain('受注一覧')
    expect([...page.links().keys()]).toEqual(
      expect.arrayContaining(['すべて 1', '新規受付 1', '処理済み 0', '要確認 0', '1001']),
    )
    expect(page.rows()[1]?.join('|')).toMatch(
      /1001\|2026\/11\/24 08:16:41\|山田 太郎\|東京都\|深むし茶 100g × 2 他1点\|3,192円\|.*未 出荷日なし\|注文受付\|保存/,
    )
    expect(page.field('検索').name).toBe('q')
    expect([...page.links().keys()]).toContain('受注一覧')
  })

  test('an empty list says what to do, a search without a hit too', async () => {
    expect((await t.staff.get('/orders')).text).toContain('データ取込')
    expect((await t.staff.get('/orders?q=none')).text).toContain('条件に合う受注はありません')
  })

  test('without JavaScript a row is a form: it is saved, said, and the list is where it was', async () => {
    const id = add(1001)
    const list = await t.staff.get('/orders?tab=1&q=1001')
    const typed = { shipDate: '11/24', trackingNumber: '１２３４-５６７８-９０１９', carrier: 'yamato', statusId: '4' }
    const answer = await t.staff.post(`/orders/${id}/row`, rowFields(list.html, id, typed))
    expect([answer.status, answer.location]).toEqual([303, `/orders?tab=1&q=1001#order-${id}`])
    expect(stored(id)).toMatchObject({
      shipDate: '2026-11-24',
      trackingNumber: '123456789019',
      carrier: 'yamato',
      statusId: 4,
    })
    const next = await t.staff.get('/orders?tab=4')
    expect(next.text).toContain('受注 1001 を保存しました。')
    expect(next.text).toContain('チェック桁が違います')
  })

  test('with htmx only the row comes back, saved', async () => {
    const id = add(1001)
    const list = await t.staff.get('/orders')
    const answer = await t.staff.post(`/orders/${id}/row`, rowFields(list.html, id, { shipDate: '20261125' }), {
      'hx-request-type': 'partial',
    })
    expect(answer.status).toBe(200)
    expect(answer.html.trim()).toMatch(/^<tbody id="order-1"/)
    expect(answer.html).not.toContain('<html')
    expect(answer.field('出荷日').value).toBe('2026/11/25')
    expect(answer.text).toContain('伝票番号なし')
  })

  test.each([
    ['shipDate', '出荷日', '2/30', '実在する日付'],
    ['trackingNumber', 'お荷物伝票番号', '12★4', '使えない文字'],
    ['carrier', '配送業者', 'nobody', '一覧から'],
    ['statusId', '受注ステータス', '99', '一覧から'],
  ])(
    'a wrong %s is refused beside its box, what was typed stays, nothing is stored',
    async (name, label, typed, message) => {
      const id = add(1001)
      const list = await t.staff.get('/orders')
      for (const headers of [undefined, { 'hx-request-type': 'partial' }]) {
        const answer = await t.staff.post(`/orders/${id}/row`, rowFields(list.html, id, { [name]: typed }), headers)
        expect(answer.status).toBe(422)
        const row = answer.html.slice(answer.html.indexOf('<tbody'))
        const box = [...tags(row, 'input'), ...tags(row, 'select')].find(
          ({ attributes }) => attributes['aria-label'] === label,
        )?.attributes
        expect(box).toMatchObject({ 'aria-invalid': 'true', 'aria-describedby': `row-${id}-${name}-error` })
        if (box?.value !== undefined) expect(box.value).toBe(typed)
        expect(answer.text).toContain(message)
      }
      expect(stored(id)?.version).toBe(1)
    },
  )

  test('without JavaScript a refused row is said at the top of the list, with a way to the row', async () => {
    const id = add(1001)
    const before = await t.staff.get('/orders')
    const refused = await t.staff.post(`/orders/${id}/row`, rowFields(before.html, id, { shipDate: '2/30' }))
    const top = refused.html.slice(0, refused.html.indexOf('<tbody'))
    expect(top).toContain('受注 1001 は保存していません')
    expect(refused.links().get('受注 1001 の行へ')).toBe(`#order-${id}`)
    expect((await t.staff.get('/orders')).text).not.toContain('保存していません')

    const theirs = await t.merchant.get('/orders')
    await t.merchant.post(`/orders/${id}/row`, rowFields(theirs.html, id, { trackingNumber: '111111111111' }))
    const conflict = await t.staff.post(`/orders/${id}/row`, rowFields(before.html, id, { trackingNumber: '2222' }))
    expect(conflict.status).toBe(409)
    expect(conflict.text).toContain('受注 1001 は保存していません。別の画面で先に保存されています。')
  })

  test('a warning is about the number that stands in the box', async () => {
    const id = add(1001)
    const mine = await t.staff.get('/orders')
    t.services.orders.update(
      id,
      1,
      { carrier: 'yamato', trackingNumber: '123456789019' },
      { accountId: null, at: START },
    )
    const right = rowFields(mine.html, id, { trackingNumber: '123456789010', carrier: 'yamato' })
    const conflict = await t.staff.post(`/orders/${id}/row`, right)
    expect([conflict.status, conflict.field('お荷物伝票番号').value]).toEqual([409, '123456789010'])
    expect(conflict.text).not.toContain('チェック桁が違います（123456789019）')

    const list = await t.staff.get('/orders')
    const typed = { trackingNumber: '４９１２', carrier: 'yamato', shipDate: '2/30' }
    for (const path of [`/orders/${id}/row`, `/orders/${id}`]) {
      const refused = await t.staff.post(path, rowFields(list.html, id, typed))
      expect(refused.status).toBe(422)
      expect(refused.text).toContain('桁数が違います（4912 は4桁、ヤマト運輸は12桁）')
    }
  })

  test('an order that CS-Cart has no more says so, and not to set its status back there', async () => {
    const id = add(1001, { csCartStatus: 'P' })
    t.services.orders.markGone(id, { runId: null, at: START })
    const list = await t.staff.get('/orders')
    expect(list.text).toContain('1001 CS-Cartから削除')
    expect(list.text).toContain('なし（最後は支払い確認済み）')
    const page = await t.staff.get(`/orders/${id}`)
    for (const shown of [list, page]) {
      expect(shown.text).not.toContain('ステータスを戻して')
      expect(shown.text).not.toContain('CS-Cart側でキャンセルされ')
    }
    expect(page.text).toContain('出荷を止めてください。')
    expect(page.text).toContain('CS-Cartで注文を作り直してから取り込んでください')
    expect(page.text).toContain('CS-CARTステータス なし（最後は支払い確認済み）')

    save(imported(1001, { csCartStatus: 'I' }), START + 1)
    const cancelled = await t.staff.get(`/orders/${id}`)
    expect(cancelled.text).toContain('ステータスを戻して')
    expect(cancelled.text).not.toContain('CS-Cartから削除')
  })

  test('somebody saved in between: nothing is overwritten, both values are shown, a second save is a decision', async () => {
    const id = add(1001)
    const mine = await t.staff.get('/orders')
    const theirs = await t.merchant.get('/orders')
    await t.merchant.post(
      `/orders/${id}/row`,
      rowFields(theirs.html, id, { trackingNumber: '111111111111', shipDate: '11/20' }),
    )
    const conflict = await t.staff.post(
      `/orders/${id}/row`,
      rowFields(mine.html, id, { trackingNumber: '222222222222' }),
    )
    expect(conflict.status).toBe(409)
    expect(conflict.text).toContain('別の画面で先に保存されたため')
    expect(conflict.text).toContain('お荷物伝票番号：今の値 111111111111 、入力した値 222222222222')
    expect(conflict.text).toContain('出荷日：今の値 2026/11/20')
    expect(conflict.field('お荷物伝票番号').value).toBe('222222222222')
    expect(conflict.field('出荷日').value).toBe('2026/11/20')
    expect(stored(id)).toMatchObject({ trackingNumber: '111111111111', shipDate: '2026-11-20', version: 2 })
    const fields = rowFields(conflict.html, id, {})
    expect((await t.staff.post(`/orders/${id}/row`, fields)).status).toBe(303)
    expect(stored(id)).toMatchObject({ trackingNumber: '222222222222', shipDate: '2026-11-20', version: 3 })
  })

  test('two who typed the same have nothing to decide', async () => {
    const id = add(1001)
    const list = await t.staff.get('/orders')
    const fields = rowFields(list.html, id, { shipDate: '11/24' })
    for (let time = 0; time < 2; time++) expect((await t.staff.post(`/orders/${id}/row`, fields)).status).toBe(303)
    expect(stored(id)?.version).toBe(2)
  })

  test('cancelled in CS-Cart is loud in the row, and the shop is named when there are several', async () => {
    t.connectShop({ url: 'http://127.0.0.1:9', email: 'api@example.jp', apiKey: 'key' }, { name: '二号店' })
    add(1001)
    save(imported(1001, { csCartStatus: 'I' }))
    const page = await t.staff.get('/orders?tab=attention')
    expect(page.rows()[1]?.[0]).toContain('CS-Cart側でキャンセル')
    expect(page.rows()[1]?.join()).toContain('対象外 CS-Cart側でキャンセル')
    expect(page.rows()[1]?.join()).toContain('うつわ工房')
    expect(page.field('店舗').name).toBe('shop')
  })

  test('次へ and 前へ keep the filter', async () => {
    for (let id = 1; id <= 60; id++) add(id)
    const first = await t.staff.get('/orders?carrier=none')
    expect(first.rows().filter((row) => row.length > 5)).toHaveLength(51)
    const second = await t.staff.get(first.links().get('次へ') ?? '')
    expect(second.rows().filter((row) => row.length > 5)).toHaveLength(11)
    expect(second.field('配送業者').value).toBe('none')
    const back = await t.staff.get(second.links().get('前へ') ?? '')
    expect(back.rows()[1]?.[0]).toBe(first.rows()[1]?.[0])
  })

  test('a wrong day stays in its box, and is asked for as every other page asks', async () => {
    const page = await t.staff.get('/orders?from=2026/2/30&to=2026/11/24')
    expect(page.status).toBe(422)
    expect(page.field('期間（から）')).toMatchObject({
      value: '2026/2/30',
      invalid: true,
      error: '日付を 2026/11/24 の形で入力してください。',
      attributes: { type: 'text' },
    })
    expect(page.field('期間（まで）')).toMatchObject({
      value: '2026-11-24',
      invalid: false,
      attributes: { type: 'date' },
    })
  })

  test('a day too far out to count on from is refused at its field', async () => {
    for (const [query, label] of [
      ['to=9999-12-31', '期間（まで）'],
      ['from=0000-01-01', '期間（から）'],
    ] as const) {
      const page = await t.staff.get(`/orders?${query}`)
      expect([page.status, page.field(label).invalid]).toEqual([422, true])
    }
  })

  test('an order that is not there is said in words', async () => {
    expect((await t.staff.post('/orders/99/row', { version: 1 })).status).toBe(404)
    expect((await t.staff.get('/orders/99')).text).toContain('その受注はありません')
    expect((await t.staff.get('/orders/abc')).status).toBe(404)
  })
})

describe("one order's page", () => {
  test('it shows everything known of the order', async () => {
    const id = add(1001, {
      customerNotes: '贈り物です',
      staffNotes: '常連',
      discountCents: 10_000,
      surchargeCents: 33_000,
    })
    const page = await t.staff.get(`/orders/${id}`)
    for (const words of [
      '受注 1001',
      '深むし茶 100g',
      '包装：のし付き',
      'TEA-100',
      '1,296円',
      '値引き -100円',
      '手数料 330円',
      '送料 600円',
      '合計 3,192円',
      '丸の内1001-1',
      '100-0005',
      'ヤマダ タロウ',
      '03-1234-5678',
      '銀行振込',
      '宅急便',
      '2026年11月28日(土)',
      '午前中',
      '贈り物です',
      '常連',
      '注文受付（O）',
      '書出状態 未 出荷日なし',
      '取り込みました',
    ]) {
      expect(page.text).toContain(words)
    }
  })

  test('staff edit it, memo too, and 履歴 says who did what', async () => {
    const id = add(1001)
    await t.staff.get(`/orders/${id}`)
    const fields = {
      version: 1,
      memo: '玄関前\r\nへ',
      shipDate: '明日',
      carrier: 'sagawa',
      trackingNumber: '',
      statusId: 3,
    }
    const answer = await t.staff.submit(`/orders/${id}`, fields)
    expect(answer.text).toContain('保存しました。')
    expect(answer.field('メモ').value).toBe('玄関前\nへ')
    expect(answer.text).toContain('staff@example.jp 変更しました')
    expect(answer.text).toContain('出荷日：（空） → 2026/11/25')
    expect(answer.text).toContain('受注ステータス：新規受付 → 発送準備中')
    const again = await t.staff.post(`/orders/${id}`, { ...fields, version: 2 })
    expect(again.status).toBe(303)
    expect(stored(id)?.version).toBe(2)
  })

  test('a refused and an overtaken form keep what was typed', async () => {
    const id = add(1001)
    const refused = await t.staff.post(`/orders/${id}`, { version: 1, shipDate: 'いつか', memo: 'keep me' })
    expect(refused.status).toBe(422)
    expect(refused.field('出荷日')).toMatchObject({
      value: 'いつか',
      invalid: true,
      error: expect.stringContaining('11/24'),
    })
    expect(refused.field('メモ').value).toBe('keep me')
    t.services.orders.update(id, 1, { memo: 'theirs' }, { accountId: null, at: START })
    const overtaken = await t.staff.post(`/orders/${id}`, { version: 1, memo: 'mine', shown: '{"memo":""}' })
    expect(overtaken.status).toBe(409)
    expect(overtaken.text).toContain('メモ：今の値 theirs 、入力した値 mine')
    expect(overtaken.field('メモ').value).toBe('mine')
    expect(stored(id)?.memo).toBe('theirs')
  })

  test.each([
    ['page', ''],
    ['row', '/row'],
  ])('a form of the %s that is corrected after a refusal meets what somebody else saved meanwhile', async (_, path) => {
    const id = add(1001)
    const hidden = (html: string, name: string) =>
      decode(new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '')
    const first = (await t.staff.get(path === '' ? `/orders/${id}` : '/orders')).html
    const opened = { version: hidden(first, 'version'), shown: hidden(first, 'shown') }
    t.services.orders.update(id, 1, { shipDate: '2026-11-25' }, { accountId: null, at: START })
    const refused = await t.staff.post(`/orders/${id}${path}`, { ...opened, shipDate: '2/30' })
    expect(refused.status).toBe(422)

    const again = { version: hidden(refused.html, 'version'), shown: hidden(refused.html, 'shown') }
    const corrected = await t.staff.post(`/orders/${id}${path}`, { ...again, shipDate: '11/27' })
    expect(corrected.status).toBe(409)
    expect(corrected.text).toContain('2026/11/25')
    expect(stored(id)?.shipDate).toBe('2026-11-25')
    const decided = { version: hidden(corrected.html, 'version'), shown: hidden(corrected.html, 'shown') }
    await t.staff.post(`/orders/${id}${path}`, { ...decided, shipDate: '11/27' })
    expect(stored(id)?.shipDate).toBe('2026-11-27')
  })

  test('what CS-Cart changed is shown until 「確認した」, a cancellation says what to do', async () => {
    const id = add(1001)
    save(imported(1001, { totalCents: 100_000 }))
    const page = await t.staff.get(`/orders/${id}`)
    expect(page.text).toContain('合計：3,192円 → 1,000円')
    expect(page.text).toContain('確認した')
    const shownBy = ({ html }: { html: string }) => ({ shown: /name="shown" value="([^"]+)"/.exec(html)?.[1] ?? '' })
    // An import comes between the look and the button: what it brought was not seen.
    save(imported(1001, { totalCents: 100_000, customerNotes: '玄関に置いてください' }))
    const overtaken = await t.staff.submit(`/orders/${id}/seen`, shownBy(page))
    expect(overtaken.text).toContain('CS-Cartでさらに変更がありました')
    expect(overtaken.text).toContain('要確認')
    // Nor what is no part of its content: the status, the shipped amounts.
    const moving = imported(1001, { totalCents: 100_000, customerNotes: '玄関に置いてください', csCartStatus: 'B' })
    save(moving, START + 60_000)
    const moved = await t.staff.submit(`/orders/${id}/seen`, shownBy(overtaken))
    expect(moved.text).toContain('CS-Cartでさらに変更がありました')
    const seen = await t.staff.submit(`/orders/${id}/seen`, shownBy(moved))
    expect(seen.text).not.toContain('要確認')
    expect(seen.text).toContain('staff@example.jp 確認しました')
    const [, staff] = t.services.accounts.list()
    t.services.accounts.remove(staff?.id ?? 0, START)
    expect((await t.merchant.get(`/orders/${id}`)).text).toContain('staff@example.jp（削除済み） 確認しました')
    save(imported(1001, { totalCents: 100_000, csCartStatus: 'D' }))
    const cancelled = await t.merchant.get(`/orders/${id}`)
    expect(cancelled.html).toMatch(/role="alert">[\s\S]*CS-Cart側でキャンセル/)
    expect(cancelled.text).toContain('出荷を止めてください')
    expect(cancelled.text).toContain('CS-CARTステータス：入荷待ち → 拒否')
  })

  test('parcels and the reason of a failed export are in words', async () => {
    const id = add(1001)
    t.db.$client.exec(`update shops set carrier_codes = '{"yamato":"KURONEKO"}'`)
    t.db.$client
      .prepare(`insert into parcels (order_id, group_key, state, tracking_number, carrier_code, comment, lines, run_id, reason,
        created_at, updated_at) values (?, 0, 'failed', '1234', 'KURONEKO', '他の伝票番号: 5678', '{}', 7, 'timeout', 0, 0)`)
      .run(id)
    t.services.orders.setExport(id, { state: 'error', reason: 'timeout' }, { runId: 7, at: START })
    const page = await t.staff.get(`/orders/${id}`)
    expect(page.text).toContain('エラー ショップが時間内に応答しませんでした。')
    expect(page.text).toContain('書出に失敗しました')
    expect(page.text).toContain('ヤマト運輸 1234 他の伝票番号: 5678')
    expect(page.text).toContain('CS-Cartでの出荷済み数（取込時点）')
    expect(page.links().get('実行 7')).toBe('/runs/7')
  })

  test('a refused correction is told in one way: by its state, its parcel and its history', async () => {
    const id = add(1001)
    t.services.orders.update(
      id,
      1,
      { shipDate: '2026-11-24', carrier: 'yamato', trackingNumber: '123456789010', statusId: STATUS.processed },
      { accountId: null, at: START },
    )
    t.services.orders.setExport(id, { state: 'sent', exportedAs: '?' }, { runId: 7, at: START })
    t.db.$client
      .prepare(`insert into parcels (order_id, group_key, state, tracking_number, carrier_code, comment, lines, shipment_id, run_id, reason,
        created_at, updated_at) values (?, 0, 'failed', '123456789010', 'yamato', '', '{}', 5, 7, 'rejected', 0, 0)`)
      .run(id)
    const result = { state: 'error', reason: 'cannot_update_shipment', exportedAs: 'yamato|1', attempts: 1 } as const
    t.services.orders.setExport(id, result, { runId: 7, at: START })
    const page = await t.staff.get(`/orders/${id}`)
    expect(page.text).toContain('CS-Cartへの書き込みを始めました')
    expect(page.text).not.toContain('書き出しました')
    expect(page.text).not.toContain('CS-Cartが内容を受け付けませんでした')
    expect(page.text).toContain('書き込もうとした番号です。CS-Cartにあるとは限りません。')
    // The clock does not try it again at all.
    expect(page.text).not.toContain('回続けて失敗')
    t.services.orders.setExport(id, { state: 'error', reason: 'timeout', attempts: 2 }, { runId: 8, at: START })
    expect((await t.staff.get(`/orders/${id}`)).text).toContain('2回続けて失敗（自動書き出しが試すのは5回まで）')
  })

  test("CS-Cart's own answer is for 管理者 only", async () => {
    const id = add(1001, { raw: '{"secret_field":"<b>raw</b>"}' })
    expect((await t.staff.get(`/orders/${id}`)).links().get('CS-Cartから受け取った元のデータを見る')).toBeUndefined()
    expect((await t.staff.get(`/orders/${id}/answer`)).status).toBe(403)
    const page = await t.merchant.get(`/orders/${id}`)
    const answer = await t.merchant.get(page.links().get('CS-Cartから受け取った元のデータを見る') ?? '')
    expect(answer.text).toContain('"secret_field": "<b>raw</b>"')
    expect(answer.html).not.toContain('<b>raw')
    expect((await t.merchant.get('/orders/999/answer')).status).toBe(404)
    t.db.$client.prepare('delete from order_payloads where order_id = ?').run(id)
    expect((await t.merchant.get(`/orders/${id}/answer`)).text).toContain('元のデータは保存されていません')
  })
})

test('every text of an order is shown as text: markup, quotes, line breaks and emoji, in list, page, history and forms', async () => {
  const evil = (name: string) => `<script>alert('${name}')</script>"'><img src=x onerror=y>&amp;\n😀${name}`
  const texts = (round: number) => ({
    buyerName: evil(`name${round}`),
    buyerKana: evil('kana'),
    company: evil('company'),
    email: evil('mail'),
    phone: evil('phone'),
    paymentMethod: evil('payment'),
    shippingMethod: evil('method'),
    deliveryDate: evil('date'),
    deliverySlot: evil('slot'),
    customerNotes: evil(`notes${round}`),
    staffNotes: evil('staff'),
    csCartStatus: round === 1 ? '<' : '"',
    billing: Object.fromEntries(Object.keys(address()).map((key) => [key, evil(`b-${key}`)])) as ReturnType<
      typeof address
    >,
    shipping: Object.fromEntries(Object.keys(address()).map((key) => [key, evil(`s-${key}${round}`)])) as ReturnType<
      typeof address
    >,
    taxes: [{ name: evil('tax'), rate: evil('rate'), included: true, cents: 1 }],
    lines: [
      line({ name: evil('product'), productCode: evil('code'), options: [{ name: evil('o'), value: evil('v') }] }),
    ],
    raw: JSON.stringify({ a: evil('raw') }),
  })
  const id = add(1001, texts(1))
  save(imported(1001, texts(2)))
  t.services.orders.update(id, 1, { memo: evil('memo') }, { accountId: null, at: START })
  const status = t.db.$client.prepare('update order_statuses set name = ? where id = 1')
  status.run(evil('status'))
  const pages = [
    await t.merchant.get('/orders'),
    await t.merchant.get(`/orders?q=${encodeURIComponent(evil('q'))}`),
    await t.merchant.get(`/orders/${id}`),
    await t.merchant.get('/orders/statuses'),
    await t.merchant.get(`/orders/${id}/answer`),
    await t.merchant.post(`/orders/${id}`, {
      version: 2,
      trackingNumber: evil('number'),
      shipDate: evil('day'),
      memo: evil('m2'),
    }),
    await t.merchant.post(`/orders/${id}/row`, {
      version: 1,
      trackingNumber: '12345',
      shown: '{}',
      back: evil('back'),
    }),
  ]
  for (const page of pages) {
    expect(page.html).not.toMatch(/<script>alert|<img src=x/)
    expect(page.html).not.toMatch(/\sonerror=y(?![^<]*&gt;)/)
  }
  const [list, , order, , answer] = pages
  expect(list?.text).toContain("<script>alert('name2')</script>")
  expect(list?.text).toContain('😀product')
  for (const part of ['name2', 's-kana2', 'b-address1', 'notes2', 'code', 'tax'])
    expect(order?.text).toContain(`😀${part}`)
  expect(answer?.text).toContain('😀raw')
  expect(order?.text).toContain('😀notes1')
  expect(order?.field('メモ').value).toBe(evil('memo'))
  expect(decode(order?.html ?? '')).toContain('😀v')
})
