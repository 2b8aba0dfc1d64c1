import { setTimeout as wait } from 'node:timers/promises'
import { spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { load, quantile } from './load.ts'
import { type Browser, browser, startServer } from './server.ts'
import { judged, median, type Row } from './table.ts'
import { importAll, must, openWorld, tempDir } from './world.ts'

const BEFORE = 300
const ORDERS = 10_000
const PER_SECOND = 200
/** The pretend shop's first order. */
const FIRST_ID = 10_001

/** Pages while 10,000 orders are imported at full speed by the same process. */
export async function benchPages(rounds: number): Promise<Row[]> {
  const shop = await spawnPretendShop({ profile: 'jp413', orders: BEFORE + ORDERS, statuses: ['O', 'P'], warm: true })
  const prepared = tempDir()
  const calm: number[] = []
  const p99: number[] = []
  const p50: number[] = []
  const stalls: number[] = []
  const seconds: number[] = []
  const worst = new Map<string, number[]>()
  try {
    const world = openWorld(prepared.dir, shop, 2)
    await importAll(world, { mode: 'ids', ids: Array.from({ length: BEFORE }, (_, at) => FIRST_ID + at), force: false })
    world.close()
    for (let round = 0; round < rounds; round += 1) {
      const { dir, remove } = tempDir(prepared.dir)
      const server = await startServer({ dataDir: dir, watched: true })
      const person = browser(server.origin, 1)
      await person.logIn()
      await load(person, PER_SECOND, wait(1_500))
      calm.push(quantile((await load(person, PER_SECOND, wait(2_000))).latencies, 0.99))
      await server.reset()
      const began = performance.now()
      const told = await load(person, PER_SECOND, importWhole(person))
      seconds.push((performance.now() - began) / 1000)
      must('failed pages', told.failed, 0)
      p99.push(quantile(told.latencies, 0.99))
      p50.push(median(told.latencies))
      stalls.push((await server.report()).longestStallMs)
      for (const [page, values] of told.byPage) worst.set(page, [...(worst.get(page) ?? []), quantile(values, 0.99)])
      await person.close()
      await server.stop()
      remove()
    }
  } finally {
    prepared.remove()
    await shop.close()
  }
  const [slowest, slow] = [...worst]
    .map(([page, values]) => [page, median(values)] as const)
    .sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  return [
    judged({
      name: `${ORDERS}件の取込中に毎秒${PER_SECOND}ページ: p99`,
      values: p99,
      most: 20,
      digits: 1,
      unit: ' ms',
      note: `中央値 ${median(p50).toFixed(1)} ms、取込 ${median(seconds).toFixed(1)} 秒、最も遅い ${decodeURI(slowest)} ${slow.toFixed(1)} ms`,
    }),
    judged({ name: '  取込のないときのp99', values: calm, digits: 1, unit: ' ms' }),
    judged({ name: '  取込中のイベントループの最長の停止', values: stalls, most: 50, digits: 0, unit: ' ms' }),
  ]
}

/** Presses 「取得」, and resolves when the run is over. */
async function importWhole(person: Browser): Promise<void> {
  await person.post('/import', '/import/1')
  for (;;) {
    await wait(300)
    const { text } = await person.get('/runs/2')
    if (!text.includes('実行中')) return
  }
}
