import { afterEach, expect, test } from 'vitest'
import { newSetupCode, sameCode } from '../../src/accounts/setup-code.ts'
import { type TestApp, testApp } from '../support/app.ts'

let t: TestApp
afterEach(() => t.close())
const firstStart = async () => {
  t = await testApp({ accounts: false })
  return t
}
const good = () => ({ code: t.services.setupCode, email: 'Owner@Example.jp', password: 'a good password' })

test('with no account every page leads to 初期設定', async () => {
  await firstStart()
  for (const path of ['/', '/accounts', '/login', '/nowhere']) {
    expect((await t.anonymous.get(path)).location, path).toBe('/setup')
  }
  const page = await t.anonymous.get('/setup')
  expect(page.labels()).toEqual(['初期設定コード', 'メールアドレス', 'パスワード'])
  expect(page.text).toContain('10文字以上、128文字以下')
})

test('the printed code makes the first 管理者, who is logged in at once', async () => {
  await firstStart()
  const code = t.services.setupCode.toLowerCase().replaceAll('-', ' ')
  const done = await t.anonymous.post('/setup', { ...good(), code })
  expect([done.status, done.location]).toEqual([303, '/'])
  expect(t.services.accounts.list()).toMatchObject([{ email: 'owner@example.jp', role: 'admin' }])
  const page = await t.anonymous.get('/accounts')
  expect(page.status).toBe(200)
  expect(page.text).toContain('管理者のアカウントを作りました。')
  expect((await t.anonymous.get('/accounts')).text).not.toContain('管理者のアカウントを作りました。')
})

test('a wrong code is refused beside the field, keeps the typed address and makes nothing', async () => {
  await firstStart()
  const page = await t.anonymous.post('/setup', { ...good(), code: 'AAAA-BBBB-CCCC' })
  expect(page.status).toBe(422)
  expect(page.field('初期設定コード').error).toContain('初期設定コードが違います')
  expect(page.field('メールアドレス').value).toBe('Owner@Example.jp')
  expect(t.services.accounts.list()).toEqual([])
})

test.each([
  ['short', 'パスワードは10文字以上にしてください。'],
  ['x'.repeat(129), 'パスワードは128文字以下にしてください。'],
])('the password %s is refused with the rule', async (password, sentence) => {
  await firstStart()
  const page = await t.anonymous.post('/setup', { ...good(), password })
  expect(page.field('パスワード').error).toBe(sentence)
  expect(page.field('パスワード').invalid).toBe(true)
})

test('an address that is none is refused', async () => {
  await firstStart()
  const page = await t.anonymous.post('/setup', { ...good(), email: 'owner' })
  expect(page.field('メールアドレス').error).toContain('name@example.jp の形')
})

test('the code cannot be guessed: thirty wrong ones close the form for a while', async () => {
  await firstStart()
  for (let n = 0; n < 30; n++) await t.anonymous.post('/setup', { ...good(), code: `no ${n}` })
  const page = await t.anonymous.post('/setup', good())
  expect(page.status).toBe(429)
  expect(page.field('初期設定コード').error).toContain('しばらく受け付けません')
})

test('two people who set up at once get one account', async () => {
  await firstStart()
  await t.anonymous.get('/setup')
  const answers = await Promise.all([
    t.anonymous.post('/setup', good()),
    t.anonymous.post('/setup', { ...good(), email: 'second@example.jp' }),
  ])
  expect(answers.map((answer) => answer.location).sort()).toEqual(['/', '/login'])
  expect(t.services.accounts.list()).toHaveLength(1)
})

test('once there is an account, 初期設定 is closed for good', async () => {
  t = await testApp()
  expect((await t.anonymous.get('/setup')).location).toBe('/login')
  expect((await t.anonymous.post('/setup', good())).location).toBe('/login')
  expect(t.services.accounts.list()).toHaveLength(2)
})

test('ADMIN_EMAIL and ADMIN_PASSWORD make the first account, and only the first', async () => {
  t = await testApp({ accounts: false, config: { adminEmail: 'Boss@example.jp', adminPassword: 'boss password' } })
  expect((await t.anonymous.get('/')).location).toBe('/login')
  expect((await t.anonymous.post('/login', { email: 'boss@example.jp', password: 'boss password' })).status).toBe(303)
  const again = await testApp({
    dataDir: t.dataDir,
    config: { adminEmail: 'other@example.jp', adminPassword: 'other password' },
  })
  expect(again.services.accounts.list().map((account) => account.email)).toEqual(['boss@example.jp'])
  await again.close()
})

test('set-up codes are new each time, easy to read, and compared without hyphens, case and width', () => {
  t = { close: async () => {} } as TestApp
  const codes = new Set(Array.from({ length: 200 }, newSetupCode))
  expect(codes.size).toBe(200)
  for (const code of codes) expect(code).toMatch(/^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/)
  expect(sameCode('ａｂｃｄ efgh2345', 'ABCD-EFGH-2345')).toBe(true)
  expect(sameCode('', 'ABCD-EFGH-2345')).toBe(false)
})
