import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import type { Fault, FaultKind } from '../../src/demo/shop/index.ts'
import { json } from './shop-client.ts'
import { shopsOfTest } from './shops.ts'

const start = shopsOfTest()

async function failing(fault: Omit<Fault, 'on'> & Partial<Fault>) {
  const { shop, client } = await start({ firstOrderId: 1 })
  shop.addOrder({ status: 'P' })
  shop.faults.add({ on: 'orders.get', ...fault })
  return { shop, client, ask: () => client.get('orders/1') }
}

/** The system's name of what broke a request. */
async function breakage(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'nothing broke',
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.message,
  )
}

describe('what a fault looks like to a client', () => {
  it.each<[FaultKind, number, string, RegExp]>([
    ['unauthorized', 401, 'application/json', /^\{"message":"Unauthorized","status":401\}$/],
    ['forbidden-html', 403, 'text/html; charset=utf-8', /^<!DOCTYPE html>/],
    ['not-found', 404, 'application/json', /^\{"message":"Not Found","status":404\}$/],
    ['too-many', 429, 'text/html; charset=utf-8', /429/],
    ['error-html', 500, 'text/html; charset=utf-8', /<title>Service unavailable<\/title>/],
    ['unavailable', 503, 'text/html; charset=utf-8', /503/],
    ['html-200', 200, 'text/html; charset=utf-8', /^<!DOCTYPE html>/],
    ['notice-json', 200, 'application/json', /^<br \/>\n<b>Notice<\/b>[^{]*\{"order_id":"1"/],
    ['empty-200', 200, 'application/json', /^$/],
    ['redirect', 302, 'text/html; charset=utf-8', /Found/],
    ['ip-block', 200, 'text/html; charset=utf-8', /^あなたのIPアドレスはブロックされました。$/],
    ['no-content', 204, '', /^$/],
  ])('%s is a %i', async (kind, status, type, text) => {
    const { ask } = await failing({ kind })
    const answer = await ask()
    expect([answer.status, answer.type]).toEqual([status, type])
    expect(answer.text).toMatch(text)
    expect(json(await ask()).order_id).toBe('1')
  })

  it('sends Retry-After as told', async () => {
    const { shop, ask } = await failing({ kind: 'too-many', retryAfter: 7 })
    expect((await ask()).headers.get('retry-after')).toBe('7')
    shop.faults.add({ kind: 'too-many', on: 'orders.get', retryAfter: null })
    expect((await ask()).headers.get('retry-after')).toBeNull()
    shop.faults.add({ kind: 'unavailable', on: 'orders.get' })
    expect((await ask()).headers.get('retry-after')).toBe('5')
  })

  it('works on after its client has left, and has done then what was asked', async () => {
    const { shop } = await failing({ kind: 'slow', ms: 60 })
    const left = fetch(`${shop.url}/api/orders/1`, {
      headers: { authorization: `Basic ${btoa(`${shop.email}:${shop.apiKey}`)}` },
      signal: AbortSignal.timeout(20),
    })
    await expect(left).rejects.toThrow()
    const [request] = shop.ledger.requests
    expect(request?.status).toBe(0)
    await expect.poll(() => request?.status).toBe(200)
  })

  it('redirects to an admin page', async () => {
    const { shop, ask } = await failing({ kind: 'redirect' })
    expect((await ask()).headers.get('location')).toBe(`${shop.url}/admin.php?dispatch=orders.manage`)
  })

  it('breaks JSON under the right length', async () => {
    const { ask } = await failing({ kind: 'broken-json' })
    const answer = await ask()
    expect(Number(answer.headers.get('content-length'))).toBe(answer.text.length)
    expect(() => JSON.parse(answer.text)).toThrow(SyntaxError)
  })

  it('puts bytes that are no UTF-8 into good JSON', async () => {
    const { shop } = await failing({ kind: 'invalid-utf8' })
    const response = await fetch(`${shop.url}/api/2.0/orders/1`, {
      headers: { authorization: `Basic ${btoa(`${shop.email}:${shop.apiKey}`)}` },
    })
    const bytes = await response.arrayBuffer()
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow(TypeError)
    expect(JSON.parse(new TextDecoder().decode(bytes)).status).toBe('P')
  })

  it('sends more than anybody wants', async () => {
    const { ask } = await failing({ kind: 'huge-body', bytes: 3_000_000 })
    const answer = await ask()
    expect(answer.text.length).toBeGreaterThan(3_000_000)
    expect(JSON.parse(answer.text).orders).toEqual([])
  })

  it('sends more headers than a client takes', async () => {
    const { ask } = await failing({ kind: 'huge-headers' })
    expect(await breakage(ask())).toBe('UND_ERR_HEADERS_OVERFLOW')
  })

  it.each<[FaultKind, RegExp]>([
    ['half-body', /UND_ERR_SOCKET/],
    ['reset-before', /ECONNRESET|UND_ERR_SOCKET/],
    ['reset-after', /ECONNRESET|UND_ERR_SOCKET/],
  ])('%s breaks the connection', async (kind, code) => {
    const { ask } = await failing({ kind })
    expect(await breakage(ask())).toMatch(code)
  })

  it('says nothing at all until the client gives up', async () => {
    const { shop } = await failing({ kind: 'never', on: 'any' })
    const given = fetch(`${shop.url}/api/2.0/orders/1`, { signal: AbortSignal.timeout(150) })
    await expect(given).rejects.toThrow(/timeout/)
  })

  it('answers late', async () => {
    const { ask } = await failing({ kind: 'late', ms: 120 })
    const before = performance.now()
    expect((await ask()).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThan(110)
  })

  it('dribbles a byte at a time', async () => {
    const { client, shop } = await failing({ kind: 'dribble', on: 'version', ms: 10 })
    const before = performance.now()
    expect((await client.get('version')).text).toBe('{"Version":"2.0"}')
    expect(performance.now() - before).toBeGreaterThan(150)
    expect(shop.faults.fired()).toMatchObject([{ kind: 'dribble', route: 'version' }])
  })
})

describe('whether the work was done', () => {
  it.each<[FaultKind, boolean]>([
    ['reset-before', false],
    ['reset-after', true],
    ['half-body', true],
    ['empty-200', true],
    ['notice-json', true],
    ['error-html', false],
    ['unavailable', false],
    ['redirect', false],
  ])('%s: %s', async (kind, applied) => {
    const { shop, client } = await failing({ kind, on: 'orders.put' })
    await breakage(client.put('orders/1', { status: 'C' }))
    expect(shop.order(1)?.status).toBe(applied ? 'C' : 'P')
  })

  it('can be told otherwise', async () => {
    const { shop, client } = await failing({ kind: 'error-html', on: 'orders.put', applied: true })
    expect((await client.put('orders/1', { status: 'C' })).status).toBe(500)
    expect(shop.order(1)?.status).toBe('C')
  })

  it('is known after a client that gave up on a late answer', async () => {
    const { shop, client } = await failing({ kind: 'late', ms: 60_000, on: 'shipments.post' })
    const body = { order_id: 1, shipping_id: 12, carrier: 'yamato', tracking_number: '1' }
    const waiting = breakage(client.post('shipments', body))
    await expect.poll(() => shop.shipments(1).length).toBe(1)
    await shop.close()
    expect(await waiting).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
  })
})

describe('when a fault fires', () => {
  const statuses = async (times: number, ask: () => Promise<{ status: number }>): Promise<number[]> => {
    const seen: number[] = []
    for (let count = 0; count < times; count += 1) seen.push((await ask()).status)
    return seen
  }

  it('is on the n-th request of its kind from now on, for so many times', async () => {
    const { shop, client, ask } = await failing({ kind: 'unavailable', nth: 2, times: 2 })
    await client.get('version')
    await client.get('orders')
    expect(shop.faults.waiting()).toHaveLength(1)
    expect(await statuses(5, ask)).toEqual([200, 503, 503, 200, 200])
    expect(shop.faults.waiting()).toEqual([])
  })

  it('is on any request of the API, and not on the storefront', async () => {
    const { client } = await failing({ kind: 'unavailable', on: 'any', times: Number.POSITIVE_INFINITY })
    expect((await client.ask('GET', '/')).status).toBe(200)
    expect([(await client.get('version')).status, (await client.get('orders')).status]).toEqual([503, 503])
  })

  it('is on one order only, in whatever route names it, and counts its requests alone', async () => {
    const { shop, client } = await failing({ kind: 'error-html', on: 'any', orderId: 2, nth: 2, times: 2 })
    shop.addOrder({ status: 'P' })
    const asked = async (path: string): Promise<number> => (await client.get(path)).status
    expect([await asked('orders/1'), await asked('orders/2'), await asked('orders/1')]).toEqual([200, 200, 200])
    expect([await asked('orders'), await asked('version'), await asked('shipments?order_id=1')]).toEqual([
      200, 200, 200,
    ])
    expect([await asked('orders/2'), await asked('shipments?order_id=2')]).toEqual([500, 500])
    expect(await asked('orders/2')).toBe(200)
  })

  it('is by chance, the same for the same seed', async () => {
    const run = async (seed: number): Promise<number[]> => {
      const { ask } = await failing({ kind: 'unavailable', probability: 0.4, seed })
      return statuses(30, ask)
    }
    const [first, second, other] = [await run(5), await run(5), await run(6)]
    expect(first).toEqual(second)
    expect(first).not.toEqual(other)
    expect(new Set(first)).toEqual(new Set([200, 503]))
  })

  it('ends when it is taken away', async () => {
    const { shop, ask } = await failing({ kind: 'unavailable', times: 9 })
    expect(await statuses(1, ask)).toEqual([503])
    shop.faults.clear()
    expect(await statuses(1, ask)).toEqual([200])
  })

  it('is in the ledger beside the request', async () => {
    const { shop, ask } = await failing({ kind: 'reset-after', nth: 2 })
    await ask()
    await breakage(ask())
    expect(shop.ledger.of('orders.get').map(({ number, status, fault }) => ({ number, status, fault }))).toEqual([
      { number: 1, status: 200, fault: null },
      { number: 2, status: 0, fault: 'reset-after' },
    ])
  })
})

describe('the end of a shop', () => {
  it('breaks what is under way', async () => {
    const { shop, client } = await start({ latencyMs: 60_000 })
    const waiting = breakage(client.get('version'))
    await expect.poll(() => shop.ledger.requests.length).toBe(1)
    const before = performance.now()
    await shop.close()
    expect(await waiting).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
    expect(performance.now() - before).toBeLessThan(1000)
    expect(await breakage(client.get('version'))).toBe('ECONNREFUSED')
  })

  it('lets requests wait side by side', async () => {
    const { shop, client } = await start({ latencyMs: 100 })
    const before = performance.now()
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => client.get('version')))
    expect(performance.now() - before).toBeLessThan(450)
    expect(shop.ledger.peakConcurrency()).toBe(6)
  })
})
