import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { CsCartError } from '../../src/errors.ts'
import type { CsCartReason } from '../../src/failures.ts'
import { list, post } from './calls-to-fail.ts'
import { clientOf, html, httpShop, json, KEY } from './raw-shop.ts'

const NOTICE =
  '<br />\n<b>Notice</b>:  Undefined index: carrier in <b>/home/shop/app/functions.php</b> on line <b>12</b><br />\n'
const STOREFRONT =
  '<!DOCTYPE html><html lang="ja"><head><title>サンプル商店</title></head><body>いらっしゃいませ</body></html>'
const WAF = '<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>'
const ENTITY = {
  message: 'Not Found: エンティティ orderz が見つかりません',
  messages: ['エンティティ orderz が見つかりません'],
  status: 404,
}
type Case = {
  what: string
  answer: ReturnType<typeof json>
  reason: CsCartReason
  /** Of a write: whether it may have been applied. */
  applied: boolean
  more?: Partial<CsCartError>
}

const CASES: Case[] = [
  { what: '401', answer: json({ message: 'Unauthorized', status: 401 }, 401), reason: 'unauthorized', applied: false },
  { what: '401 page', answer: html('<html>401</html>', 401), reason: 'unauthorized', applied: false },
  {
    what: '403 in JSON',
    answer: json({ message: 'Forbidden', status: 403 }, 403),
    reason: 'forbidden',
    applied: false,
  },
  {
    what: '403 page',
    answer: html(WAF, 403),
    reason: 'blocked',
    applied: true,
    more: { said: '403 Forbidden Forbidden' },
  },
  { what: '403 JSON of somebody else', answer: json({ error: 'denied' }, 403), reason: 'blocked', applied: true },
  { what: '406 page', answer: html(WAF, 406), reason: 'blocked', applied: true },
  { what: '404 entity', answer: json(ENTITY, 404), reason: 'not_an_api', applied: false },
  { what: '404 page', answer: html(STOREFRONT, 404), reason: 'not_an_api', applied: true },
  {
    what: '404 JSON of another program',
    answer: json({ code: 'rest_no_route' }, 404),
    reason: 'not_an_api',
    applied: true,
  },
  {
    what: '404 of a list',
    answer: json({ message: 'Not Found', status: 404 }, 404),
    reason: 'not_an_api',
    applied: false,
  },
  {
    what: '302',
    answer: html('', 302, { Location: 'https://u:p@shop.example/admin.php?dispatch=x#y' }),
    reason: 'redirected',
    applied: true,
    more: { said: 'https://shop.example/admin.php' },
  },
  {
    what: '301',
    answer: html(STOREFRONT, 301, { Location: 'https://www.shop.example/api/2.0/orders' }),
    reason: 'redirected',
    applied: true,
  },
  {
    what: '307',
    answer: html('', 307, { Location: 'https://www.shop.example/' }),
    reason: 'redirected',
    applied: true,
  },
  {
    what: '304',
    answer: (response) => {
      response.writeHead(304).end()
    },
    reason: 'redirected',
    applied: true,
  },
  {
    what: '400 with words',
    answer: json({ message: 'Bad Request: shipping_idフィールドを指定してください', status: 400 }, 400),
    reason: 'rejected',
    applied: false,
    more: { said: 'Bad Request: shipping_idフィールドを指定してください' },
  },
  {
    what: '400 without',
    answer: json({ message: 'Bad Request', status: 400 }, 400),
    reason: 'rejected',
    applied: false,
  },
  {
    what: '405 in JSON',
    answer: json({ message: 'Method Not Allowed', status: 405 }, 405),
    reason: 'rejected',
    applied: false,
  },
  {
    what: '400 of an https port',
    answer: html('<html>The plain HTTP request was sent to HTTPS port</html>', 400),
    reason: 'not_https',
    applied: true,
  },
  { what: '408', answer: html('', 408), reason: 'timeout', applied: true },
  {
    what: '429',
    answer: html('slow down', 429, { 'Retry-After': '7' }),
    reason: 'rate_limited',
    applied: false,
    more: { retryAfterSeconds: 7 },
  },
  {
    what: '500 page',
    answer: html('<title>Service unavailable</title>', 500),
    reason: 'unavailable',
    applied: true,
    more: { said: 'Service unavailable' },
  },
  {
    what: '500 in JSON',
    answer: json({ message: 'Internal Server Error', status: 500 }, 500),
    reason: 'unavailable',
    applied: true,
  },
  {
    what: '503',
    answer: html('', 503, { 'Retry-After': '300' }),
    reason: 'unavailable',
    applied: true,
    more: { retryAfterSeconds: 300 },
  },
  { what: '509', answer: html('bandwidth', 509), reason: 'unavailable', applied: true },
  {
    what: '204',
    answer: (response) => {
      response.writeHead(204).end()
    },
    reason: 'empty_answer',
    applied: true,
  },
  { what: 'empty 200', answer: json(''), reason: 'empty_answer', applied: true },
  { what: 'blank 200', answer: json(' \n'), reason: 'empty_answer', applied: true },
  {
    what: 'storefront',
    answer: html(STOREFRONT),
    reason: 'storefront',
    applied: true,
    more: { said: 'サンプル商店 いらっしゃいませ' },
  },
  {
    what: 'storefront in EUC-JP',
    answer: html(
      Buffer.concat([Buffer.from('<html><title>'), Buffer.from([0xa4, 0xa2]), Buffer.from('</title></html>')]),
    ),
    reason: 'storefront',
    applied: true,
  },
  {
    what: 'IP block',
    answer: html('あなたのIPアドレスはブロックされました。'),
    reason: 'blocked',
    applied: true,
    more: { said: 'あなたのIPアドレスはブロックされました。' },
  },
  { what: 'area block', answer: html('このエリアにはアクセスできません'), reason: 'blocked', applied: true },
  {
    what: 'challenge page',
    answer: html('<!doctype html><html><title>Just a moment...</title></html>'),
    reason: 'blocked',
    applied: true,
  },
  {
    what: 'notice before JSON',
    answer: json(`${NOTICE}{"orders":[],"firstname":"佐藤"}`),
    reason: 'not_json',
    applied: true,
    more: { said: 'Notice : Undefined index: carrier in /home/shop/app/functions.php on line 12 …' },
  },
  { what: 'notice as HTML', answer: html(`${NOTICE}{"orders":[]}`), reason: 'not_json', applied: true },
  { what: 'JSON under HTML', answer: html('{"orders":[]}'), reason: 'not_json', applied: true },
  { what: 'the word Array', answer: html('Array'), reason: 'not_json', applied: true },
  { what: 'broken JSON', answer: json('{"orders":[{"order_id":"1"'), reason: 'not_json', applied: true },
  { what: 'a bare number', answer: json('12'), reason: 'not_json', applied: true },
  {
    what: 'zipped JSON',
    answer: (response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(gzipSync('{}'))
    },
    reason: 'not_json',
    applied: true,
    more: { said: 'Content-Encoding: gzip' },
  },
  {
    what: 'Shift_JIS in JSON',
    answer: (response) => {
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end(Buffer.from([0x7b, 0x22, 0x8e, 0xf3, 0x22, 0x3a, 0x31, 0x7d]))
    },
    reason: 'invalid_text',
    applied: true,
  },
  { what: 'another shape', answer: json({ message: 'hello' }), reason: 'unexpected_shape', applied: true },
  { what: 'a list', answer: json([]), reason: 'unexpected_shape', applied: true },
]

