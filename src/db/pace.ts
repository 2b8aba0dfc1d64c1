import type { Db } from './open.ts'

/** So long after a page people are taken to be looking still, ms. */
const WATCHED_MS = 1_000
/** Pages of the WAL that are moved to the database file at once while people look; SQLite's own 1,000 stop everything for 50 ms. */
const CHECKPOINT_WATCHED = 250

export type Pace = ReturnType<typeof paceOf>

/**
 * In how small steps work in the background may hold up the process: people who ask for pages wait for the present step only.
 * @param monotonic ms that only go forward
 */
export function paceOf({ $client }: Db, monotonic: () => number) {
  let pageAt = Number.NEGATIVE_INFINITY
  let usual: number | undefined
  return {
    /** A page was asked for. */
    notePage(): void {
      pageAt = monotonic()
      if (usual !== undefined) return
      usual = Number($client.pragma('wal_autocheckpoint', { simple: true }))
      if (usual > CHECKPOINT_WATCHED) $client.pragma(`wal_autocheckpoint = ${CHECKPOINT_WATCHED}`)
    },
    /** Whether people are looking just now. Work in the background asks before each step. */
    isWatched(): boolean {
      const watched = monotonic() - pageAt < WATCHED_MS
      if (!watched && usual !== undefined) {
        $client.pragma(`wal_autocheckpoint = ${usual}`)
        usual = undefined
      }
      return watched
    },
  }
}
