import type { Fault, FaultKind, Profile, RouteName } from '../../src/demo/shop/index.ts'
import type { FailureReason } from '../../src/failures.ts'
import { canCorrect } from '../soak/shop-life.ts'

/** What an order needs of an export, where it is not one parcel that nothing has happened to yet. */
export type Need = 'two parcels' | 'a correction' | 'its shipment set to S'

/**
 * Where in an export a fault strikes: a request by its route and turn. `by`: who starts, where the plan is not made before but inside
 * the run. `lost`: the write whose answer is lost first, so that the fault meets the look that follows. `because`: the read that
 * fails first, so that the fault meets the question whether it is the order or the shop.
 */
export type Step = {
  on: RouteName
  nth: number
  of?: Need
  by?: 'button' | 'clock'
  lost?: RouteName
  because?: RouteName
}

const STEPS: readonly Step[] = [
  { on: 'orders.get', nth: 1 },
  { on: 'shipments.list', nth: 1 },
  { on: 'shipments.post', nth: 1 },
  { on: 'shipments.get', nth: 1 },
  { on: 'orders.put', nth: 1 },
  { on: 'orders.get', nth: 2 },
  { on: 'shipments.post', nth: 2, of: 'two parcels' },
  { on: 'shipments.get', nth: 2, of: 'two parcels' },

  // The live read of a plan that is made inside the run, and the second look before its first write.
  { on: 'orders.get', nth: 1, by: 'button' },
  { on: 'shipments.list', nth: 1, by: 'button' },
  { on: 'orders.get', nth: 1, by: 'clock' },
  { on: 'shipments.list', nth: 2, by: 'clock' },

  // The look that is to tell what came of a write whose answer was lost.
  { on: 'orders.get', nth: 2, lost: 'shipments.post' },
  { on: 'shipments.list', nth: 2, lost: 'shipments.post' },
  { on: 'orders.get', nth: 2, lost: 'orders.put' },

  // The question whether it is the order or the shop that fails.
  { on: 'version', nth: 1, because: 'orders.get' },
]

/** Only where a shipment can be corrected. */
const STEPS_OF_CORRECTIONS: readonly Step[] = [
  { on: 'shipments.put', nth: 1, of: 'a correction' },
  { on: 'shipments.get', nth: 1, of: 'a correction' },
  { on: 'shipments.get', nth: 1, of: 'a correction', lost: 'shipments.put' },
  { on: 'shipments.put', nth: 1, of: 'its shipment set to S' },
  { on: 'shipments.get', nth: 2, of: 'its shipment set to S' },
]

/** Every step of an export to a shop of this version. */
export const stepsOf = (profile: Profile): readonly Step[] =>
  canCorrect(profile) ? [...STEPS, ...STEPS_OF_CORRECTIONS] : STEPS

export const KINDS = [
  'late',
  'never',
  'half-body',
  'reset-before',
  'reset-after',
  'unauthorized',
  'forbidden-html',
  'not-found',
  'too-many',
  'error-html',
  'unavailable',
  'html-200',
  'notice-json',
  'empty-200',
  'redirect',
  'huge-body',
  'huge-headers',
  'invalid-utf8',
  'ip-block',
  'broken-json',
  'dribble',
  'no-content',
] as const satisfies readonly FaultKind[]
export type Kind = (typeof KINDS)[number]

export const SLOW: ReadonlySet<FaultKind> = new Set(['late', 'never', 'dribble', 'slow'])

export const isWrite = (route: RouteName): boolean => /\.(post|put)$/.test(route)

/** Whether the shop does its work, for each round of a step: a write both ways, a lost one before the fault both ways. */
export const roundsOf = ({ on, lost }: Step): readonly (boolean | undefined)[] =>
  isWrite(on) || lost !== undefined ? [true, false] : [undefined]

/** The faults of one round, in the order in which the shop looks at them. */
export function faultsOf(step: Step, kind: Kind, applied: boolean | undefined): Fault[] {
  const { on, nth, lost, because } = step
  const struck: Fault = {
    kind,
    on,
    nth,
    // A read is tried twice by the client: both must fail.
    times: 2,
    ms: kind === 'dribble' ? 60 : 5_000,
    bytes: 2_000_000,
    retryAfter: 0,
    ...(applied === undefined || lost !== undefined ? {} : { applied }),
  }
  if (lost !== undefined) return [{ kind: applied ? 'reset-after' : 'reset-before', on: lost }, struck]
  if (because !== undefined) return [{ kind: 'error-html', on: because, times: 2 }, struck]
  return [struck]
}

/** What a read says of each fault. A 404 in CS-Cart's own form says that the order, or the shipment read back, is not there. */
const OF_READS: Readonly<Record<Kind, readonly FailureReason[]>> = {
  late: ['timeout'],
  never: ['timeout'],
  dribble: ['timeout'],
  'half-body': ['connection_lost'],
  'reset-before': ['connection_lost'],
  'reset-after': ['connection_lost'],
  'huge-headers': ['connection_lost'],
  unauthorized: ['unauthorized'],
  'forbidden-html': ['blocked'],
  'ip-block': ['blocked'],
  'not-found': ['not_an_api', 'not_in_shop', 'stored_differently'],
  'too-many': ['rate_limited'],
  'error-html': ['unavailable'],
  unavailable: ['unavailable'],
  'html-200': ['storefront'],
  'notice-json': ['not_json'],
  'broken-json': ['not_json'],
  'empty-200': ['empty_answer'],
  'no-content': ['empty_answer'],
  redirect: ['redirected'],
  'huge-body': ['too_large'],
  'invalid-utf8': ['invalid_text'],
}

/** Of a write nobody knows whether it was done, but for these: the shop refused it, or a page in its place says more. */
const OF_WRITES: Readonly<Partial<Record<FaultKind, readonly FailureReason[]>>> = {
  unauthorized: ['unauthorized'],
  'too-many': ['rate_limited'],
  'not-found': ['not_an_api', 'not_found'],
  'forbidden-html': ['blocked', 'answer_lost'],
  'ip-block': ['blocked', 'answer_lost'],
  'html-200': ['storefront', 'answer_lost'],
  redirect: ['redirected', 'answer_lost'],
  // Slow, but heard to its end where the answer is short: it says 200 to what was not done.
  dribble: ['answer_lost', 'status_unchanged', 'stored_differently'],
}

/** The reasons that are true of a round whose export failed. */
export function trueReasons({ on, lost, because }: Step, kind: Kind): readonly FailureReason[] {
  // The order failed first, whatever the shop then says to the question.
  if (because !== undefined) return ['unavailable']
  if (isWrite(on)) return OF_WRITES[kind] ?? ['answer_lost']
  // Nobody knows what came of the write, and why nobody could find out.
  return lost === undefined ? OF_READS[kind] : ['answer_lost', ...OF_READS[kind]]
}

/** true where the order's first write was not made: whoever hears that it failed must find nothing written. */
export function nothingIsWritten(step: Step, applied: boolean | undefined): boolean {
  if (step.of !== undefined) return false
  if (step.by !== undefined || step.because !== undefined) return true
  const isFirstLook = step.nth === 1 && (step.on === 'orders.get' || step.on === 'shipments.list')
  const isFirstWrite = (step.lost ?? step.on) === 'shipments.post'
  return isFirstLook || (isFirstWrite && applied === false && (step.lost !== undefined || step.nth === 1))
}
