import type { Db } from './open.ts'

/** So many answers to one question are kept at most, unless it says otherwise. */
const MOST = 100

/**
 * Keeps what was read until something is written, by this connection or another one: counts over all orders, and what stands on
 * every page, are not read anew for each of them. Nothing is kept of what is read inside a transaction, which may be undone.
 * @returns a wrapper: the same reader with a memory, one answer for each list of arguments (which are compared as JSON);
 *   answers are shared, nobody may change them
 */
export function remembering({ $client }: Db) {
  const ourWrites = $client.prepare<[], number>('select total_changes()').pluck()
  const othersWrites = $client.prepare<[], number>('pragma data_version').pluck()

  return <Asked extends readonly unknown[], T>(read: (...asked: Asked) => T, most = MOST): ((...asked: Asked) => T) => {
    const kept = new Map<string, { value: T }>()
    let keptAt = ''
    return (...asked) => {
      if ($client.inTransaction) return read(...asked)
      const at = `${ourWrites.get()}/${othersWrites.get()}`
      if (at !== keptAt || kept.size >= most) kept.clear()
      keptAt = at
      const key = JSON.stringify(asked)
      const known = kept.get(key) ?? { value: read(...asked) }
      kept.set(key, known)
      return known.value
    }
  }
}
