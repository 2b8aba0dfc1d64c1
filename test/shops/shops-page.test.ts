import { afterEach, beforeEach, expect, test } from 'vitest'
import { sealer } from '../../src/db/seal.ts'
import { mailTruth, mailWord } from '../../src/shops/mails.ts'
import { imported } from '../orders/factory.ts'
import { START, type TestApp, testApp } from '../support/app.ts'

const KEY = 'SECRETKEYabcdefghijklmnop0123456'
const filled = {
  name: '本店',
  url: 'https://shop.example/sub/admin.php?dispatch=orders.manage',
  email: 'api@example.jp',
  apiKey: KEY,
  landingStatusId: '2',
  fetchStatuses: ['O', 'P'],
  fetchDays: '30',
  autoImport: true,
  autoImportMinutes: '30',
  exportScope: 'all_active',
  notifyCustomer: 'yes',
  dryRun: true,
  nameOrder: 'family_first',
  requestsAtOnce: '1',
}

let t: TestApp
beforeEach(async () => {
  t = await testApp()
})
afterEach(() => t.close())

const stored = () => t.services.shops.list()
const shopOf = (values: Parameters<TestApp['connectShop']>[1] = {}) =>
  t.connectShop({ url: 'https://shop.example', email: 'api@example.jp', apiKey: KEY }, values)

test('without a shop the list says how to begin', async () => {
  const page = await t.merchant.get('/shops')
  expect(page.status).toBe(200)
  expect(page.text).toContain('出店中のモール一覧')
  expect(page.text).toContain('CS-Cart')
  expect(page.links().get('店舗を追加')).toBe('/shops/new')
  expect((await t.merchant.get('/')).links().get('モール詳細設定')).toBe('/shops')
})

test('a new shop has every field of 「CS-CART API連携設定」 with its default', async () => {
  const page = await t.merchant.get('/shops/new')
  expect(page.text).toContain('CS-CART API連携設定')
  for (const label of ['店舗名', 'URL', 'メールアドレス', 'APIキー']) expect(page.field(label).value).toBe('')
  expect(page.html).toMatch(/<option value="1" selected>新規受付<\/option>/)
  expect(page.field('注文受付(O)').checked).toBe(true)
  expect(page.field('入荷待ち(B)').checked).toBe(false)
  expect(page.field('支払い確認済み(P)').checked).toBe(true)
  expect(page.field('配送済み(C)').checked).toBe(false)
  expect(page.field('受注を取得する日数').value).toBe('7')
  expect(page.text).toContain('日分')
  expect(page.field('自動取得').checked).toBe(false)
  expect(page.field('取得の間隔').value).toBe('10')
  expect(page.text).toContain('5分 10分 15分 20分 30分 1時間 3時間 6時間 12時間 1日')
  expect(page.field('自動書き出し').checked).toBe(false)
  expect(page.field('【処理済み】のみ').checked).toBe(true)
  expect(page.field('【処理済み】以外も書き出す').checked).toBe(false)
  expect(page.field('送らない').checked).toBe(true)
  expect(page.field('試運転').checked).toBe(false)
  expect(page.field('連絡先の姓フリガナの項目番号').value).toBe('36')
  expect(page.field('お届け先の名フリガナの項目番号').value).toBe('41')
  expect(page.field('ヤマト運輸の運送会社コード').attributes.placeholder).toBe('yamato')
  expect(page.field('同時リクエスト数').value).toBe('2')
  for (const legend of [
    'CS-CART取得ステータス',
    '自動取得',
    '自動書き出し',
    'API書出',
    'お客様へのCS-Cart通知メール',
    '試運転',
    '姓名の並び',
  ])
    expect(page.html).toMatch(new RegExp(`<legend[^>]*>${legend}( <span[^>]*>必須</span>)?</legend>`))
  for (const button of ['接続テスト', '設定を保存して次へ進む']) expect(page.html).toContain(`>${button}</button>`)
  expect(page.html).toContain('<summary>APIキーの発行方法</summary>')
  for (const label of ['URL', 'メールアドレス', 'APIキー'])
    expect(page.field(label).attributes).toHaveProperty('required')
})

