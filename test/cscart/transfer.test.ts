import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter, getEventListeners, once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { guardedPool, type ShopPool } from '../../src/cscart/guarded-pool.ts'
import { TookTooLong, transfer } from '../../src/cscart/transfer.ts'

let server: Server
let pool: ShopPool
let open: (connections: number) => Promise<ShopPool>
/** Every request that reached the server, with what answers it. */
let asked: { path: string; answer: ServerResponse }[]
const arrivals = new EventEmitter()

const LIMITS = {
  allowPrivate: true,
  connectMs: 5_000,
  headersMs: 5_000,
  bodyMs: 5_000,
  maxBodyBytes: 1_000_000,
  lookup: undefined,
}

beforeEach(async () => {
  asked = []
  server = createServer((request: IncomingMessage, answer) => {
    asked.push({ path: request.url ?? '', answer })
    arrivals.emit('request')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  open = (connections) => guardedPool(`http://127.0.0.1:${port}`, { ...LIMITS, connections })
  pool = await open(1)
})
afterEach(async () => {
  await pool.destroy()
  server.closeAllConnections()
  server.close()
})

const get = (path: string, { withinMs = 5_000, signal }: { withinMs?: number; signal?: AbortSignal } = {}) =>
  transfer(pool, { method: 'GET', path, headers: {}, body: null }, withinMs, signal)
const textOf = ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString('utf8')
const arrived = async (count: number) => {
  while (asked.length < count) await once(arrivals, 'request')
}

test('an answer in many pieces comes whole, behind early hints that are no answer', async () => {
  const answered = get('/a')
  await arrived(1)
  const answer = asked[0]?.answer
  answer?.writeEarlyHints({ link: '</style.css>; rel=preload' })
  answer?.writeHead(201, { 'x-shop': 'yes' })
  for (const piece of ['注', '文', '一覧']) {
    answer?.write(piece)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  answer?.end()
  const told = await answered
  expect([told.status, told.headers['x-shop'], textOf(told)]).toEqual([201, 'yes', '注文一覧'])
})

test('an answer without a body has no bytes', async () => {
  const answered = get('/a')
  await arrived(1)
  asked[0]?.answer.writeHead(204).end()
  const { status, bytes } = await answered
  expect([status, bytes.length]).toEqual([204, 0])
})

test('of a refusal whose body breaks off its status is enough; of a good answer every byte is needed', async () => {
  for (const status of [500, 200]) {
    const answered = get('/a')
    await arrived(asked.length + 1)
    const answer = asked.at(-1)?.answer
    answer?.writeHead(status, { 'content-length': '100' }).write('half')
    setTimeout(() => answer?.destroy(), 20)
    if (status === 500) expect(await answered).toMatchObject({ status: 500, bytes: new Uint8Array() })
    else await expect(answered).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' })
  }
})

test('what takes too long is given up, headers, body and all', async () => {
  await expect(get('/never', { withinMs: 30 })).rejects.toThrow(TookTooLong)
  const dribbling = get('/dribbles', { withinMs: 200 })
  await arrived(2)
  const answer = asked[1]?.answer
  answer?.writeHead(200, { 'content-length': '1000' })
  const dribble = setInterval(() => answer?.write('.'), 20)
  await expect(dribbling).rejects.toThrow(TookTooLong)
  clearInterval(dribble)
})

test('what is given up while it waits for a connection is never sent', async () => {
  const first = get('/first')
  await arrived(1)
  const caller = new AbortController()
  const second = get('/second', { signal: caller.signal })
  const third = get('/third', { withinMs: 20 })
  caller.abort(new Error('中止'))
  await expect(second).rejects.toThrow('中止')
  await expect(third).rejects.toThrow(TookTooLong)
  asked[0]?.answer.end('one')
  expect(textOf(await first)).toBe('one')
  const last = get('/last')
  await arrived(2)
  asked[1]?.answer.end('last')
  await last
  expect(asked.map(({ path }) => path)).toEqual(['/first', '/last'])
})

test('the caller who gives up gets its own reason, at once and before anything is sent, and nothing stays with its signal', async () => {
  const caller = new AbortController()
  const answered = get('/a', { signal: caller.signal })
  await arrived(1)
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(1)
  asked[0]?.answer.end('a')
  await answered
  expect(getEventListeners(caller.signal, 'abort')).toEqual([])

  const second = get('/b', { signal: caller.signal })
  await arrived(2)
  caller.abort(new DOMException('run 3: cancelled', 'AbortError'))
  await expect(second).rejects.toMatchObject({ name: 'AbortError', message: 'run 3: cancelled' })
  await expect(get('/c', { signal: caller.signal })).rejects.toMatchObject({ message: 'run 3: cancelled' })
  expect(asked.map(({ path }) => path)).toEqual(['/a', '/b'])
  expect(getEventListeners(caller.signal, 'abort')).toEqual([])
})

test('a pool that is closed already says so', async () => {
  await pool.close()
  await expect(get('/a')).rejects.toMatchObject({ code: expect.stringMatching(/^UND_ERR_(CLOSED|DESTROYED)$/) })
})

test('of answers that come together, each has its next request on a connection before the next one is worked on', async () => {
  await pool.destroy()
  pool = await open(3)
  const done: string[] = []
  const onBegun = (message: unknown) => {
    const request = typeof message === 'object' && message !== null && Reflect.get(message, 'request')
    if (Reflect.get(Object(request), 'path') === '/second') done.push('begun')
  }
  const work = async (): Promise<void> => {
    await get('/first')
    done.push('worked on')
    await get('/second')
  }
  const all = Promise.all([work(), work(), work()])
  await arrived(3)
  subscribe('undici:request:create', onBegun)
  onTestFinished(() => void unsubscribe('undici:request:create', onBegun))
  for (const { answer } of asked) answer.end('{}')
  await arrived(6)
  for (const { answer } of asked.slice(3)) answer.end('{}')
  await all
  expect(done).toEqual(['worked on', 'begun', 'worked on', 'begun', 'worked on', 'begun'])
})

test('others have their turn while the first pool is made ready', async () => {
  vi.resetModules()
  const { guardedPool: first } = await import('../../src/cscart/guarded-pool.ts')
  let turns = 0
  const ticking = setInterval(() => {
    turns += 1
  }, 1)
  const another = await first('http://127.0.0.1:9', { ...LIMITS, connections: 1 })
  clearInterval(ticking)
  await another.destroy()
  expect(turns).toBeGreaterThanOrEqual(5)
})

test('of undici only what a pool is made of is read', () => {
  const read = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('/undici/'))
  expect(read.some((file) => file.endsWith('/undici/lib/dispatcher/pool.js'))).toBe(true)
  expect(read.filter((file) => /undici\/(index|lib\/api\/|lib\/web\/)/.test(file))).toEqual([])
})
