import { describe, expect, it } from 'vitest'
import type { Profile } from '../../src/demo/shop/index.ts'
import { json } from './shop-client.ts'
import { shopsOfTest } from './shops.ts'

const start = shopsOfTest()

type Row = [profile: Profile, expected: unknown]
const table = (jp410: unknown, jp413: unknown, v416: unknown, v420: unknown): Row[] => [
  ['jp410', jp410],
  ['jp413', jp413],
  ['v416', v416],
  ['v420', v420],
]

async function filled(profile: Profile) {
  const { shop, client } = await start({ profile, firstOrderId: 1 })
  const order = shop.addOrder({ status: 'P', lines: [{ itemId: '11', amount: 2 }], groups: [{ shippingId: 12 }] })
  const parcel = { order_id: order.id, shipping_id: 12, carrier: 'yamato', tracking_number: '1' }
  return { shop, client, order, parcel }
}

describe('what differs between versions', () => {
  it.each(table(['3', ['1']], ['9', []], ['9', []], ['9', []]))(
    '%s past the end of the orders',
    async (profile, expected) => {
      const { shop, client } = await start({ profile, firstOrderId: 1 })
      for (let day = 1; day <= 5; day += 1) shop.addOrder({ timestamp: day * 86_400 })
      const { orders, params } = json(await client.get('orders?items_per_page=2&page=9'))
      expect([String(params.page), orders.map((row: { order_id: string }) => row.order_id)]).toEqual(expected)
    },
  )

  it.each(
    table(
      ['2', undefined],
      [2, ['issuers', 'invoice_docs', 'memo_docs']],
      [2, ['issuers', 'invoice_docs', 'memo_docs']],
      [2, ['issuers', 'invoice_docs', 'memo_docs']],
    ),
  )('%s echoes the page size and extras', async (profile, expected) => {
    const { client } = await filled(profile)
    const params = await client.params('items_per_page=2')
    expect([params.items_per_page, params.extra]).toEqual(expected)
  })

  it.each(table(1, 0, 0, 0))('%s finds this many orders updated after the end of time', async (profile, expected) => {
    const { client } = await filled(profile)
    expect(await client.ids('updated_at_from=4000000000')).toHaveLength(Number(expected))
  })

  it.each(table(false, true, true, true))('%s tells updated_at in an order', async (profile, expected) => {
    const { client } = await filled(profile)
    expect('updated_at' in json(await client.get('orders/1'))).toBe(expected)
  })

  it.each(table(false, true, true, true))('%s gives whole orders for get_orders_data', async (profile, expected) => {
    const { client } = await filled(profile)
    expect('products' in json(await client.get('orders?get_orders_data=1')).orders[0]).toBe(expected)
  })

  it.each(table([false, false], [true, false], [true, false], [true, true]))(
    '%s has issuer_email and storefront_id in a row',
    async (profile, expected) => {
      const { client } = await filled(profile)
      const [row] = json(await client.get('orders')).orders
      expect(['issuer_email' in row, 'storefront_id' in row]).toEqual(expected)
    },
  )

  it.each(
    table(
      ['51', '52', '53', '54', '55', '56'],
      ['36', '37', '38', '39', '40', '41'],
      ['36', '37', '38', '39', '40', '41'],
      ['36', '37', '38', '39', '40', '41'],
    ),
  )('%s holds the kana in these fields', async (profile, expected) => {
    const { client } = await filled(profile)
    expect(Object.keys(json(await client.get('orders/1')).fields)).toEqual(expected)
  })

  it.each(table('配送済み', '配送済み', 'Complete', 'Complete'))('%s names status C', async (profile, expected) => {
    const { client } = await filled(profile)
    const { statuses } = json(await client.get('statuses?type=O&lang_code=ja'))
    expect(statuses.find((status: { status: string }) => status.status === 'C').description).toBe(expected)
  })

  it.each(table([0, 0], [1, 1], [1, 1], [0, 1]))(
    '%s mails for a shipment without and with notify_user',
    async (profile, expected) => {
      const mails = async (extra: object): Promise<number> => {
        const { shop, client, parcel } = await filled(profile)
        await client.post('shipments', { ...parcel, ...extra })
        return shop.ledger.mails.filter((mail) => mail.kind === 'shipment').length
      }
      expect([await mails({}), await mails({ notify_user: true })]).toEqual(expected)
    },
  )

  it.each(table(1, 0, 0, 0))("%s mails for a status against the store's own settings", async (profile, expected) => {
    const { shop, client } = await filled(profile)
    shop.setNotifications({ orderStatus: false, shipment: false })
    await client.put('orders/1', { status: 'C', notify_user: true })
    expect(shop.ledger.mails).toHaveLength(Number(expected))
  })

  it.each(table([400, 200, 'P'], [400, 200, 'P'], [200, 200, 'S'], [200, 200, 'S']))(
    '%s changes a shipment, an unknown one, and leaves it so',
    async (profile, expected) => {
      const { shop, client, parcel } = await filled(profile)
      await client.post('shipments', parcel)
      const known = await client.put('shipments/1', { status: 'S' })
      const unknown = await client.put('shipments/77', { status: 'S' })
      expect([known.status, unknown.status, shop.ledger.order(1).shipments[0]?.status]).toEqual(expected)
    },
  )

  it.each(table(false, true, true, true))("%s tells the buyer's name in a shipment", async (profile, expected) => {
    const { client, parcel } = await filled(profile)
    await client.post('shipments', parcel)
    expect('firstname' in json(await client.get('shipments/1'))).toBe(expected)
  })

  it.each(table(405, 405, 405, 200))('%s takes POST with _METHOD=PUT', async (profile, expected) => {
    const { client } = await filled(profile)
    expect((await client.post('orders/1?_METHOD=PUT', { status: 'C' })).status).toBe(expected)
  })
})
