import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readiness } from '../../src/operations/health.ts'
import { type TestApp, testApp } from '../support/app.ts'

let t: TestApp
beforeEach(async () => {
  t = await testApp()
})
afterEach(() => t.close())

const readyz = async () => {
  t.clock.advance(2_000)
  const answer = await t.app.inject('/readyz')
  return { status: answer.statusCode, body: answer.json() }
}

test('healthz and readyz answer without a login', async () => {
  const alive = await t.app.inject('/healthz')
  expect([alive.statusCode, alive.json()]).toEqual([200, { status: 'ok' }])
  expect(await readyz()).toEqual({ status: 200, body: { status: 'ready', reasons: [] } })
})

test.each(['/healthz', '/login', '/nowhere'])('HEAD %s is answered as GET is, without the body', async (path) => {
  const origin = await t.app.listen({ host: '127.0.0.1', port: 0 })
  const [get, head] = await Promise.all(
    ['GET', 'HEAD'].map((method) => fetch(`${origin}${path}`, { method, redirect: 'manual' })),
  )
  expect(head?.status).toBe(get?.status)
  expect(head?.headers.get('content-type')).toBe(get?.headers.get('content-type'))
  expect(head?.headers.get('content-length')).toBe(get?.headers.get('content-length'))
  if (path !== '/nowhere') expect((await get?.text())?.length).toBeGreaterThan(0)
  expect(await head?.text()).toBe('')
})

test('a database that takes no writes makes it not ready, with the reason, and mends by itself', async () => {
  t.db.$client.pragma('query_only = ON')
  const down = await readyz()
  expect(down.status).toBe(503)
  expect(down.body.reasons[0].check).toBe('database')
  expect(down.body.reasons[0].reason).toMatch(/書き込めません（SQLITE_READONLY）/)
  expect((await t.app.inject('/healthz')).statusCode).toBe(200)
  t.db.$client.pragma('query_only = OFF')
  expect((await readyz()).status).toBe(200)
})

test('a database that another program holds locked is told within a moment, and the waiting time of the app stays', async () => {
  const waits = t.db.$client.pragma('busy_timeout', { simple: true })
  const other = new Database(t.db.$client.name, { timeout: 0 })
  other.exec('begin exclusive')
  const began = Date.now()
  const down = await readyz()
  expect(Date.now() - began).toBeLessThan(1_500)
  expect(down.body.reasons[0].reason).toMatch(/SQLITE_BUSY/)
  other.exec('rollback')
  other.close()
  expect((await readyz()).status).toBe(200)
  expect(t.db.$client.pragma('busy_timeout', { simple: true })).toBe(waits)
})

test('asking all the time makes one probe a second', async () => {
  await t.app.inject('/readyz')
  t.db.$client.pragma('query_only = ON')
  t.clock.advance(500)
  expect((await t.app.inject('/readyz')).statusCode).toBe(200)
  t.clock.advance(500)
  expect((await t.app.inject('/readyz')).statusCode).toBe(503)
  t.db.$client.pragma('query_only = OFF')
})

test('every check is asked, and one that throws counts as not well', () => {
  const result = readiness(
    [
      { name: 'fine', fault: () => undefined },
      { name: 'clock', fault: () => '止まっています' },
      {
        name: 'broken',
        fault() {
          throw new Error('boom')
        },
      },
    ],
    new Date(0),
  )
  expect(result).toEqual({
    ready: false,
    reasons: [
      { check: 'clock', reason: '止まっています' },
      { check: 'broken', reason: 'boom' },
    ],
  })
})
