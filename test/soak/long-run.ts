/** Many shops for a long time in one process, whose clock goes on as fast as its runs end: nothing is missed, and nothing grows. */
import { spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { askRunningProcess } from '../../src/operations/control-socket.ts'
import { connectShop, newDataDir, recordContract, removeDataDir, withDatabase } from './data-dir.ts'
import { databaseFaults } from './judge.ts'
import { startServer } from './processes.ts'
import type { Resources, Start } from './ticking-server.ts'

export type LongRun = {
  shops: number
  /** Simulated. Every shop imports and exports every five of them. */
  minutes: number
  /** Runs before the memory is looked at for the first time. */
  warmUp?: number
  report?: (line: string) => void
}

export type LongRunResult = {
  runs: number
  /** Resident memory after the warm-up and at the end, bytes. */
  rss: { before: number; after: number }
  /** The largest that the WAL ever was, bytes. */
  walMost: number
  /** Connections to shops that are left when nothing is to be done. */
  sockets: number
  /** What must not be, in words; none is right. */
  faults: string[]
}

const MINUTE = 60_000
const EVERY = 5
const CHUNK = 60

export async function longRun({ shops, minutes, warmUp = 500, report }: LongRun): Promise<LongRunResult> {
  const dataDir = newDataDir()
  const pretend = await spawnPretendShop({ profile: 'jp413', orders: 20, statuses: ['P'] })
  const server = startServer({ dataDir, entry: 'test/soak/ticking-server.ts', node: ['--expose-gc'] })
  const ask = async (...words: string[]): Promise<string> => {
    const answer = await askRunningProcess(dataDir, words)
    if (answer === undefined) throw new Error(`the process is gone: ${server.said().slice(-2_000)}`)
    return answer
  }
  const resources = async (): Promise<Resources> => JSON.parse(await ask('resources'))
  const starts = async (): Promise<Start[]> => JSON.parse(await ask('starts'))
  try {
    await server.ready
    withDatabase(dataDir, (db) => {
      recordContract(db)
      // One day: what an import looks at stays the same all week, and so must its memory.
      for (let shop = 0; shop < shops; shop += 1) connectShop(db, pretend, { name: `${shop + 1}号店`, fetchDays: 1 })
    })
    let before: Resources | undefined
    for (let gone = 0; gone < minutes; gone += CHUNK) {
      await pretend.call('setClockOffset', gone * MINUTE)
      await pretend.call('addOrder', { status: 'P' })
      await ask('live', String(Math.min(CHUNK, minutes - gone)))
      await pretend.clearLedger()
      if (!before && (gone / EVERY) * shops * 2 >= warmUp) before = await resources()
      report?.(`${Math.round((gone / minutes) * 100)} %`)
    }
    const after = await resources()
    const all = await starts()
    await server.stop()
    const faults = withDatabase(dataDir, (db) => [
      ...databaseFaults(db, true),
      ...storedFaults(Number(db.$client.prepare('select sum(repeats) from runs').pluck().get()), all),
    ])
    return {
      runs: all.length,
      rss: { before: before?.rss ?? 0, after: after.rss },
      walMost: after.walMost,
      sockets: after.sockets,
      faults: [...faults, ...slotFaults(all, shops, minutes)],
    }
  } finally {
    await server.kill()
    await pretend.close()
    removeDataDir(dataDir)
  }
}

const storedFaults = (stored: number, starts: readonly Start[]): string[] =>
  stored === starts.length ? [] : [`${starts.length} runs were started, the log tells of ${stored}`]

/** Each job starts with the first tick, and then five minutes after its last start or one tick later, to the end; none twice. */
function slotFaults(starts: readonly Start[], shops: number, minutes: number): string[] {
  const end = Math.min(...starts.map(([, , , at]) => at)) + (minutes - 1) * MINUTE
  const jobs = Map.groupBy(starts, ([shop, kind]) => `${kind} of shop ${shop}`)
  const faults = jobs.size === shops * 2 ? [] : [`${jobs.size} jobs ran, not ${shops * 2}`]
  for (const [job, all] of jobs) {
    const least = Math.floor(minutes / (EVERY + 1))
    if (all.length < least) faults.push(`${job}: ${all.length} starts in ${minutes} minutes`)
    const silence = (end - (all.at(-1)?.[3] ?? 0)) / MINUTE
    if (silence > EVERY + 1) faults.push(`${job}: no start in the last ${silence} minutes`)
    for (const [index, [, , trigger, at]] of all.entries()) {
      if (trigger !== 'schedule') faults.push(`${job}: started by ${trigger}`)
      const gap = (at - (all[index - 1]?.[3] ?? at - EVERY * MINUTE)) / MINUTE
      if (gap < EVERY || gap > EVERY + 1) faults.push(`${job}: start ${index} came ${gap} minutes after the one before`)
    }
  }
  return faults.slice(0, 20)
}
