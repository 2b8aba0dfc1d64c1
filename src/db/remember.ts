import type { Db } from './open.ts'

/** So many answers to one question are kept at most, unless it says otherwise. */
const MOST = 100
/** So long may an answer lag behind writing in bulk, ms: not all of them equally long, or all would be read anew at once. */
const LAG_MS = { least: 500, most: 1_000 }
/** What takes longer than this to read (a search through 2,000 orders) lags longer in proportion, but no more than five times so. */
const CHEAP_MS = 4
const LONGEST = 5

/** How many rows were written over one connection in bulk, and of how many nothing but the log of runs is told. */
type Apart = { inBulk: number; ofRuns: number }
const apart = new WeakMap<Db['$client'], Apart>()

/**
 * Writes in many small steps for minutes, as an import does. What stands on people's pages is not counted anew after each step:
 * `remembering` lets its answers lag behind such writing by up to a second, and costly ones by up to five, or twice that where
 * nobody shall wait while they are read. Any other write ends that at once, so that nobody misses what they did themselves, nor
 * what a run had done when it ended.
 * @param work synchronous; a transaction of its own
 */
export function inBulk<T>(db: Db, work: () => T): T {
  return counted(db, 'inBulk', work)
}

/**
 * Writes to the log of runs alone, such as the beginning of a run: what is kept of anything else stays as it is.
 * @param work synchronous
 */
export function ofRuns<T>(db: Db, work: () => T): T {
  return counted(db, 'ofRuns', work)
}

function counted<T>(db: Db, kind: keyof Apart, work: () => T): T {
  const known = apartOf(db)
  const written = db.$client.prepare<[], number>('select total_changes()').pluck()
  const before = written.get() ?? 0
  try {
    return work()
  } finally {
    known[kind] += (written.get() ?? 0) - before
  }
}

function apartOf({ $client }: Db): Apart {
  const known = apart.get($client) ?? { inBulk: 0, ofRuns: 0 }
  apart.set($client, known)
  return known
}

/**
 * An answer, how much had been written in bulk when it was read, and until when it may lag behind that. `meanwhile`: the one
 * before, for those who ask while a costly one is read anew, and until when that one may stand in.
 */
type Kept<T> = { value: T; bulk: number; until: number; standsInUntil: number; meanwhile?: T | undefined }

export type Remembering = ReturnType<typeof remembering>

/**
 * Keeps what was read until something is written, by this connection or another one: counts over all orders, and what stands on
 * every page, are not read anew for each of them. Nothing is kept of what is read inside a transaction, which may be undone.
 * For display, and for decisions that rest on nothing that is written in bulk.
 * @param withoutRuns nothing of what is read comes from the log of runs
 * @returns a wrapper: the same reader with a memory, one answer for each list of arguments (which are compared as JSON);
 *   answers are shared, nobody may change them. A reader may be asynchronous: who asks while it reads waits for the same answer,
 *   or gets the one before where only writing in bulk came between and the answer is costly; a failure is not kept
 */
export function remembering(db: Db, { withoutRuns = false } = {}) {
  const { $client } = db
  const ourWrites = $client.prepare<[], number>('select total_changes()').pluck()
  const othersWrites = $client.prepare<[], number>('pragma data_version').pluck()
  const written = apartOf(db)
  const lagOf = (tookMs: number): number =>
    (LAG_MS.least + Math.random() * (LAG_MS.most - LAG_MS.least)) * Math.min(Math.max(1, tookMs / CHEAP_MS), LONGEST)

  return <Asked extends readonly unknown[], T>(read: (...asked: Asked) => T, most = MOST): ((...asked: Asked) => T) => {
    const kept = new Map<string, Kept<T>>()
    let keptAt = ''
    return (...asked) => {
      if ($client.inTransaction) return read(...asked)
      const besides = written.inBulk + (withoutRuns ? written.ofRuns : 0)
      const at = `${(ourWrites.get() ?? 0) - besides}/${othersWrites.get()}`
      if (at !== keptAt || kept.size >= most) kept.clear()
      keptAt = at
      const key = JSON.stringify(asked)
      const known = kept.get(key)
      const began = performance.now()
      if (known && (known.bulk === written.inBulk || began < known.until)) return known.meanwhile ?? known.value
      const never = Number.POSITIVE_INFINITY
      const entry: Kept<T> = { value: read(...asked), bulk: written.inBulk, until: never, standsInUntil: never }
      const settle = () => {
        const now = performance.now()
        const lag = lagOf(now - began)
        entry.until = now + lag
        entry.standsInUntil = now - began > CHEAP_MS ? entry.until + lag : 0
        entry.meanwhile = undefined
      }
      kept.set(key, entry)
      if (!(entry.value instanceof Promise)) settle()
      else {
        if (known && began < known.standsInUntil) entry.meanwhile = known.value
        entry.value.then(settle, () => kept.get(key) === entry && kept.delete(key))
      }
      return entry.meanwhile ?? entry.value
    }
  }
}
