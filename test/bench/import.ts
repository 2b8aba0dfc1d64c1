import { join } from 'node:path'
import { csCartClient } from '../../src/cscart/client.ts'
import { spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { walkOrders } from '../../src/import/walk-orders.ts'
import { bareImport } from './bare-import.ts'
import { interleaved, type Taken, taking } from './clock.ts'
import { judged, median, type Row } from './table.ts'
import { importAll, must, openWorld, type ShopAddress, tempDir } from './world.ts'

const ORDERS = 5_000
const AT_ONCE = 2

/** Importing at full speed, against the bare loop over the same answers. */
export async function benchImport(rounds: number): Promise<Row[]> {
  const shop = await spawnPretendShop({ profile: 'jp413', orders: ORDERS, statuses: ['O', 'P'], warm: true })
  try {
    await inFolder((dir) => bareImport(join(dir, 'warm-up.db'), shop, AT_ONCE))
    await inFolder((dir) => imported(dir, shop))
    const { bare, ours } = await interleaved<Taken, 'bare' | 'ours'>(rounds, {
      bare: () =>
        inFolder(async (dir) => {
          let count = 0
          const taken = await taking(async () => {
            count = await bareImport(join(dir, 'bare.db'), shop, AT_ONCE)
          })
          must('orders of the bare loop', count, ORDERS)
          return taken
        }),
      ours: () => inFolder((dir) => imported(dir, shop)),
    })
    return [
      judged({
        name: `${ORDERS}件の取込（0 ms、同時${AT_ONCE}）／素のループ`,
        values: ratios(ours, bare, 'ms'),
        most: 1.5,
        unit: '倍',
        raw: bare.map(({ ms }) => ms),
        note: `${rate(ours)}件/秒、素のループ ${rate(bare)}件/秒`,
      }),
      judged({
        name: '  そのCPU時間／素のループのCPU時間',
        values: ratios(ours, bare, 'cpuMs'),
        unit: '倍',
        note: `1件 ${cpuEach(ours)} µs、素のループ ${cpuEach(bare)} µs`,
      }),
    ]
  } finally {
    await shop.close()
  }
}

/** The same orders once more: nothing may be written, and reading them may cost little more than fetching and parsing. */
export async function benchAgain(rounds: number): Promise<Row[]> {
  const shop = await spawnPretendShop({ profile: 'jp413', orders: ORDERS, statuses: ['O', 'P'], warm: true })
  const { dir, remove } = tempDir()
  const world = openWorld(dir, shop, AT_ONCE)
  try {
    await importAll(world)
    await fetchAndParse(shop)
    const written = countWrites(world.services.db.$client)
    const { reading, again } = await interleaved<Taken, 'reading' | 'again'>(rounds, {
      reading: () => taking(async () => must('orders read', await fetchAndParse(shop), ORDERS)),
      again: () => taking(async () => must('unchanged orders', (await importAll(world)).unchanged, ORDERS)),
    })
    return [
      judged({
        name: `もう一度取り込む: 書かれた受注の行（${rounds}回の合計）`,
        values: [written()],
        most: 0,
        digits: 0,
        unit: '行',
      }),
      judged({
        name: `もう一度取り込む ${ORDERS}件／取得と解析だけ`,
        values: ratios(again, reading, 'ms'),
        most: 1.1,
        unit: '倍',
        raw: reading.map(({ ms }) => ms),
        note: `${rate(again)}件/秒、取得と解析だけ ${rate(reading)}件/秒`,
      }),
      judged({
        name: '  そのCPU時間／取得と解析だけのCPU時間',
        values: ratios(again, reading, 'cpuMs'),
        unit: '倍',
        note: `1件 ${cpuEach(again)} µs、取得と解析だけ ${cpuEach(reading)} µs`,
      }),
    ]
  } finally {
    world.close()
    remove()
    await shop.close()
  }
}

const SLOW = { latencyMs: 200, least: 0.95 }
/** Requests at once, and so many orders that the few requests before and after the details do not decide. */
const SLOW_ROUNDS = [
  { atOnce: 2, orders: 200 },
  { atOnce: 8, orders: 1_600 },
] as const

/** A slow shop: what counts is that all allowed requests are under way all the time. */
export async function benchSlowShop(rounds: number): Promise<Row[]> {
  const rows: Row[] = []
  for (const { atOnce, orders } of SLOW_ROUNDS) {
    const { latencyMs, least } = SLOW
    const shop = await spawnPretendShop({ profile: 'jp413', orders, statuses: ['O', 'P'], warm: true, latencyMs })
    const shares: number[] = []
    try {
      for (let round = 0; round < rounds; round += 1) {
        const { ms } = await inFolder((dir) => imported(dir, shop, atOnce, orders))
        shares.push((orders / ms) * (latencyMs / atOnce))
      }
    } finally {
      await shop.close()
    }
    rows.push(
      judged({
        name: `${orders}件の取込（${latencyMs} ms、同時${atOnce}）／同時数÷待ち時間`,
        values: shares,
        least,
        digits: 3,
        note: `${(median(shares) * atOnce * (1000 / latencyMs)).toFixed(1)}件/秒`,
      }),
    )
  }
  return rows
}

async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const { dir, remove } = tempDir()
  try {
    return await work(dir)
  } finally {
    remove()
  }
}

