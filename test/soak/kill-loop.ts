/**
 * The program is killed again and again at random moments, its start and its recovery included, while orders come, staff type and
 * the shop loses answers. Then it may end its work in peace, and what it has is compared with the shop's ledger.
 */
import { type Random, random } from '../../src/demo/shop/generate/random.ts'
import type { Profile } from '../../src/demo/shop/index.ts'
import { type RemoteShop, spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { askRunningProcess } from '../../src/operations/control-socket.ts'
import { connectShop, newDataDir, recordContract, removeDataDir, setTimesBack, withDatabase } from './data-dir.ts'
import { databaseFaults, faultsAtTheEnd, whereToLook } from './judge.ts'
import { startServer, until } from './processes.ts'
import { canCorrect, liveOn, makeUnreliable, PROFILES, type ShopBook } from './shop-life.ts'
import { type StaffBook, staffFaults, typeSomething } from './staff.ts'

export type KillLoop = { seed: number; kills: number }

export type KillLoopResult = {
  seed: number
  profile: Profile
  kills: number
  /** Of the kills, those that struck before the program listened. */
  duringStart: number
  /** What came about: a loop in which nothing happened would prove nothing. */
  orders: number
  typed: number
  shipments: number
  interrupted: number
  lostAnswers: number
  /** What must not be, in words; none is right. */
  faults: string[]
}

/** The first lives find an empty folder: they are killed while the database is being made. */
const LIVES_ON_NOTHING = 3
const HOURS_2 = 7_200_000
/** Long enough that a kill finds requests under way, and short enough that runs come to an end. */
const LATENCY_MS = 12

/** One round with a shop and a folder of its own. The same seed makes the same plan; the moments of the kills are as exact as the machine. */
export async function killLoop({ seed, kills }: KillLoop): Promise<KillLoopResult> {
  const profile = PROFILES[seed % PROFILES.length] ?? PROFILES[0]
  const dataDir = newDataDir()
  const shop = await spawnPretendShop({ profile, seed, latencyMs: LATENCY_MS })
  const staff: StaffBook = new Map()
  const shopBook: ShopBook = { ended: new Set() }
  const faults: string[] = []
  const killing = killer(dataDir, faults)
  let shopId = 0
  try {
    for (let order = 0; order < 6; order += 1) await shop.call('addOrder', { status: 'P' })
    await makeUnreliable(shop, seed)
    for (let life = 0; life < kills && faults.length === 0; life += 1) {
      // Each life draws from a source of its own, so that a replay does not drift.
      const chance = random(Math.imul(seed, 1_000_003) + life)
      if (life >= LIVES_ON_NOTHING && (shopId === 0 || chance.chance(0.7))) {
        withDatabase(dataDir, (db) => {
          if (shopId === 0) {
            shopId = connectShop(db, shop)
            recordContract(db)
          }
          faults.push(...databaseFaults(db, false), ...staffFaults(db, staff))
          setTimesBack(db, HOURS_2)
          typeSomething(db, chance, staff, {
            mayCorrect: canCorrect(profile),
            isOver: (number) => shopBook.ended.has(number),
          })
        })
      }
      await liveOn(shop, chance, shopBook, (number) => staff.has(number))
      await killing.oneLife(chance)
    }
    const lostAnswers = (await shop.faults()).fired.filter((fault) => fault.kind === 'reset-after').length
    await shop.clearFaults()
    if (faults.length === 0) await endInPeace(dataDir, faults).catch((error: Error) => faults.push(error.message))
    if (faults.length === 0) faults.push(...(await faultsAtTheEnd(shop, { dataDir, shopId, profile, staff, shopBook })))
    const tally = await tallyOf(dataDir, shop)
    if (faults.length > 0) faults.push(whereToLook(dataDir))
    return {
      seed,
      profile,
      kills,
      duringStart: killing.duringStart(),
      typed: staff.size,
      lostAnswers,
      ...tally,
      faults,
    }
  } finally {
    await shop.close()
    if (faults.length === 0) removeDataDir(dataDir)
  }
}

/** Starts the program and kills it: one in three before it listens, the others while it works. */
function killer(dataDir: string, faults: string[]) {
  /** How long a start takes on this machine just now, ms. */
  let startMs = 1_000
  let early = 0
  return {
    duringStart: (): number => early,
    async oneLife(chance: Random): Promise<void> {
      const atStart = chance.chance(0.35)
      const share = chance.next()
      const server = startServer({ dataDir, impatient: true })
      let listens = false
      server.ready.then(
        () => {
          listens = true
        },
        () => {},
      )
      const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
      if (atStart) {
        await Promise.race([wait(startMs * share), server.exited])
      } else {
        const ready = await Promise.race([server.ready, server.exited.then(() => undefined)]).catch(() => undefined)
        if (ready) startMs = startMs * 0.7 + ready.ms * 0.3
        // Work slows down with the machine as its start does. Short lives are many, long ones few.
        await Promise.race([wait(Math.min(4, -Math.log(1 - share) * 0.8) * startMs), server.exited])
      }
      const endedByItself = !server.isAlive()
      if (!listens) early += 1
      await server.kill()
      if (endedByItself) faults.push(`the process ended by itself: ${server.said().slice(-2_000)}`)
    },
  }
}

/** A last start without kills and faults: what was cut off is picked up, and a person imports and exports. */
async function endInPeace(dataDir: string, faults: string[]): Promise<void> {
  withDatabase(dataDir, (db) => setTimesBack(db, HOURS_2))
  const server = startServer({ dataDir, impatient: true })
  try {
    await server.ready
    for (const command of ['import', 'export', 'export']) {
      // The first is in the way of what the start picked up, and waits for it.
      await until(
        `${command} in peace`,
        async () => {
          const said = await askRunningProcess(dataDir, [command]).catch((error: Error) => {
            if (error.message.includes('実行中')) return undefined
            throw error
          })
          if (said !== undefined && !said.includes('（成功）')) faults.push(`${command} in peace: ${said}`)
          return said
        },
        60_000,
      )
    }
    if (faults.length > 0) faults.push(server.said().slice(-3_000))
    const { code } = await server.stop()
    if (code !== 0) faults.push(`the process ended with ${code} after SIGTERM: ${server.said().slice(-2_000)}`)
  } finally {
    await server.kill()
  }
}

async function tallyOf(dataDir: string, shop: RemoteShop) {
  const { orders } = await shop.ledger()
  const shipments = Object.values(orders).reduce((sum, order) => sum + order.shipments.length, 0)
  return withDatabase(dataDir, (db) => {
    const count = (query: string): number => Number(db.$client.prepare(query).pluck().get())
    return {
      orders: count('select count(*) from orders'),
      interrupted: count("select count(*) from runs where state = 'interrupted'"),
      shipments,
    }
  })
}
