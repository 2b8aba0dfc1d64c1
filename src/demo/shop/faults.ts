import { random } from './generate/random.ts'
import type { RouteName } from './types.ts'

/** Everything that can go wrong between a shop and its client. */
export type FaultKind =
  | 'late' // answers after `ms`, its work done at once
  | 'slow' // does its work, and answers, after `ms`: whoever gave up before does not stop it
  | 'never' // takes the request and says nothing
  | 'half-body' // full Content-Length, half the bytes, then the end
  | 'reset-before' // connection reset, nothing done
  | 'reset-after' // the work is done, then the connection is reset
  | 'unauthorized' // 401 as CS-Cart says it
  | 'forbidden-html' // 403 page of a firewall
  | 'not-found' // 404 as CS-Cart says it
  | 'too-many' // 429 with Retry-After
  | 'error-html' // 500 "Service unavailable" page
  | 'unavailable' // 503 with Retry-After
  | 'html-200' // a page of the storefront
  | 'notice-json' // a PHP notice before the JSON
  | 'empty-200' // the JSON encoder failed: right status, no body
  | 'redirect' // 302 to an admin page
  | 'huge-body' // `bytes` of JSON
  | 'huge-headers' // 200 kB of headers
  | 'invalid-utf8' // raw Shift_JIS bytes inside the JSON
  | 'ip-block' // 200 with one line of text
  | 'broken-json' // the end is missing, but the length is right
  | 'dribble' // a byte each `ms`, 300 by default
  | 'no-content' // 204

export type Fault = {
  kind: FaultKind
  /** Which requests count. `any` is every API request. */
  on: RouteName | 'any'
  /** Of those only the ones whose address names this order: `orders/:id` and `shipments?order_id=`. */
  orderId?: number
  /** The n-th such request from now on: 1, the next one, by default. */
  nth?: number
  /** For how many requests from then on; 1 by default, Infinity for good. Over HTTP: `null` for good. */
  times?: number | null
  /** Instead of `nth` and `times`: every such request with this probability of 0…1. */
  probability?: number
  /** For `probability`. */
  seed?: number
  /** For `late` and `slow` (1000) and `dribble` (300). */
  ms?: number
  /** For `too-many` (1) and `unavailable` (5), in seconds or as an HTTP date; null leaves the header away. */
  retryAfter?: number | string | null
  /** For `huge-body`: 300 MB by default. */
  bytes?: number
  /** Whether the shop does its work before it fails. By default it does where the real answer is part of the fault. */
  applied?: boolean
}

/** A fault that fires on a request. */
export type Firing = Fault & { id: number; applied: boolean }

const WORK_IS_DONE: ReadonlySet<FaultKind> = new Set([
  'late',
  'slow',
  'half-body',
  'reset-after',
  'notice-json',
  'empty-200',
  'huge-headers',
  'invalid-utf8',
  'broken-json',
  'dribble',
  'no-content',
])

type Scheduled = { fault: Firing; seen: number; chance: () => number }

/** The faults that are waiting for their request. */
export function shopFaults() {
  let nextId = 1
  let scheduled: Scheduled[] = []
  const fired: { id: number; kind: FaultKind; route: RouteName }[] = []

  const fires = ({ fault, seen, chance }: Scheduled): boolean => {
    if (fault.probability !== undefined) return chance() < fault.probability
    const nth = fault.nth ?? 1
    return seen >= nth && seen < nth + timesOf(fault)
  }

  return {
    /** Schedules a fault; returns its id. */
    add(fault: Fault): number {
      const id = nextId
      nextId += 1
      const applied = fault.applied ?? WORK_IS_DONE.has(fault.kind)
      scheduled.push({ fault: { ...fault, id, applied }, seen: 0, chance: random(fault.seed ?? 1).next })
      return id
    },
    /** Takes one fault away. */
    remove(id: number): void {
      scheduled = scheduled.filter((entry) => entry.fault.id !== id)
    },
    /** Takes all faults away. */
    clear(): void {
      scheduled = []
    },
    /** Which faults have fired so far, oldest first. */
    fired: (): readonly { id: number; kind: FaultKind; route: RouteName }[] => fired,
    /** Faults of the `nth` kind that still wait for requests. */
    waiting: (): Fault[] =>
      scheduled
        .filter(({ fault, seen }) => fault.probability === undefined && seen < (fault.nth ?? 1) + timesOf(fault) - 1)
        .map(({ fault }) => fault),
    /**
     * Counts a request against all faults and gives the first that fires. For the shop only.
     * @param orderId the order that its address names
     */
    take(route: RouteName, orderId?: number): Firing | null {
      let first: Firing | null = null
      for (const entry of scheduled) {
        if (entry.fault.on === 'any' ? route === 'storefront' : entry.fault.on !== route) continue
        if (entry.fault.orderId !== undefined && entry.fault.orderId !== orderId) continue
        entry.seen += 1
        if (fires(entry) && first === null) first = entry.fault
      }
      if (first) fired.push({ id: first.id, kind: first.kind, route })
      return first
    },
  }
}
export type Faults = ReturnType<typeof shopFaults>

function timesOf(fault: Fault): number {
  return fault.times === null ? Number.POSITIVE_INFINITY : (fault.times ?? 1)
}
