import { describe, expect, it } from 'vitest'
import type { Profile } from '../../src/demo/shop/index.ts'
import { json, shopClient } from './shop-client.ts'
import { NOON, shopsOfTest } from './shops.ts'

const start = shopsOfTest()

describe('where the API is', () => {
  it.each([
    '/api/orders',
    '/api/orders/',
    '/api/2.0/orders',
    '/api/2.1/orders/',
    '/api/4.0/orders',
    '/deep/api/2.0/orders',
    '/api.php?_d=orders',
    '/api.php?_d=2.0/orders/',
    '/api/stores/1/orders',
  ])('%s lists orders', async (path) => {
    const { shop, client } = await start()
    shop.addOrder()
    expect(json(await client.ask('GET', path)).orders).toHaveLength(1)
  })

  it.each([
    '/api/2/orders',
    '/api/',
    '/api/2.0//orders',
    '/api/2.0/orders//',
    '/api/orders/abc',
    '/api/orders/1/x',
    '/api/5.7/orders',
  ])('%s is a 404 in JSON', async (path) => {
    const { client } = await start()
    const answer = await client.ask('GET', path)
    expect([answer.status, answer.type, json(answer).status]).toEqual([404, 'application/json', 404])
  })

  it('is below the folder of a shop in a folder, and nowhere else', async () => {
    const { shop, client } = await start({ subdirectory: 'shop/jp/' })
    expect(shop.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/shop\/jp$/)
    expect((await client.get('version')).status).toBe(200)
    const root = shopClient({ ...shop, url: new URL(shop.url).origin })
    expect(await root.get('version')).toMatchObject({ status: 404, type: expect.stringContaining('text/html') })
  })

  it('is only api.php where the web server does not rewrite', async () => {
    const { shop, client } = await start()
    shop.configure({ rewriting: false })
    expect((await client.get('version')).type).toContain('text/html')
    expect(json(await client.ask('GET', '/api.php?_d=2.0/version&sl=ja'))).toEqual({ Version: '2.0' })
  })

  it('tells the version of the API that was asked for, without any privilege', async () => {
    const { shop, client } = await start()
    shop.setPrivileges([])
    expect((await client.ask('GET', '/api/version')).text).toBe('{"Version":"2.1"}')
    expect((await client.ask('GET', '/api/2.0/version')).text).toBe('{"Version":"2.0"}')
  })

  it('is beside a storefront in HTML', async () => {
    const { shop, client } = await start()
    expect(await client.ask('GET', '/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' })
    expect((await client.ask('GET', '/api')).type).toContain('text/html')
    const admin = await client.ask('GET', '/admin.php')
    expect([admin.status, admin.headers.get('location')]).toEqual([
      302,
      `${shop.url}/admin.php?dispatch=auth.login_form`,
    ])
    shop.configure({ closed: true })
    const closed = await client.ask('GET', '/')
    expect([closed.status, closed.headers.get('retry-after')]).toEqual([503, '300'])
    expect((await client.get('orders')).status).toBe(200)
  })
})

describe('who may', () => {
  it.each(['wrong key', 'wrong mail', 'disabled', 'nothing'])('%s is a 401 with a challenge', async (how) => {
    const { shop } = await start()
    if (how === 'disabled') shop.setUsers([{ email: shop.email, apiKey: shop.apiKey, status: 'D', privileges: 'all' }])
    const login = {
      email: how === 'wrong mail' ? 'x@example.jp' : shop.email,
      apiKey: how === 'wrong key' ? 'x' : shop.apiKey,
    }
    const answer = await shopClient(shop, login).get('orders', {
      headers: how === 'nothing' ? { authorization: null } : {},
    })
    expect([answer.status, answer.text]).toEqual([401, '{"message":"Unauthorized","status":401}'])
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="User email/API key"')
  })

  it.each([
    ['GET', 'orders', 'view_orders'],
    ['GET', 'orders/1', 'view_orders'],
    ['GET', 'shipments', 'view_orders'],
    ['PUT', 'orders/1', 'edit_order'],
    ['POST', 'shipments', 'edit_order'],
    ['PUT', 'shipments/1', 'edit_order'],
    ['DELETE', 'shipments/1', 'edit_order'],
    ['GET', 'statuses', 'manage_order_statuses'],
    ['GET', 'shippings', 'view_shipping'],
  ])('%s %s needs %s', async (method, path, privilege) => {
    const { shop, client } = await start({ profile: 'v420', firstOrderId: 1 })
    shop.addOrder()
    shop.addShipment({ orderId: 1 })
    const body = method === 'PUT' || method === 'POST' ? { body: { status: 'S' } } : {}
    const all = ['view_orders', 'edit_order', 'change_order_status', 'manage_order_statuses', 'view_shipping']
    shop.setPrivileges(all.filter((other) => other !== privilege))
    const refused = await client.ask(method, `/api/2.0/${path}`, body)
    expect([refused.status, refused.text]).toEqual([403, '{"message":"Forbidden","status":403}'])
    shop.setPrivileges(all)
    expect((await client.ask(method, `/api/2.0/${path}`, body)).status).not.toBe(403)
  })

  it('hides the block of an address from those without the key', async () => {
    const { shop, client } = await start()
    shop.configure({ ipBlocked: true })
    expect(await client.get('orders')).toMatchObject({
      status: 200,
      type: 'text/html; charset=utf-8',
      text: 'あなたのIPアドレスはブロックされました。',
    })
    expect((await shopClient(shop, { email: 'x', apiKey: 'x' }).get('orders')).status).toBe(401)
  })

  it('is nobody over plain HTTP where the store wants HTTPS', async () => {
    const { shop, client } = await start()
    shop.configure({ httpsOnly: true })
    const answer = await client.get('orders')
    expect([answer.status, json(answer).message]).toEqual([403, 'Forbidden: The API is only accessible over HTTPS'])
  })
})

