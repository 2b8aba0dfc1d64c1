import { expect, test } from 'vitest'
import type { Exchange } from '../../src/cscart/client.ts'
import { excerpt, maskPage, maskValue, maskWords, withoutSecrets } from '../../src/cscart/mask.ts'
import { shipment } from './calls-to-fail.ts'
import { example } from './example-order.ts'
import { clientOf, EMAIL, html, httpShop, json, KEY } from './raw-shop.ts'

/** Everything in the example order that says something about a person, and what a shop must not tell. */
const PRIVATE = [
  '佐藤',
  '花子',
  '健',
  'サトウ',
  'ハナコ',
  'ケン',
  'hanako',
  'example.jp',
  '銀座',
  'サンプルビル',
  '中央区',
  '東京都',
  '北海道',
  '札幌',
  '北一条',
  '104-0061',
  '0600001',
  '03-0000-1234',
  '011-000-5678',
  '192.0.2.10',
  '宅配ボックス',
  '名入れ：花子',
  '要電話',
  'XXXXXXXXXXXX1234',
  'carrier-password',
  'carrier-account',
  'GIFT-AAAA-BBBB',
  KEY,
  EMAIL,
  Buffer.from(`${EMAIL}:${KEY}`).toString('base64'),
]

const order = example({
  details: '要電話確認',
  phone: '09012345678',
  payment_info: { card_number: 'XXXXXXXXXXXX1234' },
  product_groups: [{ shippings: { 1: { service_params: { password: 'carrier-password' } } } }],
  use_gift_certificates: { 'GIFT-AAAA-BBBB': { amount: '500' } },
  shipping: [{ shipping_id: '12', shipping: '宅急便', service_params: { account: 'carrier-account' } }],
  api_key: KEY,
  new_addon: { receiver: '佐藤 健', tel: 9_012_345_678, deeper: [{ where: '銀座1-2-3' }, '花子'] },
  佐藤: 'x',
})

function expectNothingPrivate(exchanges: readonly Exchange[]): void {
  const all = JSON.stringify(exchanges)
  for (const word of [...PRIVATE, '09012345678', '9012345678']) expect(all).not.toContain(word)
}

test('an exchange shows what an order is about and nothing of whose it is', async () => {
  const shop = await httpShop(json(order))
  const exchanges: Exchange[] = []
  await clientOf(shop.url, { now: () => new Date(1_795_500_000_000) })
    .recorded(exchanges)
    .order(10234)
  expectNothingPrivate(exchanges)
  expect(exchanges).toEqual([
    {
      at: 1_795_500_000_000,
      method: 'GET',
      path: '/api/2.0/orders/10234?sl=ja',
      status: 200,
      answer: expect.stringContaining('"order_id":"10234"'),
      ms: expect.any(Number),
    },
  ])
  const [{ answer = '' } = {}] = exchanges
  for (const shown of ['"total":"9302.00"', '"status":"P"', '静岡深蒸し茶', '"amount":"2"', '伏せた項目数']) {
    expect(answer).toContain(shown)
  }
})

test('a list and a shipment are masked alike, whatever their shape', async () => {
  const exchanges: Exchange[] = []
  const row = { ...order, timestamp: '1795137300' }
  const rows = await httpShop(
    json({ orders: [row, row], params: { cname: '佐藤', email: 'hanako@example.jp', page: 1 } }),
  )
  await clientOf(rows.url)
    .recorded(exchanges)
    .listOrders({ statuses: ['P'], sortBy: 'date', sortOrder: 'asc', itemsPerPage: 2, page: 1 })
  const sent = { shipment_id: 5, order_id: 1, s_firstname: '佐藤', comments: '銀座1-2-3', products: { 345: '2' } }
  const shipments = await httpShop(json(sent))
  await clientOf(shipments.url).recorded(exchanges).shipment(5)
  expectNothingPrivate(exchanges)
  expect(exchanges[0]?.path).toContain('status[]=P')
  expect(exchanges[1]?.answer).toBe('{"shipment_id":5,"order_id":1,"products":{"345":"2"},"伏せた項目数":2}')
})

test('what a write sends is shown', async () => {
  const shop = await httpShop(
    json({ message: 'Bad Request: 佐藤@example.jp 090-1234-5678 は無効です', status: 400 }, 400),
  )
  const exchanges: Exchange[] = []
  const call = clientOf(shop.url)
    .recorded(exchanges)
    .createShipment({ ...shipment, comments: '他の伝票番号: 2' })
  await expect(call).rejects.toMatchObject({ reason: 'rejected', said: 'Bad Request: ＊＊＊ ＊＊＊ は無効です' })
  expect(exchanges).toMatchObject([
    {
      method: 'POST',
      status: 400,
      requestBody:
        '{"order_id":1,"shipping_id":2,"products":{"3":1},"carrier":"yamato","tracking_number":"123456789012","status":"S","comments":"他の伝票番号: 2"}',
      answer: '{"message":"Bad Request: ＊＊＊ ＊＊＊ は無効です","status":400}',
    },
  ])
})

