import { setTimeout as wait } from 'node:timers/promises'
import { CsCartError } from '../errors.ts'
import type { CsCartReason } from '../failures.ts'

export type RetryPolicy = {
  /** How often in all; 1 is no retry. */
  attempts: number
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** 0 to 1, for the jitter. */
  random: () => number
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** A shop that asks for more patience than this gets it from the next run, not from this call. */
const MOST_PATIENCE_SECONDS = 60

/** Failures that a second try mends or none does: a broken value, a mistyped host, a shop that hangs. */
const ONCE_MORE: ReadonlySet<CsCartReason> = new Set(['timeout', 'host_not_found', 'empty_answer', 'not_json'])

/**
 * Repeats a read while waiting may mend its failure: exponential pauses with jitter, never shorter than what the shop asked
 * for. Never for writes: what a lost answer did is read, not repeated.
 */
export async function retrying<T>(read: () => Promise<T>, policy: RetryPolicy, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof CsCartError) || !worthWaiting(error, attempt, policy.attempts)) throw error
      await policy.sleep(pause(attempt, error.retryAfterSeconds ?? 0, policy.random()), signal)
      signal?.throwIfAborted()
    }
  }
}

function worthWaiting(error: CsCartError, attempt: number, attempts: number): boolean {
  const most = ONCE_MORE.has(error.reason) ? Math.min(attempts, 2) : attempts
  return error.waitingMends && attempt < most && (error.retryAfterSeconds ?? 0) <= MOST_PATIENCE_SECONDS
}

/** ms until the next attempt. The jitter keeps many readers from coming back at the same moment. */
export function pause(attempt: number, retryAfterSeconds: number, random: number): number {
  const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
  const asked = retryAfterSeconds * 1000
  return Math.round(asked > 0 ? asked + (growing * random) / 2 : growing * (0.5 + random / 2))
}

/** Waits in real time; throws the signal's reason when it is aborted. */
export async function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

const LONGEST_RETRY_AFTER = 24 * 3600

/**
 * The seconds that a `Retry-After` header asks for: a number of them, or an HTTP date. Bounded to a day; undefined where the
 * header is missing or says neither.
 */
export function retryAfterSeconds(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim()
  if (!value) return undefined
  const date = /^[A-Z][a-z]+, .* GMT$/.test(value) ? Date.parse(value) : Number.NaN
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((date - now.getTime()) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.min(LONGEST_RETRY_AFTER, Math.max(0, seconds))
}
