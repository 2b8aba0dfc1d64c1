import { afterEach, beforeEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'

let shop: PretendShop
beforeEach(async () => {
  shop = await startPretendShop({ profile: 'jp413', controls: true })
})
afterEach(() => shop.close())

const open = async () => (await fetch(`${shop.url}/__shop/`)).text()
const press = (fields: Record<string, string>) =>
  fetch(`${shop.url}/__shop/page`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
const ask = () =>
  fetch(`${shop.url}/api/2.0/version`, {
    headers: { Authorization: `Basic ${Buffer.from(`${shop.email}:${shop.apiKey}`).toString('base64')}` },
  })

test('a person makes the practice shop misbehave and lets it behave again', async () => {
  expect(await open()).toContain('今は行儀よく答えます')
  const pressed = await press({ do: 'fault', kind: 'unavailable', times: '5' })
  expect([pressed.status, pressed.headers.get('location')]).toEqual([303, './'])
  expect((await ask()).status).toBe(503)
  expect(await open()).toContain('1種類の困りごと')
  await press({ do: 'clear' })
  expect((await ask()).status).toBe(200)
})

test('a person places an order as a customer would', async () => {
  await press({ do: 'order' })
  expect(shop.orders().map((order) => order.status)).toEqual(['P'])
  expect(await open()).toContain('注文 1件')
})

test('a form that asks for nothing known changes nothing', async () => {
  await press({ do: 'fault', kind: '<script>', times: '1' })
  expect((await ask()).status).toBe(200)
})
