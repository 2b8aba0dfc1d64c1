import { setTimeout as wait } from 'node:timers/promises'
import { spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { multiplyOrders } from '../support/many-orders.ts'
import { load } from './load.ts'
import { browser, startServer } from './server.ts'
import { judged, type Row } from './table.ts'
import { importAll, must, openWorld, tempDir } from './world.ts'

const ORDERS = 2_000
const MANY = 100_000
/** With so many orders a search takes long; more would only queue up. */
const PER_SECOND = 20

/** From the start of the process to its first /readyz, after an orderly stop and after kill -9; and the orderly stop itself. */
export async function benchStart(rounds: number): Promise<Row[]> {
  const shop = await spawnPretendShop({ profile: 'jp413', orders: ORDERS, statuses: ['O', 'P'], warm: true })
  const { dir, remove } = tempDir()
  try {
    const world = openWorld(dir, shop, 2)
    await importAll(world)
    must('stored orders', multiplyOrders(world.services.db.$client, ORDERS, MANY), MANY)
    world.close()
    await shop.call('setLatency', 200)
    const small = tempDir()
    const usual: number[] = []
    const first: number[] = []
    // Makes the account, and what node keeps of the sources.
    await readyIn(small.dir)
    const stops: number[] = []
    const crashes: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const fresh = tempDir()
      usual.push(await readyIn(small.dir))
      first.push(await readyIn(small.dir, { NODE_COMPILE_CACHE: fresh.dir }))
      fresh.remove()
      // With an import under way, so that the next start finds a run that was cut off and a log of writes to go through.
      const server = await startServer({ dataDir: dir })
      const person = browser(server.origin, 20)
      await person.logIn()
      await person.post('/import', '/import/1')
      await load(person, PER_SECOND, wait(1_000))
      await server.stop('SIGKILL')
      await person.close()
      const again = await startServer({ dataDir: dir })
      crashes.push(again.readyMs)
      const others = browser(again.origin, 20)
      await others.logIn()
      const under = load(others, PER_SECOND, wait(1_500))
      await wait(1_000)
      const { code, ms } = await again.stop()
      must('exit code after SIGTERM', code, 0)
      stops.push(ms)
      await under
      await others.close()
    }
    small.remove()
    return [
      judged({ name: '起動から /readyz まで', values: usual, most: 500, digits: 0, unit: ' ms' }),
      judged({ name: '  入れた直後の1回目だけ（コンパイルの控えなし）', values: first, digits: 0, unit: ' ms' }),
      judged({
        name: `受注${MANY.toLocaleString('en')}件、kill -9 の後の起動から /readyz まで`,
        values: crashes,
        most: 1_000,
        digits: 0,
        unit: ' ms',
      }),
      judged({
        name: '取込中に毎秒20ページ、SIGTERM から終了まで',
        values: stops,
        most: 5_000,
        digits: 0,
        unit: ' ms',
      }),
    ]
  } finally {
    remove()
    await shop.close()
  }
}

async function readyIn(dataDir: string, env: Record<string, string> = {}): Promise<number> {
  const server = await startServer({ dataDir, env })
  await server.stop()
  return server.readyMs
}
