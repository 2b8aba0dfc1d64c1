import type { Db } from './open.ts'

/** So long after a page people are taken to be looking still, ms. */
const WATCHED_MS = 1_000
/**
 * So many pages of 4 kB gather in the WAL before they are moved to the database file, which holds the process up: 100 for some
 * 5 ms, 4,000 for some 100 ms, but then a page that was changed again and again is moved once. SQLite's own number is 1,000.
 */
const CHECKPOINT_AT = { watched: 100, alone: 4_000 }

export type Pace = ReturnType<typeof paceOf>

/**
 * In how large steps work in the background holds the process up: people who ask for pages wait for the present step only.
 * @param monotonic ms that only go forward
 */
export function paceOf({ $client }: Db, monotonic: () => number) {
  let pageAt = Number.NEGATIVE_INFINITY
  /** What holds while nothing works in the background; 0: whoever opened the database wants no checkpoints. */
  let usual: number | undefined
  let present: number | undefined

  function use(pages: number): void {
    usual ??= Number($client.pragma('wal_autocheckpoint', { simple: true }))
    if (usual === 0 || pages === present) return
    $client.pragma(`wal_autocheckpoint = ${pages}`)
    present = pages
  }

  return {
    /** A page was asked for. */
    notePage(): void {
      pageAt = monotonic()
    },
    /** Whether people are looking just now. Work in the background asks before each step. */
    isWatched(): boolean {
      const watched = monotonic() - pageAt < WATCHED_MS
      use(watched ? CHECKPOINT_AT.watched : CHECKPOINT_AT.alone)
      return watched
    },
    /** Work in the background is over. */
    rest(): void {
      if (usual === undefined) return
      use(usual)
      usual = undefined
      present = undefined
    },
  }
}
