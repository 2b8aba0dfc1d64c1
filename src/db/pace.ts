import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import type { Db } from './open.ts'

/** So long after a page people are taken to be looking still, ms. */
const WATCHED_MS = 1_000
/**
 * So many pages of 4 kB gather in the WAL before they are moved to the database file, which holds the process up: 100 for some
 * 5 ms, 4,000 for some 100 ms, but then a page that was changed again and again is moved once. SQLite's own number is 1,000.
 */
const CHECKPOINT_AT = { watched: 100, alone: 4_000 }
/** For each ms at work the process rests so many ms while people look: 30 % of the time nobody waits for anything. */
const REST_SHARE = 0.3 / 0.7
/** The first steps may run code that never ran before, which is slow: after each of them the process rests twice as long as it took. */
const FIRST = { steps: 60, restShare: 2 }
/** One step gives way for so long at most (each time before it rests, and for the rest), ms: it must get on. */
const MOST_MS = 20

export type Pace = ReturnType<typeof paceOf>

/** What a process knows of itself: how long it has been idle and at work since its start (ms), and how to rest. */
export type Self = {
  utilization: () => { idle: number; active: number }
  sleep: (ms: number) => Promise<void>
}
const SELF: Self = { utilization: performance.eventLoopUtilization, sleep: wait }

/**
 * In how large steps work in the background holds the process up: people who ask for pages wait for the present step only.
 * @param monotonic ms that only go forward
 */
export function paceOf({ $client }: Db, monotonic: () => number, self: Self = SELF) {
  let pageAt = Number.NEGATIVE_INFINITY
  let pages = 0
  /** What holds while nothing works in the background; 0: whoever opened the database wants no checkpoints. */
  let usual: number | undefined
  let present: number | undefined
  /** All that work in the background give way together. */
  let way: Promise<void> | undefined
  let before: ReturnType<Self['utilization']> | undefined
  let owed = 0
  /** Since the present work began. */
  let steps = 0

  function use(pages: number): void {
    usual ??= Number($client.pragma('wal_autocheckpoint', { simple: true }))
    if (usual === 0 || pages === present) return
    $client.pragma(`wal_autocheckpoint = ${pages}`)
    present = pages
  }

  function isWatched(): boolean {
    const watched = monotonic() - pageAt < WATCHED_MS
    use(watched ? CHECKPOINT_AT.watched : CHECKPOINT_AT.alone)
    return watched
  }

  /** Lets the pages be made that have been asked for, until a turn of the event loop brings no other. */
  async function letPagesPass(): Promise<void> {
    const began = monotonic()
    for (let seen = -1; seen !== pages && monotonic() - began < MOST_MS; ) {
      seen = pages
      await turn()
    }
  }

  /** A process that is always at work keeps every page waiting for some step. What was idle before is no credit. */
  async function rest(): Promise<void> {
    const now = self.utilization()
    steps += 1
    if (before) {
      const share = steps <= FIRST.steps ? FIRST.restShare : REST_SHARE
      owed += (now.active - before.active) * share - (now.idle - before.idle)
      owed = Math.min(Math.max(0, owed), MOST_MS)
    }
    before = now
    if (owed < 1) return
    await self.sleep(owed)
    owed = 0
    before = self.utilization()
  }

  return {
    /** A page was asked for. */
    notePage(): void {
      pages += 1
      pageAt = monotonic()
    },
    /** Whether people are looking just now. Work in the background asks before each step. */
    isWatched,
    /** While people look, work in the background waits here between two steps. */
    async giveWay(): Promise<void> {
      if (!isWatched()) {
        before = undefined
        return
      }
      way ??= letPagesPass()
        .then(rest)
        .finally(() => {
          way = undefined
        })
      await way
    },
    /** Work in the background is over. */
    rest(): void {
      steps = 0
      if (usual === undefined) return
      use(usual)
      usual = undefined
      present = undefined
    },
  }
}