/** A first import into a new data folder; opening the database is not part of the time. */
async function imported(dir: string, shop: ShopAddress, atOnce = AT_ONCE, orders = ORDERS): Promise<Taken> {
  const world = openWorld(dir, shop, atOnce)
  try {
    return await taking(async () => must('imported orders', (await importAll(world)).created, orders))
  } finally {
    world.close()
  }
}

/** The same walk and the same details through our client, and nothing done with them. */
async function fetchAndParse({ url, email, apiKey }: ShopAddress): Promise<number> {
  const client = csCartClient({ baseUrl: url, email, apiKey, allowPrivate: true, requestsAtOnce: AT_ONCE })
  const ids: number[] = []
  let listed: (() => void) | undefined
  let isListed = false
  const list = async () => {
    const walk = { statuses: ['O', 'P'], period: { from: 0, to: Date.now() + 86_400_000 } }
    for await (const { rows } of walkOrders((query, signal) => client.listOrders(query, signal), walk)) {
      ids.push(...rows.map((row) => row.orderId))
      listed?.()
    }
    isListed = true
    listed?.()
  }
  let count = 0
  let at = 0
  const fetch = async () => {
    for (;;) {
      const id = ids[at]
      if (id === undefined) {
        if (isListed) return
        await new Promise<void>((resolve) => {
          const before = listed
          listed = () => {
            before?.()
            resolve()
          }
        })
        continue
      }
      at += 1
      if (await client.order(id)) count += 1
    }
  }
  await Promise.all([list(), ...Array.from({ length: AT_ONCE }, fetch)])
  await client.close()
  return count
}

type Connection = ReturnType<typeof openWorld>['services']['db']['$client']

/** Counts every row that is written in the tables of orders from now on. */
function countWrites(client: Connection): () => number {
  client.exec('create temp table row_writes (table_name text not null)')
  for (const table of ['orders', 'order_lines', 'order_payloads', 'order_history', 'tracking_numbers']) {
    for (const event of ['insert', 'update', 'delete']) {
      client.exec(
        `create temp trigger ${event}_${table} after ${event} on main.${table} begin insert into row_writes values ('${table}'); end`,
      )
    }
  }
  const count = client.prepare<[], number>('select count(*) from row_writes').pluck()
  return () => count.get() ?? Number.NaN
}

const ratios = (ours: readonly Taken[], other: readonly Taken[], what: keyof Taken): number[] =>
  ours.map((taken, round) => taken[what] / (other[round]?.[what] ?? Number.NaN))
const rate = (taken: readonly Taken[]): string =>
  Math.round((ORDERS / median(taken.map(({ ms }) => ms))) * 1000).toLocaleString('en')
const cpuEach = (taken: readonly Taken[]): string =>
  String(Math.round((median(taken.map(({ cpuMs }) => cpuMs)) / ORDERS) * 1000))
