import { Writable } from 'node:stream'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppError, type AppErrorCode, CsCartError } from '../../src/errors.ts'
import { failureOf } from '../../src/failures.ts'
import { errorPageOf, plainErrorPage } from '../../src/web/error-pages.ts'
import { loggerOptions } from '../../src/web/logging.ts'
import { MERCHANT, type TestApp, testApp } from '../support/app.ts'

const lines: string[] = []
const stream = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk))
    done()
  },
})

let t: TestApp
let thrown: unknown
beforeAll(async () => {
  t = await testApp({
    logger: { ...loggerOptions('info'), stream },
    routes(app) {
      app.get('/test/throw', async () => {
        throw thrown
      })
      app.post('/test/throw', { config: { public: true } }, async () => {
        throw thrown
      })
      app.get('/test/log', async (request) => {
        request.log.info({ password: 'p1', shop: { apiKey: 'k1' }, body: { _csrf: 'c1' } }, 'secrets')
        return ''
      })
    },
  })
}, 30_000)
afterAll(() => t.close())

const sqlite = (code: string) => new Database.SqliteError('as SQLite says it', code)

const EXPECTED: [AppErrorCode, number][] = [
  ['not_found', 404],
  ['conflict', 409],
  ['forbidden', 403],
  ['not_contracted', 403],
  ['invalid', 422],
  ['unavailable', 503],
]

test.each(EXPECTED)('a refusal %s answers %i with its own sentence', async (code, status) => {
  thrown = new AppError(code, 'この店舗は使えません。')
  const page = await t.merchant.get('/test/throw')
  expect(page.status).toBe(status)
  expect(page.text).toContain('この店舗は使えません。')
  expect(page.html).toContain('role="alert"')
  expect(page.html).toContain('aria-label="メインメニュー"')
})

test.each([
  ['SQLITE_FULL', 'ディスクの空き'],
  ['SQLITE_READONLY', 'ディスクの空き'],
  ['SQLITE_IOERR_WRITE', 'ディスクの空き'],
  ['SQLITE_BUSY', 'ほかの処理で使われています'],
])('%s answers 503 and says why', async (code, words) => {
  thrown = sqlite(code)
  const page = await t.merchant.get('/test/throw')
  expect([page.status, page.title]).toEqual([503, '一時的に利用できません - つなぎ'])
  expect(page.text).toContain(words)
  expect(page.text).not.toContain('as SQLite says it')
})

test('a fault of a shop is told with its next step', async () => {
  thrown = new CsCartError('unauthorized')
  const page = await t.merchant.get('/test/throw')
  expect(page.status).toBe(503)
  expect(page.text).toContain('APIキーを発行し直して')
})

test.each([new Error('secret detail at /home/x'), sqlite('SQLITE_CONSTRAINT_UNIQUE'), 'a string', undefined, null])(
  'anything else (%s) is a システムエラー without detail, and its stack is in the log under the shown number',
  async (error) => {
    thrown = error
    lines.length = 0
    const page = await t.merchant.get('/test/throw')
    expect([page.status, page.title]).toEqual([500, 'システムエラー - つなぎ'])
    expect(page.text).not.toContain('secret detail')
    expect(page.text).not.toContain('as SQLite says it')
    const number = /お問い合わせ番号: (\S+)/.exec(page.text)?.[1]
    const entry = lines.map((line) => JSON.parse(line)).find((line) => line.level === 50)
    expect(entry.reqId).toBe(number)
    if (error instanceof Error) expect(entry.err.stack).toContain('error-pages.test.ts')
  },
)

test('an address that does not exist is a page with a way on', async () => {
  const page = await t.merchant.get('/no/such/page')
  expect(page.status).toBe(404)
  expect(page.text).toContain('このアドレスのページはありません。')
  expect(page.links().get('ホームへ')).toBe('/')
})

test('htmx gets the message as a part of a page', async () => {
  thrown = new AppError('conflict', 'いま実行中です。')
  const part = await t.merchant.part('/test/throw')
  expect(part.status).toBe(409)
  expect(part.html).not.toContain('<html')
  expect(part.html.trim()).toMatch(/^<section[\s\S]*いま実行中です。[\s\S]*<\/section>$/)
})

test('bodies that are too large, of another kind or broken get clear words', async () => {
  const send = (payload: string, type: string) =>
    t.app.inject({ method: 'POST', url: '/login', headers: { 'content-type': type }, payload })
  const form = 'application/x-www-form-urlencoded'
  const answers: [string, string, number, string][] = [
    [`a=${'x'.repeat(1_100_000)}`, form, 413, '大きすぎます'],
    ['{"a":1}', 'application/json', 415, 'この形式のデータは受け付けていません'],
    ['a', 'text/plain', 415, 'この形式のデータは受け付けていません'],
    [Array.from({ length: 20_001 }, (_, n) => `f${n}=1`).join('&'), form, 422, '項目の数'],
    [Array.from({ length: 20_001 }, (_, n) => `order=${n}`).join('&'), form, 422, '20001個'],
  ]
  for (const [payload, type, status, words] of answers) {
    const answer = await send(payload, type)
    expect([answer.statusCode, answer.body.includes(words)], words).toEqual([status, true])
  }
  const broken = await t.app.inject('/%E0%A4%A')
  expect(broken.statusCode).toBe(400)
  expect(broken.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(broken.body).toContain('アドレスの形が正しくありません。')
})

test('while the disk takes no writes people go on looking, and whoever changes something is told why', async () => {
  await t.merchant.get('/accounts')
  t.db.$client.pragma('query_only = ON')
  try {
    expect((await t.merchant.get('/accounts')).status).toBe(200)
    expect((await t.anonymous.get('/login')).status).toBe(200)
    for (const refused of [
      await t.anonymous.post('/login', MERCHANT),
      await t.merchant.post('/accounts/2/role', { role: 'admin' }),
      await t.merchant.post('/logout'),
    ]) {
      expect(refused.status).toBe(503)
      expect(refused.text).toContain(failureOf('no_room').nextStep)
    }
  } finally {
    t.db.$client.pragma('query_only = OFF')
  }
  expect((await t.anonymous.post('/login', MERCHANT)).status).toBe(303)
})

test('the log has no query, no cookie and no secret', async () => {
  lines.length = 0
  await t.merchant.get('/test/log?q=山田太郎')
  await t.merchant.get(`/nowhere?q=${encodeURIComponent('山田花子')}`)
  const log = lines.join('')
  expect(log).toContain('"url":"/test/log"')
  expect(log).toContain('"password":"[秘密]"')
  for (const secret of ['"p1"', '"k1"', '"c1"', '山田', encodeURIComponent('山田'), 'tsunagi_session']) {
    expect(log).not.toContain(secret)
  }
})

test('the plainest page, for when no template can be rendered, says the same and escapes it', () => {
  const html = plainErrorPage(errorPageOf(new AppError('invalid', '<b>だめ</b>')))
  expect(html).toContain('&#60;b&#62;だめ&#60;/b&#62;')
  expect(html).toContain('lang="ja"')
})
