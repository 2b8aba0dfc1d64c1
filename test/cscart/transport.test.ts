import { createServer as createTlsServer } from 'node:https'
import { describe, expect, test } from 'vitest'
import type { CsCartClient } from '../../src/cscart/client.ts'
import type { CsCartReason } from '../../src/failures.ts'
import { list, page, post } from './calls-to-fail.ts'
import { clientOf, httpShop, json, listening, tcpShop } from './raw-shop.ts'
import { selfSigned } from './self-signed.ts'

const OK_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'

describe.each<{ what: string; talk: Parameters<typeof tcpShop>[0]; reason: CsCartReason }>([
  { what: 'a reset', talk: (socket) => socket.resetAndDestroy(), reason: 'connection_lost' },
  { what: 'an end without an answer', talk: (socket) => socket.end(), reason: 'connection_lost' },
  {
    what: 'half a body',
    talk: (socket) => socket.end(`${OK_HEAD}Content-Length: 90\r\n\r\n{"orders":[`),
    reason: 'connection_lost',
  },
  {
    what: 'half a chunked body',
    talk: (socket) => socket.end(`${OK_HEAD}Transfer-Encoding: chunked\r\n\r\nA\r\n{"orders":`),
    reason: 'connection_lost',
  },
  {
    what: 'half the headers',
    talk: (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Ty'),
    reason: 'connection_lost',
  },
  { what: 'an SSH banner', talk: (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), reason: 'connection_lost' },
  {
    what: 'two lengths',
    talk: (socket) => socket.write(`${OK_HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`),
    reason: 'connection_lost',
  },
  {
    what: '200 kB of headers',
    talk: (socket) => socket.write(`${OK_HEAD}X-Junk: ${'x'.repeat(200_000)}\r\n\r\n{}`),
    reason: 'connection_lost',
  },
])('$what', ({ talk, reason }) => {
  test(`is ${reason}, and leaves a write in doubt`, async () => {
    const shop = await tcpShop(talk)
    expect(await list(clientOf(shop.url, { attempts: 1 }))).toMatchObject({ reason, mayHaveBeenApplied: false })
    const before = shop.requests()
    expect(await post(clientOf(shop.url))).toMatchObject({ reason, mayHaveBeenApplied: true })
    expect(shop.requests()).toBe(before + 1)
  })
})

describe('time', () => {
  const SHORT = { connectMs: 500, headersMs: 10_000, bodyMs: 10_000, readMs: 150, writeMs: 150 }

  test('an answer that never comes is a timeout and leaves a write in doubt', async () => {
    const shop = await httpShop(() => {})
    expect(await list(clientOf(shop.url, { attempts: 1, timeouts: SHORT }))).toMatchObject({ reason: 'timeout' })
    const failure = await post(clientOf(shop.url, { timeouts: SHORT }))
    expect(failure).toMatchObject({ reason: 'timeout', mayHaveBeenApplied: true })
  })

  test('a body that dribbles a byte at a time meets the total deadline', async () => {
    const shop = await httpShop((response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    })
    const started = performance.now()
    expect(await list(clientOf(shop.url, { attempts: 1, timeouts: SHORT }))).toMatchObject({ reason: 'timeout' })
    expect(performance.now() - started).toBeLessThan(3000)
  })

  test('headers and bodies that pause have their own limits', async () => {
    const timeouts = { headersMs: 100, bodyMs: 100 }
    const silent = await httpShop(() => {})
    expect(await list(clientOf(silent.url, { attempts: 1, timeouts }))).toMatchObject({ reason: 'timeout' })
    const half = await httpShop((response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{')
    })
    expect(await list(clientOf(half.url, { attempts: 1, timeouts }))).toMatchObject({ reason: 'timeout' })
  })
})

describe('size', () => {
  test('an answer above the limit is too large and is not read to its end', async () => {
    let sent = 0
    const shop = await httpShop((response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"orders":"')
      const more = (): void => {
        while (!response.destroyed && sent < 50_000_000) {
          sent += 65_536
          if (!response.write('x'.repeat(65_536))) return void response.once('drain', more)
        }
      }
      more()
    })
    const failure = await list(clientOf(shop.url, { attempts: 1, maxBodyBytes: 100_000 }))
    expect(failure).toMatchObject({ reason: 'too_large' })
    expect(sent).toBeLessThan(20_000_000)
  })

  test('a mountain of brackets is refused before it is built', async () => {
    const shop = await httpShop(json(`{"orders":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`))
    const started = performance.now()
    expect(await list(clientOf(shop.url, { attempts: 1 }))).toMatchObject({ reason: 'not_json' })
    expect(performance.now() - started).toBeLessThan(3000)
  })

  test('brackets inside texts do not count', async () => {
    const shop = await httpShop(json({ orders: [], params: { page: 1, x: `${'[{\\"'.repeat(40_000)}` } }))
    expect(await clientOf(shop.url).listOrders(page)).toMatchObject({ rows: [], page: 1 })
  })
})

describe('connections that do not come about apply nothing', () => {
  const expectBoth = async (client: CsCartClient, reason: CsCartReason) => {
    expect(await list(client)).toMatchObject({ reason, mayHaveBeenApplied: false })
    expect(await post(client)).toMatchObject({ reason, mayHaveBeenApplied: false })
  }

  test('a host that does not exist', async () => {
    await expectBoth(clientOf('https://shop.invalid/', { attempts: 1 }), 'host_not_found')
  })

  test('a port that nobody listens on', async () => {
    const shop = await httpShop(json({}))
    const closed = clientOf(shop.url.replace(/\d+$/, '1'), { attempts: 1 })
    await expectBoth(closed, 'connection_refused')
  })

  test('an http port asked for https', async () => {
    const shop = await httpShop(json({}))
    await expectBoth(clientOf(shop.url.replace('http:', 'https:'), { attempts: 1 }), 'not_https')
  })

  test('a certificate of its own making', async () => {
    const port = await listening(createTlsServer(selfSigned(), (_request, response) => response.end('{}')))
    await expectBoth(clientOf(`https://127.0.0.1:${port}`, { attempts: 1 }), 'certificate')
  })

  test('a connection that is not answered', async () => {
    const lookup = () => {}
    const client = clientOf('https://shop.example/', { attempts: 1, lookup, timeouts: { connectMs: 100 } })
    await expectBoth(client, 'timeout')
  })

  test('private addresses by number, by name, and by a name that turned private since', async () => {
    const shop = await httpShop(json({}))
    const port = shop.url.split(':')[2]
    const lookup = (
      _host: string,
      _options: object,
      callback: (e: null, a: { address: string; family: number }[]) => void,
    ) => callback(null, [{ address: '127.0.0.1', family: 4 }])
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost', 'rebound.example']) {
      const client = clientOf(`https://${host}:${port}`, { attempts: 1, lookup }, { allowPrivate: false })
      await expectBoth(client, 'private_address')
    }
    await expectBoth(
      clientOf(`http://shop.example:${port}`, { attempts: 1, lookup }, { allowPrivate: false }),
      'not_https',
    )
    expect(shop.received).toHaveLength(0)
  })
})
