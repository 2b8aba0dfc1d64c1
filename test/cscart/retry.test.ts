import { expect, test } from 'vitest'
import type { Exchange } from '../../src/cscart/client.ts'
import { pause, retryAfterSeconds, sleepFor } from '../../src/cscart/retry.ts'
import { failureOf, list, page, post, shipment } from './calls-to-fail.ts'
import { clientOf, html, httpShop, json } from './raw-shop.ts'

const GOOD = json({ orders: [], params: { page: 1 } })
const away = (headers: Record<string, string> = {}) => html('', 503, headers)

test('a read is repeated until the shop is back, with growing pauses', async () => {
  const shop = await httpShop(away(), away(), away(), GOOD)
  const client = clientOf(shop.url)
  expect(await client.listOrders(page)).toMatchObject({ rows: [] })
  expect(shop.received).toHaveLength(4)
  expect(client.pauses).toEqual([375, 750, 1500])
})

test('a read gives up after four attempts', async () => {
  const shop = await httpShop(away())
  expect(await list(clientOf(shop.url))).toMatchObject({ reason: 'unavailable' })
  expect(shop.received).toHaveLength(4)
})

test.each([
  ['a lost connection', 'connection_lost', 4, (response: { destroy(): void }) => response.destroy()],
  ['429', 'rate_limited', 4, html('', 429)],
  ['an empty answer', 'empty_answer', 2, json('')],
  ['broken JSON', 'not_json', 2, json('{"orders":')],
  ['401', 'unauthorized', 1, html('', 401)],
  ['403', 'forbidden', 1, json({ message: 'Forbidden' }, 403)],
  ['a firewall', 'blocked', 1, html('<html>', 403)],
  ['a redirect', 'redirected', 1, html('', 302, { Location: '/admin.php' })],
  ['the storefront', 'storefront', 1, html('<html>')],
  ['another shape', 'unexpected_shape', 1, json({})],
] as const)('%s (%s) is read %i times in all', async (_what, reason, times, answer) => {
  const shop = await httpShop(answer)
  expect(await list(clientOf(shop.url))).toMatchObject({ reason })
  expect(shop.received).toHaveLength(times)
})

test('no write is ever repeated, whatever became of it', async () => {
  const kinds = [
    away(),
    html('', 429, { 'Retry-After': '1' }),
    json(''),
    (response: { destroy(): void }) => response.destroy(),
  ]
  for (const answer of kinds) {
    const shop = await httpShop(answer)
    const client = clientOf(shop.url)
    await post(client)
    await failureOf(client.setOrderStatus(1, 'C', { notifyCustomer: false }))
    await failureOf(client.updateShipment(1, { status: 'S' }))
    expect(shop.received.map(({ method }) => method)).toEqual(['POST', 'PUT', 'PUT'])
    expect(client.pauses).toEqual([])
  }
})

test('the shop is given the time it asks for', async () => {
  const shop = await httpShop(html('', 429, { 'Retry-After': '7' }), GOOD)
  const client = clientOf(shop.url)
  await client.listOrders(page)
  expect(client.pauses).toEqual([7125])
})

test('a shop that asks for longer than a minute is left alone until the next run', async () => {
  const shop = await httpShop(away({ 'Retry-After': '300' }))
  const client = clientOf(shop.url)
  expect(await list(client)).toMatchObject({ reason: 'unavailable', retryAfterSeconds: 300 })
  expect(shop.received).toHaveLength(1)
})

test('each repetition is an exchange of its own', async () => {
  const shop = await httpShop(away(), GOOD)
  const exchanges: Exchange[] = []
  await clientOf(shop.url).recorded(exchanges).listOrders(page)
  expect(exchanges.map(({ status }) => status)).toEqual([503, 200])
})

test('a pause ends when the run is stopped', async () => {
  const shop = await httpShop(away())
  const stop = new AbortController()
  const client = clientOf(shop.url, {
    sleep: (_ms, signal) => {
      stop.abort(new Error('中止'))
      return sleepFor(60_000, signal)
    },
  })
  await expect(client.listOrders(page, stop.signal)).rejects.toThrow('中止')
  expect(shop.received).toHaveLength(1)
})

test('a request under way ends when the run is stopped, a write as well', async () => {
  const stop = new AbortController()
  const shop = await httpShop(() => stop.abort(new Error('中止')))
  await expect(clientOf(shop.url).createShipment(shipment, stop.signal)).rejects.toThrow('中止')
  await expect(clientOf(shop.url).listOrders(page, stop.signal)).rejects.toThrow('中止')
  expect(shop.received).toHaveLength(1)
})

test('pauses grow, keep a jitter of half their length, and are never longer than 15 seconds', () => {
  expect([1, 2, 3, 4, 9].map((attempt) => pause(attempt, 0, 0))).toEqual([250, 500, 1000, 2000, 7500])
  expect([1, 2, 3, 4, 9].map((attempt) => pause(attempt, 0, 1))).toEqual([500, 1000, 2000, 4000, 15_000])
  expect(pause(1, 30, 0)).toBe(30_000)
})

test('Retry-After is seconds or a date, and never more than a day', () => {
  const now = new Date('2026-11-24T00:00:00Z')
  expect(retryAfterSeconds('120', now)).toBe(120)
  expect(retryAfterSeconds(' 0 ', now)).toBe(0)
  expect(retryAfterSeconds('Tue, 24 Nov 2026 00:01:30 GMT', now)).toBe(90)
  expect(retryAfterSeconds('Mon, 23 Nov 2026 00:00:00 GMT', now)).toBe(0)
  expect(retryAfterSeconds('99999999999999999999', now)).toBe(86_400)
  for (const nothing of ['', 'soon', '-', '1.5.2', undefined]) expect(retryAfterSeconds(nothing, now)).toBeUndefined()
})