test('「設定を保存して次へ進む」 stores the shop and goes on to データ取込', async () => {
  await t.merchant.get('/shops/new')
  const answer = await t.merchant.post('/shops/new', filled)
  expect([answer.status, answer.location]).toEqual([303, '/import'])
  expect(stored()).toMatchObject([
    {
      name: '本店',
      baseUrl: 'https://shop.example/sub/',
      apiEmail: 'api@example.jp',
      hasApiKey: true,
      landingStatusId: 2,
      fetchStatuses: ['O', 'P'],
      fetchDays: 30,
      autoImport: true,
      autoImportMinutes: 30,
      autoExport: false,
      exportScope: 'all_active',
      notifyCustomer: true,
      dryRun: true,
      requestsAtOnce: 1,
      carrierCodes: { yamato: 'yamato', sagawa: 'sagawa' },
    },
  ])
  const list = await t.merchant.get('/shops')
  expect(list.text).toContain('https://shop.example/sub/ として保存しました')
  expect(list.rows()[1]?.join(' ')).toMatch(/本店 試運転.*未設定.*まだありません/)
  const page = await t.merchant.get(`/shops/${stored()[0]?.id}`)
  expect(page.field('URL').value).toBe('https://shop.example/sub/')
  expect(page.field('自動取得').checked).toBe(true)
})

test('the key is sealed on disk and comes back in no page; an empty box keeps it', async () => {
  const id = shopOf()
  const page = await t.merchant.get(`/shops/${id}`)
  expect(page.text).toContain('設定済み')
  expect(page.field('APIキー').value).toBe('')
  const before = t.services.shops.find(id)
  const answer = await t.merchant.post(`/shops/${id}`, { ...filled, url: 'https://shop.example/', apiKey: '' })
  expect(answer.status).toBe(303)
  expect(t.services.shops.connectionOf({ id }).apiKey).toBe(KEY)
  expect(t.services.shops.find(id)?.settingsSavedAt).toBeGreaterThan(before?.settingsSavedAt ?? 0)
  for (const path of ['/shops', `/shops/${id}`, '/import']) expect((await t.merchant.get(path)).html).not.toContain(KEY)
  expect(JSON.stringify(t.db.$client.prepare('select * from shops').all())).not.toContain(KEY)
})

