/** The real process while it works: told to stop, and killed. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { orderRepository } from '../../src/orders/repository.ts'
import { imported } from '../orders/factory.ts'
import { connectShop, newDataDir, recordContract, removeDataDir, withDatabase } from '../soak/data-dir.ts'
import { databaseFaults } from '../soak/judge.ts'
import { ADMIN, type Server, startServer, until } from '../soak/processes.ts'
import { visitor } from '../soak/visitor.ts'
import { multiplyOrders } from '../support/many-orders.ts'

const PATIENCE_MS = 120_000

let dataDir: string
let shop: PretendShop
const started: Server[] = []

beforeEach(async () => {
  dataDir = newDataDir()
  shop = await startPretendShop({ profile: 'jp413' })
})
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill()
  await shop.close()
  removeDataDir(dataDir)
}, PATIENCE_MS)

async function start(options: { admin?: boolean } = {}) {
  const server = startServer({ dataDir, ...options })
  started.push(server)
  const { url, ms } = await server.ready
  return { ...server, url, startMs: ms }
}

const runs = () =>
  withDatabase(dataDir, (db) =>
    db.$client
      .prepare<[], { trigger: string; state: string; created: number }>(
        "select trigger, state, created from runs where kind = 'import' order by id",
      )
      .all(),
  )

test(
  'SIGTERM with a run at work, 20 browsers and a slow request: gone within 5 s, the request answered, the run 「中断」, and the next start ends it',
  async () => {
    const { length: orders } = shop.addOrders(150, { from: new Date(Date.now() - 86_400_000), statuses: ['P'] })
    const server = await start({ admin: true })
    withDatabase(dataDir, (db) => connectShop(db, shop, { autoImport: false, autoExport: false }))
    const browsers = Array.from({ length: 20 }, () => visitor(server.url, 1))
    await Promise.all(browsers.map((browser) => browser.get('/login')))
    const merchant = visitor(server.url)
    await merchant.login(ADMIN)
    shop.setLatency(150)
    expect((await merchant.post('/import/1')).flash).toContain('取込を始めました')
    await until('something is taken in', () => runs()[0]?.created)
    shop.setLatency(1_200)
    // A page that asks the shop.
    const slow = merchant.get('/import/1/missing?number=99999999')
    await until('the shop is asked', () => shop.ledger.requests.some(({ path }) => path.includes('99999999')))

    const began = performance.now()
    const { code, at } = await server.stop()
    expect(code).toBe(0)
    expect(at - began).toBeLessThan(5_000)
    expect(await slow).toMatchObject({ status: 200 })
    for (const browser of [merchant, ...browsers]) browser.leave()
    const [cutOff] = runs()
    expect(cutOff).toMatchObject({ trigger: 'manual', state: 'interrupted' })
    expect(cutOff?.created).toBeLessThan(orders)

    shop.setLatency(0)
    const next = await start()
    await until('it is picked up and ended', () => runs().some(({ state }) => state === 'succeeded'))
    expect((await next.stop()).code).toBe(0)
    expect(runs()).toMatchObject([{ state: 'interrupted' }, { trigger: 'recovery', state: 'succeeded' }])
    withDatabase(dataDir, (db) => {
      expect(db.$client.prepare('select count(*) from orders').pluck().get()).toBe(orders)
      expect(databaseFaults(db, true)).toEqual([])
    })
  },
  PATIENCE_MS,
)

test(
  'after kill -9 with 100,000 orders stored and a run at work it is ready again as soon as with none',
  async () => {
    const empty = newDataDir()
    const nothing = startServer({ dataDir: empty })
    const { ms: bareMs } = await nothing.ready
    await nothing.kill()
    removeDataDir(empty)

    withDatabase(dataDir, (db) => {
      const shopId = connectShop(db, shop)
      recordContract(db)
      const { saveImported } = orderRepository(db)
      db.$client.transaction(() => {
        for (let number = 1; number <= 1_000; number += 1) {
          saveImported(imported(number, { shopId }), { runId: null, at: Date.now(), landingStatusId: 1 })
        }
        expect(multiplyOrders(db.$client, 1_000, 100_000)).toBe(100_000)
      })()
    })
    shop.addOrders(150, { from: new Date(Date.now() - 86_400_000), statuses: ['P'] })
    shop.setLatency(20)
    const first = await start()
    // The clock starts both jobs at once. Nobody else opens the database, so that the next start finds the log as the kill left it.
    await until('an import is at work', () => shop.ledger.of('orders.get').length > 60)
    await first.kill()

    const again = await start()
    const ready = await fetch(`${again.url}/readyz`)
    expect(ready.status).toBe(200)
    // A second at most on a machine that starts the program in half of one; measured against its own bare start elsewhere.
    expect(again.startMs).toBeLessThan(Math.max(1_000, bareMs * 2))
  },
  PATIENCE_MS,
)