describe('how it wants to be spoken to', () => {
  it.each([
    ['HEAD', 'orders', 405],
    ['PATCH', 'orders/1', 405],
    ['OPTIONS', 'orders', 200],
    ['DELETE', 'shipments', 405],
  ])('%s %s is %i', async (method, path, status) => {
    const { client } = await start()
    expect((await client.ask(method, `/api/2.0/${path}`)).status).toBe(status)
  })

  it('refuses to create with an id', async () => {
    const { client } = await start()
    expect((await client.post('shipments/1', { status: 'S' })).status).toBe(405)
  })

  it.each([
    ['application/json', 200],
    ['*/*', 200],
    ['text/html', 406],
  ])('Accept %s is %i', async (accept, status) => {
    const { client } = await start()
    expect((await client.get('orders', { headers: { accept } })).status).toBe(status)
  })

  it('prints the word Array to those who accept plain text only', async () => {
    const { client } = await start()
    expect((await client.get('orders', { headers: { accept: 'text/plain' } })).text).toBe('Array')
  })

  it('refuses a type that it does not know', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder()
    const answer = await client.put('orders/1', { status: 'C' }, { headers: { 'content-type': 'application/xml' } })
    expect([answer.status, shop.ledger.writes]).toEqual([415, []])
  })

  it('answers in ASCII with escaped slashes and a type without charset', async () => {
    const { shop, client } = await start({ firstOrderId: 1 })
    shop.addOrder({ firstname: '髙橋', notes: 'a/b' })
    const answer = await client.get('orders/1')
    expect(answer.type).toBe('application/json')
    expect(answer.text).toMatch(/^[ -~]*$/)
    expect(answer.text).toContain('"notes":"a\\/b"')
    expect(answer.text).toContain('"firstname":"\\u9ad9\\u6a4b"')
  })

  it("dates its answers by the shop's own clock", async () => {
    const { shop, client } = await start()
    expect((await client.get('version')).headers.get('date')).toBe(NOON.toUTCString())
    shop.setClockOffset(-90_000)
    expect((await client.get('version')).headers.get('date')).toBe(new Date(NOON.getTime() - 90_000).toUTCString())
  })
})

describe('GET /statuses and /shippings', () => {
  it('cuts the statuses of a shop with many after ten', async () => {
    const { shop, client } = await start()
    for (const letter of ['A', 'E', 'G', 'H', 'J']) shop.addStatus({ letter, name: `独自${letter}` })
    const letters = async (query: string): Promise<string> =>
      json(await client.get(`statuses?${query}`))
        .statuses.map((status: { status: string }) => status.status)
        .join('')
    expect(await letters('type=O')).toBe('OPCFDBIAEG')
    expect(await letters('type=O&items_per_page=100')).toBe('OPCFDBIAEGHJ')
    expect(json(await client.get('statuses/11'))).toMatchObject({ status: 'A', description: '独自A', is_default: 'N' })
    expect((await client.get('statuses/P')).status).toBe(404)
  })

  it.each(['jp413', 'v420'] as Profile[])('%s lists shipping methods', async (profile) => {
    const { client } = await start({ profile })
    const { shippings } = json(await client.get('shippings'))
    expect(shippings).toContainEqual(expect.objectContaining({ shipping_id: '12', shipping: '宅急便' }))
  })
})
