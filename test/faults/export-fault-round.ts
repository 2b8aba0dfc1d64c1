import { expect } from 'vitest'
import type { FaultKind, Profile, RouteName } from '../../src/demo/shop/index.ts'
import type { FailureReason } from '../../src/failures.ts'
import { exportServices } from '../export/services.ts'
import { A, B, exportWorld, TWO_GROUPS } from '../export/world.ts'
import { canCorrect } from '../soak/shop-life.ts'

type Step = { on: RouteName; nth: number; of?: 'two parcels' | 'a correction' }

/** Each step of an export: which request it is, by route and turn, of one parcel where it does not say otherwise. */
const STEPS: readonly Step[] = [
  { on: 'orders.get', nth: 1 },
  { on: 'shipments.list', nth: 1 },
  { on: 'shipments.post', nth: 1 },
  { on: 'shipments.get', nth: 1 },
  { on: 'orders.put', nth: 1 },
  { on: 'orders.get', nth: 2 },
  { on: 'shipments.post', nth: 2, of: 'two parcels' },
  { on: 'shipments.get', nth: 2, of: 'two parcels' },
  { on: 'shipments.put', nth: 1, of: 'a correction' },
  { on: 'shipments.get', nth: 1, of: 'a correction' },
]

const SLOW: ReadonlySet<FaultKind> = new Set(['late', 'never', 'dribble'])

const KINDS = [
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

/** What a read says of each fault. A 404 in CS-Cart's own form says that the order, or the shipment read back, is not there. */
const OF_READS: Readonly<Record<(typeof KINDS)[number], readonly FailureReason[]>> = {
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

/** CS-Cart 4.13 to 4.16 write to the customer with each shipment (cs-cart-api.md 1, rule 8). */
export const tellsOfEachParcel = (profile: Profile): boolean => profile === 'jp413' || profile === 'v416'

export type FaultRound = { tried: number; failedFirst: number; mailed: number }

/**
 * One order for each step and fault kind (and for writes both with the work done and not): the fault strikes once, then the
 * export runs again without it. The shop's own ledger judges after both.
 */
export async function exportFaultRound(profile: Profile): Promise<FaultRound> {
  const steps = STEPS.filter(({ of }) => of !== 'a correction' || canCorrect(profile))
  const rounds = await Promise.all(steps.map((step) => roundOfStep(profile, step)))
  const sum = (of: (round: FaultRound) => number) => rounds.reduce((total, round) => total + of(round), 0)
  return {
    tried: sum((round) => round.tried),
    failedFirst: sum((round) => round.failedFirst),
    mailed: sum((round) => round.mailed),
  }
}

async function roundOfStep(profile: Profile, step: Step): Promise<FaultRound> {
  const world = await exportWorld({ profile, settings: { notifyCustomer: true, requestsAtOnce: 1 } })
  const patient = world.exports.clientFor
  // Only where the fault is that nothing comes: a busy machine must not add faults of its own.
  const hasty = exportServices(world.db, { timeouts: { readMs: 400, writeMs: 400 } })
  const round: FaultRound = { tried: 0, failedFirst: 0, mailed: 0 }
  const isWrite = /\.(post|put)$/.test(step.on)
  const { of, ...request } = step
  try {
    for (const kind of KINDS) for (const applied of isWrite ? [true, false] : [undefined]) await strike(kind, applied)
  } finally {
    await hasty.closeClients()
    await world.close()
  }
  return round

  async function strike(kind: (typeof KINDS)[number], applied: boolean | undefined): Promise<void> {
    const name = `${profile} ${step.on} ${step.nth} ${of ?? ''} ${kind} ${applied ?? ''}`
    const number = `4${String(10_000_000_000 + round.tried)}`
    const draft = of === 'two parcels' ? TWO_GROUPS : { lines: [A(2), B(1)] }
    const wrongFirst = of === 'a correction'
    const { id, csCartId } = await world.dueOrder(draft, {
      trackingNumber: wrongFirst ? `9${number.slice(1)}` : number,
    })
    if (wrongFirst) {
      expect(await world.exportAll(), name).toMatchObject({ done: 1, failed: 0 })
      world.edit(id, { trackingNumber: number })
    }
    // The plan is made first, so that the fault meets the export and not the plan's own reading.
    const plan = await world.plan()
    world.pretend.faults.clear()
    world.pretend.faults.add({
      kind,
      ...request,
      // A read is tried twice by the client: both must fail.
      times: 2,
      ms: kind === 'dribble' ? 30 : 1_000,
      bytes: 2_000_000,
      retryAfter: 0,
      ...(applied === undefined ? {} : { applied }),
    })
    world.exports.clientFor = SLOW.has(kind) ? hasty.clientFor : patient
    const first = await world.execute(plan.id)
    world.exports.clientFor = patient
    world.pretend.faults.clear()
    round.tried += 1
    const [item] = world.itemsOf(first)
    const ledger = () => world.pretend.ledger.order(csCartId)
    if (first.done === 1) expectWhole(name, ledger(), number)
    else {
      round.failedFirst += 1
      const trueReasons = isWrite ? (OF_WRITES[kind] ?? ['answer_lost']) : OF_READS[kind]
      expect(trueReasons, `${name}: ${item?.reason}`).toContain(item?.reason)
      if (isBefore(applied)) expect(ledger(), name).toMatchObject({ status: 'P', shipments: [], mails: [] })
      expect(world.orders.find(id)?.exportState, name).toBe('error')
    }
    expect(ledger().shipments.length, name).toBeLessThanOrEqual(of === 'two parcels' ? 2 : 1)

    if (first.done !== 1) {
      const next = await world.retry(first)
      expect(next, `${name}: ${JSON.stringify(world.itemsOf(next))}`).toMatchObject({ done: 1, failed: 0 })
    }
    expectWhole(name, ledger(), number)
    expect(world.orders.find(id)?.exportState, name).toBe('confirmed')
    round.mailed += ledger().mails.length
  }

  /** true where the order's first write was not made: whoever hears that it failed must find nothing written. */
  function isBefore(applied: boolean | undefined): boolean {
    if (of !== undefined || request.nth !== 1) return false
    return (
      step.on === 'orders.get' || step.on === 'shipments.list' || (step.on === 'shipments.post' && applied === false)
    )
  }

  function expectWhole(name: string, ledger: ReturnType<typeof world.pretend.ledger.order>, number: string): void {
    const lines = world.pretend.order(ledger.orderId)?.lines ?? []
    const parcels = of === 'two parcels' ? lines.map((line) => [line]) : [lines]
    expect(ledger.shipments, name).toEqual(
      parcels.map((inside) => ({
        id: expect.any(Number),
        number,
        carrier: 'yamato',
        status: 'S',
        products: Object.fromEntries(inside.map((line) => [line.itemId, line.amount])),
      })),
    )
    expect(ledger.status, name).toBe('C')
    expect(ledger.recalculated, name).toEqual([])
    // Asked to tell the customer, and told once; some versions tell of each parcel, whatever one asks.
    expect(ledger.mails.length, name).toBe(tellsOfEachParcel(profile) ? parcels.length : 1)
  }
}
