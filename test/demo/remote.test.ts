import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { remoteShop, spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { shopClient } from './shop-client.ts'
import { shopsOfTest } from './shops.ts'

const start = shopsOfTest()
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

const main = fileURLToPath(new URL('../../src/demo/shop/main.ts', import.meta.url))

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a shop in another process', () => {
  it('starts with its orders and is driven and read from here', async () => {
    const shop = await spawnPretendShop({ profile: 'v420', orders: 5, seed: 3, statuses: ['P'], subdirectory: '/shop' })
    closers.push(shop.close)
    const [order] = await shop.call('orders')
    if (!order) throw new Error('no order')
    expect(order.status).toBe('P')
    await shop.addFault({ kind: 'reset-after', on: 'shipments.post' })
    const client = shopClient(shop)
    const parcel = {
      order_id: order.id,
      shipping_id: 12,
      carrier: 'yamato',
      tracking_number: '4011',
      notify_user: true,
    }
    await expect(
      client.post('shipments', { ...parcel, products: { [order.lines[0]?.itemId ?? '']: 1 } }),
    ).rejects.toThrow()
    await shop.call('setStatus', order.id, 'I')

    const { orders, writes } = await shop.ledger([order.id])
    expect(orders[order.id]).toMatchObject({
      status: 'I',
      shipments: [{ number: '4011', carrier: 'yamato', status: 'P' }],
      mails: [{ kind: 'shipment' }],
      recalculated: [],
    })
    expect(writes).toMatchObject([{ kind: 'shipment-created', orderId: order.id, request: 1 }])
    expect(await shop.faults()).toEqual({
      fired: [{ id: 1, kind: 'reset-after', route: 'shipments.post' }],
      waiting: [],
    })
    expect(await shop.requests()).toMatchObject([
      { number: 1, route: 'shipments.post', fault: 'reset-after', status: 0 },
    ])
    await expect(shop.call('setStatus', 1, 'I')).rejects.toThrow('no order 1')
  })

  it('ends on SIGTERM', async () => {
    const shop = await spawnPretendShop({ profile: 'jp413' })
    await shop.close()
    expect(isAlive(shop.pid)).toBe(false)
  })

  it('ends when its starter is killed', async () => {
    const remote = JSON.stringify(new URL('../../src/demo/shop/remote.ts', import.meta.url).href)
    const code = `const { spawnPretendShop } = await import(${remote});
      const shop = await spawnPretendShop({ profile: 'jp413' }); console.log(shop.pid); setInterval(() => {}, 1000)`
    const starter = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: starter.stdout }), 'line')
    const pid = Number(line)
    expect(isAlive(pid)).toBe(true)
    starter.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false)
  })

  it('says what is wrong with its options', async () => {
    const child = spawn(process.execPath, [main, '--profile', 'jp999'], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    const [code] = await once(child, 'close')
    expect([code, said]).toEqual([1, expect.stringContaining('--profile must be one of jp410, jp413, v416, v420')])
  })
})

describe('a shop that was closed', () => {
  it('keeps no process alive, whatever was still to come', async () => {
    const index = JSON.stringify(new URL('../../src/demo/shop/index.ts', import.meta.url).href)
    const code = `const { startPretendShop } = await import(${index});
      const shop = await startPretendShop({ profile: 'jp413', latencyMs: 50 })
      shop.faults.add({ kind: 'late', ms: 60000, on: 'any' }); shop.faults.add({ kind: 'never', on: 'any', nth: 2 })
      const asked = [1, 2, 3].map(() => fetch(shop.url + '/api/version').catch(() => {}))
      setTimeout(() => shop.close(), 100); await Promise.all(asked)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    closers.push(async () => child.kill('SIGKILL'))
    expect(await once(child, 'exit', { signal: AbortSignal.timeout(8000) })).toEqual([0, null])
  })
})

describe('the control path', () => {
  it('is there only when asked for', async () => {
    const { shop } = await start()
    expect((await fetch(`${shop.url}/__shop/ledger`)).status).toBe(404)
  })

  it('says the same ledger as the process itself, and no control request is in it', async () => {
    const { shop, client } = await start({ controls: true, firstOrderId: 1 })
    const remote = remoteShop(shop)
    await remote.call('addOrder', { status: 'P', lines: [{ itemId: '11', amount: 2 }] })
    await remote.call('addOrders', 3, { from: '2026-11-01T00:00:00+09:00', statuses: ['O'] })
    await client.put('orders/1', { status: 'C', notify_user: true })
    expect(await remote.ledger()).toEqual(JSON.parse(JSON.stringify(shop.ledger.snapshot())))
    expect(shop.ledger.requests).toHaveLength(1)
    await remote.clearLedger()
    expect((await remote.ledger()).writes).toEqual([])
  })

  it('calls nothing but the helpers', async () => {
    const { shop } = await start({ controls: true })
    expect((await fetch(`${shop.url}/__shop/close`, { method: 'POST', body: '[]' })).status).toBe(404)
    expect((await fetch(`${shop.url}/__shop/addOrders`, { method: 'POST', body: '[' })).status).toBe(400)
  })
})