test('answers that are no JSON tell nothing either', async () => {
  const body = JSON.stringify(order)
  const bodies = [
    json(`Notice: Undefined index in /home/x.php\n${body}`),
    json(body.slice(0, -40)),
    html(
      `<html><p>Database error: UPDATE x SET firstname='佐藤', city="中央区" phone 03-0000-1234 ${KEY}</p>${body}`,
      500,
    ),
    html(`<html><script>var user = "佐藤"</script><style>佐藤</style>hanako@example.jp</html>`),
    json(`"${'佐藤'.repeat(3000)}`),
  ]
  const exchanges: Exchange[] = []
  for (const answer of bodies) {
    const shop = await httpShop(answer)
    const call = clientOf(shop.url, { attempts: 1 }).recorded(exchanges).order(10234)
    const failure = await call.then(
      () => undefined,
      (error) => error,
    )
    for (const word of PRIVATE) expect(String(failure.said)).not.toContain(word)
  }
  expect(exchanges).toHaveLength(bodies.length)
  expectNothingPrivate(exchanges)
  expect(exchanges[0]?.answer).toBe('Notice: Undefined index in /home/x.php …')
})

test('a lost connection is an exchange without an answer', async () => {
  const shop = await httpShop((response) => response.destroy())
  const exchanges: Exchange[] = []
  await expect(clientOf(shop.url).recorded(exchanges).createShipment(shipment)).rejects.toThrow()
  expect(exchanges).toHaveLength(1)
  expect(exchanges[0]).not.toHaveProperty('status')
  expect(exchanges[0]).not.toHaveProperty('answer')
})

test('nothing is longer than 2,000 characters, and no character is cut in half', async () => {
  const shop = await httpShop(json({ order_id: 1, product: '𠮷'.repeat(5000) }))
  const exchanges: Exchange[] = []
  await expect(clientOf(shop.url).recorded(exchanges).order(1)).rejects.toThrow()
  expect(exchanges[0]?.answer?.length).toBeLessThanOrEqual(2000)
  expect(exchanges[0]?.answer?.isWellFormed()).toBe(true)
  expect(excerpt('𠮷𠮷', 3)).toBe('𠮷…')
  expect(excerpt('𠮷𠮷', 2)).toBe('…')
})

test('one client records what it is asked through the recording one, and shares its connections', async () => {
  const shop = await httpShop(json({ Version: '2.0' }))
  const client = clientOf(shop.url)
  const first: Exchange[] = []
  const second: Exchange[] = []
  await client.recorded(first).apiVersion()
  await client.recorded(second).recorded(second).apiVersion()
  await client.apiVersion()
  expect([first.length, second.length, shop.received.length]).toEqual([1, 1, 3])
})

test('what is known to hold secrets is left out whole, even under harmless names', () => {
  const secret = { description: 'carrier-account', status: 'carrier-password' }
  for (const key of ['service_params', 'payment_info', 'product_groups', 'fields']) {
    expect(maskValue({ order_id: 1, [key]: secret })).toEqual({ order_id: 1, 伏せた項目数: 1 })
  }
  expect(maskValue({ use_gift_certificates: { 'GIFT-AAAA-BBBB': { amount: 1 } } })).toEqual({ 伏せた項目数: 1 })
})

test('a shop that repeats the key in its own words does not get it into the log', async () => {
  const apiKey = 'abcdefghijklmnopqrstuvwxyzABCDEF'
  const shop = await httpShop(json({ message: `Bad Request: ${apiKey}`, order_id: apiKey, status: 400 }, 400))
  const exchanges: Exchange[] = []
  const call = clientOf(shop.url, {}, { apiKey }).recorded(exchanges).apiVersion()
  await expect(call).rejects.toMatchObject({ reason: 'rejected', said: 'Bad Request: ＊＊＊' })
  expect(exchanges[0]?.answer).toBe('{"message":"Bad Request: ＊＊＊","order_id":"＊＊＊","status":400}')
})

test('deep and hostile bodies are masked within bounds', () => {
  let deep: unknown = '佐藤'
  for (let depth = 0; depth < 5000; depth += 1) deep = { order_id: deep }
  expect(JSON.stringify(maskValue(deep))).not.toContain('佐藤')
  const hostile = JSON.parse('{"__proto__":{"name":"佐藤","order_id":"1"},"constructor":"佐藤","toString":"佐藤"}')
  expect(JSON.stringify(maskValue(hostile))).toBe('{"__proto__":{"order_id":"1","伏せた項目数":1},"伏せた項目数":2}')
})

test('words lose mail addresses and long numbers, and a page without blanks takes no time', () => {
  expect(maskWords('注文10234 (03-0000-1234, a.b+c@example.jp, 104-0061)')).toBe('注文10234 (＊＊＊, ＊＊＊, ＊＊＊)')
  expect(maskPage("It's a <b>page</b> with 'a value'")).toBe("It's a page with ＊＊＊")
  expect(withoutSecrets('key abcd1234!', ['abcd1234', ''])).toBe('key ＊＊＊!')
  const started = performance.now()
  for (const filler of ['a', '<', '<script', "'", '"', '1-', '@', 'a@']) maskPage(filler.repeat(100_000))
  expect(performance.now() - started).toBeLessThan(2000)
})