describe.each(CASES)('$what', ({ answer, reason, applied, more }) => {
  test(`is ${reason} to a read`, async () => {
    const shop = await httpShop(answer)
    const failure = await list(clientOf(shop.url, { attempts: 1 }))
    expect(failure).toMatchObject({ reason, mayHaveBeenApplied: false, ...more })
  })

  test(`leaves a write ${applied ? 'in doubt' : 'not applied'} and is asked once`, async () => {
    const shop = await httpShop(answer)
    const failure = await post(clientOf(shop.url))
    expect(failure).toMatchObject({ reason, mayHaveBeenApplied: applied, ...more })
    expect(shop.received).toHaveLength(1)
  })
})

test('no failure tells the key, in whatever way the shop repeats it', async () => {
  const basic = Buffer.from(`api-user@merchant.example:${KEY}`).toString('base64')
  for (const answer of [html(`<html>${KEY} ${basic}</html>`, 403), json({ message: `Bad Request: ${KEY}` }, 400)]) {
    const shop = await httpShop(answer)
    const { said } = await list(clientOf(shop.url, { attempts: 1 }))
    expect(said).toContain('＊＊＊')
    expect(said).not.toContain(KEY)
    expect(said).not.toContain(basic)
  }
})

test('an address that is none is refused at once', () => {
  expect(() => clientOf('no address')).toThrow(expect.objectContaining({ reason: 'not_an_api' }))
})
