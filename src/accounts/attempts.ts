/** Counts failed attempts (logins, set-up codes) by key and refuses more than a few in a stretch of time. Pure. */
export type Attempts = {
  /** true when none of the keys has used up its failures at `now` (ms UTC). */
  allowed(keys: readonly string[], now: number): boolean
  /** Counts a failure against each key, before the outcome is known, so that many at once gain nothing. */
  count(keys: readonly string[], now: number): void
  /** Takes the count back: the attempt was right. */
  forgive(keys: readonly string[]): void
}

const MAX_KEYS = 20_000

/**
 * @param limit failures a key may have
 * @param windowMs how long after its first failure a key starts anew
 */
export function attempts(limit: number, windowMs: number): Attempts {
  const failures = new Map<string, { count: number; since: number }>()
  const current = (key: string, now: number) => {
    const found = failures.get(key)
    if (found && now - found.since < windowMs) return found
    failures.delete(key)
    return undefined
  }
  return {
    allowed: (keys, now) => keys.every((key) => (current(key, now)?.count ?? 0) < limit),
    count(keys, now) {
      for (const key of keys) {
        const found = current(key, now)
        if (found) found.count++
        else failures.set(key, { count: 1, since: now })
        // The oldest go first: memory stays small whatever addresses an attacker makes up.
        const [oldest] = failures.size > MAX_KEYS ? failures.keys() : []
        if (oldest !== undefined) failures.delete(oldest)
      }
    },
    forgive(keys) {
      for (const key of keys) failures.delete(key)
    },
  }
}