test('a refused form keeps what was typed, names each fault beside its field and in a summary, and asks for the key again', async () => {
  await t.merchant.get('/shops/new')
  const page = await t.merchant.post('/shops/new', {
    ...filled,
    url: 'ftp://shop.example/',
    fetchDays: '366',
    fetchStatuses: ['B'],
  })
  expect(page.status).toBe(422)
  expect(stored()).toEqual([])
  expect(page.field('URL')).toMatchObject({ value: 'ftp://shop.example/', invalid: true })
  expect(page.field('URL').error).toMatch(/https:\/\//)
  expect(page.field('受注を取得する日数')).toMatchObject({ value: '366', invalid: true })
  expect(page.field('受注を取得する日数').error).toBe('1〜365 の整数で入力してください。')
  expect(page.field('店舗名').value).toBe('本店')
  expect(page.field('メールアドレス').value).toBe('api@example.jp')
  expect(page.field('入荷待ち(B)').checked).toBe(true)
  expect(page.field('注文受付(O)').checked).toBe(false)
  expect(page.field('試運転').checked).toBe(true)
  expect(page.html).toContain('role="alert"')
  expect(page.links().get('受注を取得する日数')).toBe('#fetchDays')
  expect(page.html).toContain('id="fetchDays"')
  expect(page.text).toContain('もう一度入力してください')
  expect(page.html).not.toContain(KEY)
})

test('a fault in the folded 詳細 opens it', async () => {
  await t.merchant.get('/shops/new')
  expect((await t.merchant.get('/shops/new')).html).not.toMatch(/<details class="card[^>]* open/)
  const page = await t.merchant.post('/shops/new', { ...filled, 'kana-billingGiven': '四十' })
  expect(page.html).toMatch(/<details class="card[^>]* open/)
  expect(page.field('請求先の名フリガナの項目番号').invalid).toBe(true)
})

test('a stored key is not sent to another host: it must be typed again', async () => {
  const id = shopOf()
  for (const path of [`/shops/${id}`, `/shops/${id}/test`]) {
    await t.merchant.get(`/shops/${id}`)
    const page = await t.merchant.post(path, { ...filled, url: 'https://attacker.example/', apiKey: '' })
    expect(page.status).toBe(422)
    expect(page.field('APIキー').error).toContain('保存済みのAPIキーは使えません')
  }
  expect(t.services.shops.find(id)?.baseUrl).toBe('https://shop.example/')
})

test('自動書き出し is disabled with the reason and a link, and a forged form cannot switch it on', async () => {
  const id = shopOf()
  const page = await t.merchant.get(`/shops/${id}`)
  expect(page.field('自動書き出し').attributes).toHaveProperty('disabled')
  expect(page.field('書き出しの間隔').attributes).toHaveProperty('disabled')
  expect(page.links().get('APIオプションを開く')).toBe('/contract')
  await t.merchant.post(`/shops/${id}`, {
    ...filled,
    url: 'https://shop.example/',
    autoExport: true,
    autoExportMinutes: '5',
  })
  expect(t.services.shops.find(id)).toMatchObject({ autoExport: false, autoExportMinutes: 10 })
  expect((await t.merchant.get('/shops')).text).toContain('「自動書き出し」はオンにしていません')
})

test('when the contract has ended, the stored wish stays visible', async () => {
  const id = shopOf({ autoExport: true, autoExportMinutes: 30 })
  const page = await t.merchant.get(`/shops/${id}`)
  expect(page.field('自動書き出し').checked).toBe(true)
  expect(page.field('自動書き出し').attributes).toHaveProperty('disabled')
  expect(page.field('書き出しの間隔').value).toBe('30')
  expect(page.text).toContain('契約が有効になるまで自動書き出しは行いません')
})

test('when the contract has ended, the stored wish can be given up', async () => {
  const id = shopOf({ autoExport: true, autoExportMinutes: 30 })
  expect((await t.merchant.get(`/shops/${id}`)).field('自動書き出しをオフにする').checked).toBe(false)
  await t.merchant.post(`/shops/${id}`, { ...filled, url: 'https://shop.example/', apiKey: '', autoExportOff: true })
  expect(t.services.shops.find(id)).toMatchObject({ autoExport: false, autoExportMinutes: 30 })
  expect((await t.merchant.get(`/shops/${id}`)).text).not.toContain('自動書き出しをオフにする')
})

test('while the contract is in force 自動書き出し can be switched on and off', async () => {
  const id = shopOf()
  t.services.contract.record({ startsOn: '2026-11-01', endsOn: '2026-11-30', contractNumber: 'A-1', note: '' }, null, 0)
  expect((await t.merchant.get(`/shops/${id}`)).field('自動書き出し').attributes).not.toHaveProperty('disabled')
  const form = { ...filled, url: 'https://shop.example/', apiKey: '', autoExportMinutes: '180' }
  await t.merchant.post(`/shops/${id}`, { ...form, autoExport: true })
  expect(t.services.shops.find(id)).toMatchObject({ autoExport: true, autoExportMinutes: 180 })
  await t.merchant.post(`/shops/${id}`, form)
  expect(t.services.shops.find(id)?.autoExport).toBe(false)
  t.clock.set('2026-12-01T00:00:00+09:00')
  await t.merchant.get('/shops')
  await t.merchant.post(`/shops/${id}`, { ...form, autoExport: true })
  expect(t.services.shops.find(id)?.autoExport).toBe(false)
})

test('担当者 see none of it', async () => {
  const id = shopOf()
  for (const path of ['/shops', '/shops/new', `/shops/${id}`]) expect((await t.staff.get(path)).status).toBe(403)
  for (const path of ['/shops/new', `/shops/${id}`, '/shops/new/test', `/shops/${id}/test`])
    expect((await t.staff.post(path, filled)).status).toBe(403)
  expect(t.services.shops.find(id)?.name).toBe('うつわ工房')
  expect((await t.staff.get('/')).links().has('モール詳細設定')).toBe(false)
})

test('a shop that is not there is 404 in words', async () => {
  for (const path of ['/shops/99', '/shops/x', '/shops/1e3']) {
    const page = await t.merchant.get(path)
    expect(page.status).toBe(404)
    expect(page.text).toContain('その店舗はありません')
  }
})

test('markup in names is shown as text', async () => {
  const evil = `"><script>alert(1)</script>&'`
  const id = shopOf({ name: evil, knownStatuses: [['E', evil]], apiEmail: `a@example.jp"onfocus="x` })
  for (const path of ['/shops', `/shops/${id}`]) {
    const page = await t.merchant.get(path)
    expect(page.html).not.toContain('<script>alert')
    expect(page.text).toContain(evil)
  }
  const page = await t.merchant.get(`/shops/${id}`)
  expect(page.field('店舗名').value).toBe(evil)
  expect(page.html).not.toContain('"onfocus="')
})

test('a failing shop says what is wrong and what to do', async () => {
  shopOf({ connectionState: 'error', connectionReason: 'unauthorized', connectionCheckedAt: t.clock.now().getTime() })
  const row = (await t.merchant.get('/shops')).rows()[1]?.join(' ') ?? ''
  expect(row).toContain('接続エラー')
  expect(row).toContain('2026/11/24 09:31:50')
  expect(row).toContain('メールアドレスまたはAPIキーが正しくない')
  expect(row).toContain('APIキーを発行し直して')
})

test('a status that the shop reports can be chosen', async () => {
  const id = shopOf({
    knownStatuses: [
      ['O', '注文受付'],
      ['E', '出荷準備中'],
    ],
  })
  expect((await t.merchant.get(`/shops/${id}`)).field('出荷準備中(E)').checked).toBe(false)
  await t.merchant.post(`/shops/${id}`, { ...filled, url: 'https://shop.example/', apiKey: '', fetchStatuses: ['E'] })
  expect(t.services.shops.find(id)?.fetchStatuses).toEqual(['E'])
  expect((await t.merchant.get(`/shops/${id}`)).field('出荷準備中(E)').checked).toBe(true)
})

test('the word on mails fits what the shop was seen to do, and is the same on データ書出', async () => {
  const seen = [{ updatedAt: false }, { updatedAt: true, mailsOnlyWhenAsked: false }, { mailsOnlyWhenAsked: true }, {}]
  for (const capabilities of seen) {
    const id = shopOf({ capabilities })
    expect((await t.merchant.get(`/shops/${id}`)).text).toContain(mailTruth(capabilities))
    expect((await t.merchant.get('/export')).text).toContain(mailWord(false, capabilities))
  }
})

test('a key that cannot be opened any more must be typed again', async () => {
  const id = shopOf({ apiKeySealed: sealer('another secret of this length').seal(KEY) })
  await t.merchant.get(`/shops/${id}`)
  const page = await t.merchant.post(`/shops/${id}/test`, { ...filled, url: 'https://shop.example/', apiKey: '' })
  expect(page.status).toBe(422)
  expect(page.field('APIキー').error).toContain('入力し直して')
  const saved = { ...filled, url: 'https://shop.example/', email: 'other@example.jp' }
  expect((await t.merchant.post(`/shops/${id}`, { ...saved, apiKey: '' })).status).toBe(303)
  expect((await t.merchant.post(`/shops/${id}`, { ...saved, apiKey: 'a-new-key' })).status).toBe(303)
  expect(t.services.shops.connectionOf({ id }).apiKey).toBe('a-new-key')
})

test('another address of a shop whose orders are here is saved only as a new address of the same shop, and never during a run', async () => {
  const id = shopOf()
  const moved = { ...filled, url: 'https://new.example/' }
  const order = imported(10001, { shopId: id })
  t.services.orders.saveImported(order, { runId: null, at: START, landingStatusId: 1 })

  const refused = await t.merchant.post(`/shops/${id}`, moved)
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('「店舗を追加」を使ってください')
  expect(refused.field('同じショップの新しいアドレスです（注文番号はそのまま続きます）').checked).toBe(false)
  expect(stored()[0]?.baseUrl).toBe('https://shop.example/')

  const start = { shopId: id, kind: 'export', trigger: 'manual' } as const
  const run = t.services.runs.claim(start, START)
  if (!run.claimed) throw new Error('not claimed')
  const busy = await t.merchant.post(`/shops/${id}`, { ...moved, sameShop: '1' })
  expect(busy.text).toContain('実行中は、URLを変えられません')
  t.services.runs.finish(run.run.id, { how: 'completed' }, START)

  await t.merchant.submit(`/shops/${id}`, { ...moved, sameShop: '1' })
  expect(stored()[0]?.baseUrl).toBe('https://new.example/')
  // The scheme alone leads nowhere else.
  await t.merchant.submit(`/shops/${id}`, { ...moved, url: 'http://new.example/' })
  expect(stored()[0]?.baseUrl).toBe('http://new.example/')
})

test('settings that somebody else saved meanwhile are not overwritten unseen', async () => {
  const id = shopOf()
  const savedAt = ({ html }: { html: string }) => /name="savedAt" value="(\d+)"/.exec(html)?.[1] ?? ''
  const mine = savedAt(await t.merchant.get(`/shops/${id}`))
  await t.merchant.submit(`/shops/${id}`, { ...filled, name: '二号店', savedAt: mine })

  const second = await t.merchant.post(`/shops/${id}`, { ...filled, name: '三号店', savedAt: mine })
  expect(second.status).toBe(422)
  expect(second.text).toContain('ほかの人が設定を保存しました')
  expect(second.text).toContain('店舗名（保存されている設定: 二号店）')
  const codes = await t.merchant.post(`/shops/${id}`, { ...filled, 'carrier-yamato': 'kuroneko', savedAt: mine })
  expect(codes.text).toContain('運送会社コード yamato（保存されている設定: yamato）')
  expect(second.field('店舗名').value).toBe('三号店')
  expect(stored()[0]?.name).toBe('二号店')
  // A fault in another field in between does not lose the warning.
  const wrong = await t.merchant.post(`/shops/${id}`, { ...filled, fetchDays: 'x', savedAt: mine })
  expect(savedAt(wrong)).toBe(mine)

  await t.merchant.submit(`/shops/${id}`, { ...filled, name: '三号店', savedAt: savedAt(second) })
  expect(stored()[0]?.name).toBe('三号店')
})

test('a shop from which nothing came in, and that another address now leads to, begins anew', async () => {
  const id = shopOf()
  const { imports } = t.services
  imports.saveState(id, { fullCheckAt: START, baselineLetters: ['O', 'P'] })
  imports.addToBaseline(id, [{ orderId: 10001, status: 'O' }])
  imports.noteFailure(id, 10002, 'timeout', null, START)
  await t.merchant.submit(`/shops/${id}`, { ...filled, url: 'https://shop.example/' })
  expect(imports.state(id).fullCheckAt).toBe(START)
  await t.merchant.submit(`/shops/${id}`, { ...filled, url: 'https://other.example/' })
  expect(stored()[0]?.baseUrl).toBe('https://other.example/')
  expect([imports.state(id).fullCheckAt, imports.baseline(id).size, imports.failures(id)]).toEqual([null, 0, []])
  expect((await t.merchant.get('/import')).text).toContain('初めての取込の前に')
})

test('the same shop and account is not connected a second time', async () => {
  shopOf()
  const twice = await t.merchant.post('/shops/new', { ...filled, url: 'https://shop.example/admin.php' })
  expect(twice.status).toBe(422)
  expect(twice.text).toContain('「うつわ工房」としてつながっています')
  expect(stored()).toHaveLength(1)
  expect(
    (await t.merchant.post('/shops/new', { ...filled, url: 'https://shop.example/', email: 'API@example.jp' })).status,
  ).toBe(422)
  // Two that an older version let in can still be set.
  const second = shopOf()
  await t.merchant.submit(`/shops/${second}`, { ...filled, url: 'https://shop.example/', name: '二号店' })
  expect(stored().map((shop) => shop.name)).toEqual(['うつわ工房', '二号店'])
  t.db.$client.prepare('delete from shops where id = ?').run(second)
  // A marketplace gives each of its sellers an account, with orders of its own.
  await t.merchant.submit('/shops/new', { ...filled, url: 'https://shop.example/', email: 'seller@example.jp' })
  expect(stored()).toHaveLength(2)
})
