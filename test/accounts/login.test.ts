import { afterEach, beforeEach, expect, test } from 'vitest'
import { SESSION_MS } from '../../src/web/session.ts'
import { MERCHANT, STAFF, type TestApp, testApp } from '../support/app.ts'

let t: TestApp
beforeEach(async () => {
  t = await testApp()
})
afterEach(() => t.close())

const sessionRows = () =>
  t.db.$client.prepare('select id_hash as hash, account_id as accountId, data from sessions').all() as {
    hash: string
    accountId: number
    data: string
  }[]
const wrong = { email: MERCHANT.email, password: 'not the password' }

test('without a login every page leads to ログイン, and after it to the page that was asked for', async () => {
  const first = await t.anonymous.get('/accounts?x=1')
  expect([first.status, first.location]).toEqual([303, '/login?next=%2Faccounts%3Fx%3D1'])
  const login = await t.anonymous.get(first.location)
  expect(login.field('メールアドレス').name).toBe('email')
  expect(login.field('パスワード').attributes.type).toBe('password')
  expect(login.html).toContain('name="next" value="/accounts?x=1"')
  const done = await t.anonymous.post('/login', { ...MERCHANT, next: '/accounts?x=1' })
  expect([done.status, done.location]).toEqual([303, '/accounts?x=1'])
  expect((await t.anonymous.get(done.location)).title).toBe('ユーザー管理 - つなぎ')
})

test('the case of an address does not matter', async () => {
  const done = await t.anonymous.post('/login', { ...MERCHANT, email: ' Merchant@Example.JP ' })
  expect(done.status).toBe(303)
})

test('a wrong password and an unknown address read the same, and the typed address stays', async () => {
  const one = await t.anonymous.post('/login', wrong)
  const two = await t.anonymous.post('/login', { ...wrong, email: 'nobody@example.jp' })
  expect([one.status, two.status]).toEqual([422, 422])
  for (const page of [one, two]) {
    expect(page.text).toContain('メールアドレスまたはパスワードが正しくありません。')
    expect(page.field('メールアドレス').invalid).toBe(true)
  }
  expect(two.field('メールアドレス').value).toBe('nobody@example.jp')
  expect(two.field('パスワード').value).toBe('')
})

test.each([
  '//evil.example/',
  '/\\evil.example',
  'https://evil.example/',
  '/\t/evil.example',
  'javascript:alert(1)',
  'evil',
])('after login nobody is led away to %j', async (next) => {
  const done = await t.anonymous.post('/login', { ...MERCHANT, next })
  expect(done.location).toBe('/')
})

test('the session gets a new id at login, and one that was planted before is worth nothing', async () => {
  await t.anonymous.post('/login', STAFF)
  const planted = t.anonymous.cookies.get('tsunagi_session')
  await t.anonymous.get('/')
  expect((await t.anonymous.post('/login', MERCHANT)).status).toBe(303)
  const own = t.anonymous.cookies.get('tsunagi_session')
  expect(own).toBeDefined()
  expect(own).not.toBe(planted)
  const answer = await t.app.inject({ url: '/', headers: { cookie: `tsunagi_session=${planted}` } })
  expect(answer.headers.location).toBe('/login')
  expect(sessionRows()).toHaveLength(1)
})

test('the database knows only the hash of a session id', async () => {
  await t.merchant.get('/')
  const id = decodeURIComponent(t.merchant.cookies.get('tsunagi_session') ?? '').split('.')[0] ?? ''
  const [row] = sessionRows()
  expect(id.length).toBeGreaterThan(20)
  expect(row?.hash).toMatch(/^[\da-f]{64}$/)
  expect(JSON.stringify(row)).not.toContain(id)
  expect(row?.accountId).toBe(1)
})

