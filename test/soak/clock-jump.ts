/** The real process under a wall clock that somebody sets; its monotonic clock goes on as it does in life. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPretendShop } from '../../src/demo/shop/index.ts'
import { dayOf, startOfDay } from '../../src/period.ts'
import { connectShop, newDataDir, recordContract, removeDataDir, withDatabase } from './data-dir.ts'
import { databaseFaults } from './judge.ts'
import { startServer, until } from './processes.ts'

export type ClockJump = {
  /** From the jump to the next start of each job, ms of real time. */
  waited: Record<string, number>
  /** Scheduled starts of each job, from the start of the process until a while after the first one that followed the jump. */
  starts: Record<string, number>
  /** What must not be, in words; none is right. */
  faults: string[]
}

const INTERVAL_MINUTES = 1
/** The clock's jobs forgive half a minute; the jump is set so that the next full minute comes a little later than that. */
const SECOND_AFTER_JUMP = 24

/** How the program's wall clock is set by what stands in `file`: by faketime where it is installed, else in the process itself. */
function settableClock(file: string): { env: Record<string, string>; node?: string[] } {
  try {
    const preload = execFileSync('faketime', ['-f', '+0s', 'printenv', 'LD_PRELOAD'], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return {
      env: {
        LD_PRELOAD: preload.trim().replace('libfaketime.so', 'libfaketimeMT.so'),
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_CACHE_DURATION: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        NO_FAKE_STAT: '1',
      },
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return { env: { CLOCK_FILE: file }, node: ['--import', join(import.meta.dirname, 'set-clock.ts')] }
  }
}

/** From now to the last minute of this month in the program's time zone, s. */
function toMonthsEnd(now: number): number {
  const [year = 0, month = 0] = dayOf(now * 1000, 'Asia/Tokyo')
    .split('-')
    .map(Number)
  const next = month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`
  return startOfDay(next, 'Asia/Tokyo') / 1000 - 60 - (now - (now % 60))
}

/**
 * Starts the program with both jobs at an interval of a minute, sets its clock while its first runs work, and waits for the next
 * ones.
 * @param by hours, or to the last minute of the month, so that the next tick comes on the first of the next one
 */
export async function clockJump(by: number | 'month end'): Promise<ClockJump> {
  const dataDir = newDataDir()
  const stamp = join(dataDir, 'faketime')
  const set = (seconds: number): void => writeFileSync(stamp, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  set(0)
  const shop = await startPretendShop({ profile: 'jp413', latencyMs: 250 })
  for (let order = 0; order < 12; order += 1) shop.addOrder({ status: 'P' })
  withDatabase(dataDir, (db) => {
    recordContract(db)
    const often = { autoImportMinutes: INTERVAL_MINUTES, autoExportMinutes: INTERVAL_MINUTES }
    connectShop(db, shop, { ...often, fetchDays: 60 })
  })
  const server = startServer({ dataDir, ...settableClock(stamp) })
  try {
    await server.ready
    const startsOf = (kind: string): number =>
      withDatabase(dataDir, (db) =>
        Number(
          db.$client
            .prepare("select coalesce(sum(repeats), 0) from runs where kind = ? and trigger = 'schedule'")
            .pluck()
            .get(kind),
        ),
      )
    await until('both jobs start at once', () => startsOf('import') === 1 && startsOf('export') === 1)
    const now = Math.floor(Date.now() / 1000)
    set((by === 'month end' ? toMonthsEnd(now) : by * 3_600) + SECOND_AFTER_JUMP - (now % 60))
    const jumpedAt = performance.now()
    const waitFor = async (kind: string): Promise<[string, number]> => {
      const patience = (INTERVAL_MINUTES + 1) * 60_000 + 5_000
      await until(`the next ${kind} after ${by}`, () => startsOf(kind) > 1, patience, 200)
      return [kind, performance.now() - jumpedAt]
    }
    const waited = Object.fromEntries(await Promise.all(['import', 'export'].map(waitFor)))
    // Whatever else would come for the same slot has come by then.
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const starts = Object.fromEntries(['import', 'export'].map((kind) => [kind, startsOf(kind)]))
    const { code } = await server.stop()
    const faults = withDatabase(dataDir, (db) => databaseFaults(db, true))
    if (code !== 0) faults.push(`the process ended with ${code}: ${server.said().slice(-1_000)}`)
    return { waited, starts, faults }
  } finally {
    await server.kill()
    await shop.close()
    removeDataDir(dataDir)
  }
}
