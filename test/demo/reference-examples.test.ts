import { describe, expect, it } from 'vitest'
import { order10234 } from './example-order.ts'
import { exampleParcel, exampleShop } from './example-shop.ts'
import { json } from './shop-client.ts'
import { shopsOfTest } from './shops.ts'

const start = shopsOfTest()

const LIST =
  'orders?status[]=P&period=C&time_from=1793458800&time_to=1796050799&sort_by=order_id&sort_order=asc&items_per_page=2'

describe('the examples of the API reference', () => {
  it('lists orders of a period as rows of text with the resolved parameters', async () => {
    const { client } = await exampleShop(start, 'jp413')
    const row = {
      issuer_id: null,
      is_parent_order: 'N',
      parent_order_id: '0',
      company_id: '1',
      status: 'P',
      issuer_name: null,
      issuer_email: null,
      invoice_id: null,
      credit_memo_id: null,
    }
    expect(json(await client.get(LIST))).toEqual({
      orders: [
        {
          ...row,
          order_id: '10234',
          user_id: '57',
          company: '',
          timestamp: '1795137300',
          firstname: '佐藤',
          lastname: '花子',
          email: 'hanako.sato@example.jp',
          phone: '',
          total: '9302.00',
        },
        {
          ...row,
          order_id: '10235',
          user_id: '0',
          company: '株式会社テスト&サンプル',
          timestamp: '1795221005',
          firstname: '髙橋',
          lastname: '一郎',
          email: 'ichiro@example.jp',
          phone: '03-0000-0000',
          total: '12000.00',
        },
      ],
      params: {
        page: 1,
        items_per_page: 2,
        extra: ['issuers', 'invoice_docs', 'memo_docs'],
        status: ['P'],
        period: 'C',
        time_from: '1793458800',
        time_to: '1796050799',
        sort_by: 'order_id',
        sort_order: 'asc',
        include_incompleted: false,
        sort_order_rev: 'desc',
        total_items: '2',
      },
    })
  })

  it('says an empty list with the same parameters', async () => {
    const { client } = await exampleShop(start, 'jp413')
    expect((await client.get('orders?status[]=Q&items_per_page=50')).text).toBe(
      '{"orders":[],"params":{"page":1,"items_per_page":50,"extra":["issuers","invoice_docs","memo_docs"],' +
        '"status":["Q"],"include_incompleted":false,"sort_order":"desc","sort_by":"date","sort_order_rev":"asc",' +
        '"total_items":"0"}}',
    )
  })

  it('gives an order with columns as text, computed values as numbers and empty maps as lists', async () => {
    const { client } = await exampleShop(start, 'jp413')
    const body = json(await client.get('orders/10234'))
    expect(body).toMatchObject({
      order_id: '10234',
      issuer_id: null,
      user_id: '57',
      total: '9302.00',
      subtotal: 8092,
      discount: 0,
      subtotal_discount: 0,
      payment_surcharge: 330,
      shipping_ids: '12',
      shipping_cost: '880.00',
      timestamp: '1795137300',
      updated_at: '1795165361',
      notes: order10234.notes,
      promotions: [],
      promotion_ids: '',
      b_firstname: '佐藤',
      b_address_2: 'サンプルビル 4F',
      b_state: '東京都',
      s_lastname: '健',
      s_zipcode: '0600001',
      s_state_descr: '北海道',
      s_country_descr: '日本',
      storefront_id: '1',
      payment_id: '6',
      payment_method: {
        payment: '代金引換',
        a_surcharge: '330.000',
        surcharge_title: '代引手数料',
        instructions: '<p>商品お届け時にお支払いください</p>',
        tax_ids: [],
        image: [],
      },
      fields: { '36': '', '37': '', '38': 'サトウ', '39': 'サトウ', '40': 'ハナコ', '41': 'ケン' },
      tax_subtotal: 0,
      display_shipping_cost: '880.00',
      need_shipping: true,
      shipment_ids: ['36'],
      secondary_currency: 'JPY',
      display_subtotal: 8092,
      payment_info: [],
      points_info: { is_gain: 'N' },
      doc_ids: [],
    })
    expect(body.shipping).toEqual([
      {
        shipping_id: '12',
        shipping: '宅急便',
        delivery_time: '',
        rate_calculation: 'R',
        service_params: { jp_shipping: 'Y' },
        destination: 'I',
        min_weight: '0.00',
        max_weight: '0.00',
        service_id: '9002',
        module: 'yamato',
        service_code: 'STANDARD',
        rate_info: [],
        group_key: 0,
        rate: 880,
        group_name: 'サンプル商店',
        need_shipment: true,
        delivery_timing: '14時～16時',
        delivery_date: '2026年11月28日(土)',
      },
    ])
    expect(body.taxes).toMatchObject({
      '7': { rate_value: '10.000', tax_subtotal: 500, description: '消費税(10%)', applies: { P: 500, S: 0 } },
      '8': { rate_value: '8.000', tax_subtotal: 192, description: '消費税(軽減8%)', applies: { P: 192, S: 0 } },
    })
  })

  it('keys the lines by item id and flips the type of the amounts once something was shipped', async () => {
    const { client } = await exampleShop(start, 'jp413')
    const { products } = json(await client.get('orders/10234'))
    expect(Object.keys(products).sort()).toEqual(['2910042315', '3456278195'])
    expect(products['3456278195']).toMatchObject({
      item_id: '3456278195',
      product_code: 'TEA-100',
      price: '1296.00',
      amount: '2',
      subtotal: 2592,
      shipped_amount: '1',
      shipment_amount: 1,
      shared_product: true,
      extra: { product_options: { '12': '44' }, is_edp: 'N', product_options_value: [{ variant_name: 'ギフト包装' }] },
    })
    expect(products['2910042315']).toMatchObject({
      base_price: 5000,
      original_price: 5500,
      shipped_amount: 0,
      shipment_amount: '1',
      extra: { product_options: { '20': '51', '21': '57', '22': '名入れ：花子' } },
    })
    expect(products['2910042315'].extra.product_options_value[2]).not.toHaveProperty('modifier')
  })

  it('creates a shipment with a number for an id and gives it back with text', async () => {
    const { client } = await exampleShop(start, 'jp413')
    const created = await client.post('shipments', exampleParcel)
    expect([created.status, created.text]).toEqual([201, '{"shipment_id":37}'])
    expect(json(await client.get('shipments/37'))).toEqual({
      shipment_id: '37',
      shipment_timestamp: '1795500000',
      comments: '',
      status: 'S',
      order_id: '10234',
      order_timestamp: '1795137300',
      s_firstname: '佐藤',
      s_lastname: '健',
      firstname: '佐藤',
      lastname: '花子',
      company: '',
      user_id: '57',
      shipping_id: '12',
      shipping: '宅急便',
      tracking_number: '123456789012',
      carrier: 'yamato',
      products: { '3456278195': '1', '2910042315': '1' },
      group_key: 0,
      carrier_info: { name: 'ヤマト運輸', tracking_url: 'https://carrier.example.jp/track?id=123456789012' },
      one_full: false,
    })
  })

  it('changes a status and says the id as text, for an unknown order too', async () => {
    const { shop, client } = await exampleShop(start, 'jp413')
    const change = { status: 'C', notify_user: true }
    expect((await client.put('orders/10234', change)).text).toBe('{"order_id":"10234"}')
    expect((await client.put('orders/99999', change)).text).toBe('{"order_id":"99999"}')
    expect(shop.ledger.writes).toMatchObject([{ kind: 'order-status', orderId: 10_234, from: 'P', to: 'C' }])
  })

  it('lists the shipment statuses with text for the page size and numbers for the rest', async () => {
    const { client } = await exampleShop(start, 'jp413')
    const row = {
      type: 'S',
      is_default: 'Y',
      position: '0',
      email_subj: '',
      email_header: '',
      lang_code: 'ja',
      params: [],
    }
    expect(json(await client.get('statuses?type=S&lang_code=ja'))).toEqual({
      statuses: [
        { ...row, status_id: '8', status: 'P', description: '受取済み' },
        { ...row, status_id: '9', status: 'A', description: '梱包済み' },
        { ...row, status_id: '10', status: 'S', description: '配送済み' },
      ],
      params: { items_per_page: '10', page: 1, total_items: 3 },
    })
  })
})