test('people who are not logged in, and pages that are only looked at, write no session', async () => {
  await t.anonymous.get('/login')
  await t.anonymous.get('/accounts')
  expect(sessionRows()).toHaveLength(0)
  await t.merchant.get('/')
  const changes = () => t.db.$client.prepare('select total_changes()').pluck().get()
  const before = changes()
  const page = await t.merchant.get('/accounts')
  expect(page.status).toBe(200)
  expect(changes()).toBe(before)
  expect(page.headers['set-cookie']).toBeUndefined()
})

test('a login ends after a week, and its row is swept at a later login', async () => {
  await t.merchant.get('/')
  t.clock.advance(SESSION_MS - 1)
  expect((await t.merchant.get('/accounts')).status).toBe(200)
  t.clock.advance(1)
  expect((await t.merchant.get('/accounts')).location).toMatch(/^\/login/)
  await t.staff.get('/')
  expect(sessionRows().map((row) => row.accountId)).toEqual([2])
})

test('ログアウト is a form in the header and ends the session', async () => {
  const page = await t.merchant.get('/accounts')
  expect(page.html).toMatch(/<form method="post" action="\/logout">[\s\S]*?ログアウト<\/button>/)
  expect((await t.merchant.post('/logout')).location).toBe('/login')
  expect(sessionRows()).toHaveLength(0)
  expect((await t.merchant.get('/accounts')).location).toMatch(/^\/login/)
})

test('a password that is changed while it is being checked opens no session any more', async () => {
  const { accounts } = t.services
  await t.staff.get('/login')
  const account = accounts.credentials(STAFF.email)
  const login = t.staff.post('/login', STAFF)
  // The check has begun with the hash of before.
  await new Promise((resolve) => setTimeout(resolve, 5))
  accounts.changePassword(account?.id ?? 0, `${account?.hash}x`)
  expect((await login).status).toBe(422)
  expect(sessionRows().filter((row) => row.accountId === account?.id)).toEqual([])
})

test('after ten wrong passwords an address is refused for a while, also with the right one', async () => {
  for (let n = 0; n < 10; n++) expect((await t.anonymous.post('/login', wrong)).status).toBe(422)
  const refused = await t.anonymous.post('/login', MERCHANT)
  expect(refused.status).toBe(429)
  expect(refused.text).toContain('しばらく受け付けません')
  // Somebody else is let in, and so is this one later.
  expect((await t.staff.get('/accounts')).status).toBe(403)
  t.clock.advance(15 * 60_000)
  expect((await t.anonymous.post('/login', MERCHANT)).status).toBe(303)
})

test('one computer that tries many addresses is refused too', async () => {
  for (let n = 0; n < 30; n++) await t.anonymous.post('/login', { email: `a${n}@example.jp`, password: 'guess-guess' })
  expect((await t.anonymous.post('/login', MERCHANT)).status).toBe(429)
})

test('guesses sent all at once gain nothing', async () => {
  await t.anonymous.get('/login')
  const answers = await Promise.all(Array.from({ length: 25 }, () => t.anonymous.post('/login', wrong)))
  const statuses = answers.map((answer) => answer.status)
  expect(statuses.filter((status) => status === 422)).toHaveLength(10)
  expect(statuses.filter((status) => status === 429)).toHaveLength(15)
})

test('a right password clears the count', async () => {
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 9; n++) await t.anonymous.post('/login', wrong)
    expect((await t.anonymous.post('/login', MERCHANT)).status).toBe(303)
  }
})

test('htmx is told to go to ログイン instead of getting the page into the middle of another', async () => {
  const answer = await t.anonymous.part('/accounts')
  expect([answer.status, answer.headers['hx-redirect'], answer.html]).toEqual([401, '/login', ''])
})

test('who sends something after the session has ended reads at the login that it was not done', async () => {
  const gone = await t.anonymous.submit('/orders/1', { memo: '長いメモ' })
  expect(gone.text).toContain('ログアウトされていたため、いまの操作は行われず')
  expect((await t.anonymous.get('/login')).text).not.toContain('操作は行われず')
  expect((await t.anonymous.post('/logout')).location).toBe('/login')
})
