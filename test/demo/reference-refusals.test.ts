import { describe, expect, it } from 'vitest'
import type { Profile } from '../../src/demo/shop/index.ts'
import { exampleParcel, exampleShop } from './example-shop.ts'
import { json } from './shop-client.ts'
import { shopsOfTest } from './shops.ts'

const start = shopsOfTest()

type Refused = {
  name: string
  profile: Profile
  ask: [method: string, path: string, body?: unknown, raw?: string]
  status: number
  body: unknown
}

const said = (reason: string, text: string, status: number, list: 'messages' | 'errors' = 'messages') => ({
  message: `${reason}: ${text}`,
  [list]: [text],
  status,
})
const shippingIdMissing = { order_id: 10_234, carrier: 'yamato', tracking_number: '1' }
const noCarrier = { order_id: 10_234, shipping_id: 12, products: { '2910042315': 1 } }
const allZero = { ...noCarrier, carrier: 'yamato', tracking_number: '1', products: { '2910042315': 0 } }
const fourFields = '追跡番号、ステータス、コメント、時間のパラメータのみ更新できます'
const twoFields = '追跡番号と運送会社のパラメータのみ更新できます'
const eitherOne = '次のフィールドのいずれかが必要です: carrier / tracking_number'

const refusals: Refused[] = [
  {
    name: 'a missing field',
    profile: 'jp413',
    ask: ['POST', 'shipments', shippingIdMissing],
    status: 400,
    body: said('Bad Request', 'shipping_idフィールドを指定してください', 400),
  },
  {
    name: 'a missing field',
    profile: 'jp410',
    ask: ['POST', 'shipments', shippingIdMissing],
    status: 400,
    body: { message: 'Bad Request: shipping_idフィールドを指定してください', status: 400 },
  },
  {
    name: 'neither number nor carrier',
    profile: 'jp410',
    ask: ['POST', 'shipments', noCarrier],
    status: 400,
    body: { message: 'Bad Request', status: 400 },
  },
  {
    name: 'neither number nor carrier',
    profile: 'jp413',
    ask: ['POST', 'shipments', noCarrier],
    status: 400,
    body: { message: 'Bad Request', status: 400 },
  },
  {
    name: 'neither number nor carrier',
    profile: 'v416',
    ask: ['POST', 'shipments', noCarrier],
    status: 400,
    body: said('Bad Request', eitherOne, 400),
  },
  {
    name: 'neither number nor carrier',
    profile: 'v420',
    ask: ['POST', 'shipments', noCarrier],
    status: 400,
    body: said('Bad Request', eitherOne, 400),
  },
  {
    name: 'only zeros',
    profile: 'jp413',
    ask: ['POST', 'shipments', allZero],
    status: 400,
    body: said('Bad Request', '配送する商品が選択されていません', 400, 'errors'),
  },
  {
    name: 'a change of a shipment',
    profile: 'jp413',
    ask: ['PUT', 'shipments/36', { status: 'S' }],
    status: 400,
    body: said('Bad Request', twoFields, 400),
  },
  {
    name: 'a change of a shipment',
    profile: 'jp410',
    ask: ['PUT', 'shipments/36', { tracking_number: '2', carrier: 'x' }],
    status: 400,
    body: { message: `Bad Request: ${twoFields}`, status: 400 },
  },
  {
    name: 'a change of the carrier',
    profile: 'v416',
    ask: ['PUT', 'shipments/36', { carrier: 'sagawa' }],
    status: 400,
    body: said('Bad Request', fourFields, 400),
  },
  {
    name: 'a flag beside the change',
    profile: 'v420',
    ask: ['PUT', 'shipments/36', { status: 'S', notify_user: true }],
    status: 400,
    body: said('Bad Request', fourFields, 400),
  },
  {
    name: 'a letter that shipments have not',
    profile: 'v420',
    ask: ['PUT', 'shipments/36', { status: 'D' }],
    status: 400,
    body: said('Bad Request', 'ステータスフィールドの値が正しくありません。許可された値：A、P、S', 400),
  },
  {
    name: 'an unknown order',
    profile: 'jp413',
    ask: ['GET', 'orders/1'],
    status: 404,
    body: { message: 'Not Found', status: 404 },
  },
  {
    name: 'an unknown entity',
    profile: 'jp413',
    ask: ['GET', 'orderz'],
    status: 404,
    body: said('Not Found', 'エンティティ orderz が見つかりません', 404),
  },
  {
    name: 'a change of no order',
    profile: 'jp413',
    ask: ['PUT', 'orders', { status: 'C' }],
    status: 405,
    body: said('Method Not Allowed', 'オブジェクトIDが定義されていません', 405),
  },
  {
    name: 'a change of nothing',
    profile: 'jp413',
    ask: ['PUT', 'orders/10234', {}],
    status: 405,
    body: said('Method Not Allowed', 'パラメータが不足しています', 405),
  },
  {
    name: 'half a JSON',
    profile: 'jp413',
    ask: ['PUT', 'orders/10234', undefined, '{"status":'],
    status: 400,
    body: said('Bad Request', 'シンタックスエラー：無効なJSONです', 400),
  },
]

describe('the refusals of the API reference', () => {
  it.each(refusals)('$profile refuses $name with $status', async ({ profile, ask, status, body }) => {
    const { shop, client } = await exampleShop(start, profile)
    const [method, path, sent, raw] = ask
    const answer = await client.ask(method, `/api/2.0/${path}`, {
      ...(sent === undefined ? {} : { body: sent }),
      ...(raw === undefined ? {} : { raw, headers: { 'content-type': 'application/json' } }),
    })
    expect([answer.status, json(answer)]).toEqual([status, body])
    expect(shop.ledger.writes).toEqual([])
  })

  it.each(['jp410', 'jp413', 'v416', 'v420'] as const)(
    '%s refuses what was shipped already without a word',
    async (profile) => {
      const { shop, client } = await exampleShop(start, profile)
      await client.post('shipments', exampleParcel)
      const again = await client.post('shipments', exampleParcel)
      expect([again.status, again.text]).toEqual([400, '{"message":"Bad Request","status":400}'])
      expect(shop.ledger.order(10_234).shipments).toHaveLength(2)
    },
  )
})
