import { expect } from 'vitest'
import type { FaultKind, Profile, RouteName } from '../../src/demo/shop/index.ts'
import { CS_CART_FAILURES } from '../../src/failures.ts'
import { exportServices } from '../export/services.ts'
import { A, B, exportWorld } from '../export/world.ts'

/** Each step of an export of one parcel: which request it is, by route and turn. */
const STEPS: readonly { on: RouteName; nth: number }[] = [
  { on: 'orders.get', nth: 1 },
  { on: 'shipments.list', nth: 1 },
  { on: 'shipments.post', nth: 1 },
  { on: 'shipments.get', nth: 1 },
  { on: 'orders.put', nth: 1 },
  { on: 'orders.get', nth: 2 },
]

const SLOW: ReadonlySet<FaultKind> = new Set(['late', 'never', 'dribble'])

const KINDS: readonly FaultKind[] = [
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
]

/** The last two: a good answer to a status change that was not made, and 404 for the shipment that was read back. */
const TRUE_REASONS = new Set([
  ...Object.keys(CS_CART_FAILURES),
  'answer_lost',
  'not_in_shop',
  'status_unchanged',
  'stored_differently',
])

export type FaultRound = { tried: number; failedFirst: number; mailed: number }

/**
 * One order for each step and fault kind (and for writes both with the work done and not): the fault strikes once, then the
 * export runs again without it. The shop's own ledger judges after both.
 */
export async function exportFaultRound(profile: Profile): Promise<FaultRound> {
  const rounds = await Promise.all(STEPS.map((step) => roundOfStep(profile, step)))
  const sum = (of: (round: FaultRound) => number) => rounds.reduce((total, round) => total + of(round), 0)
  return {
    tried: sum((round) => round.tried),
    failedFirst: sum((round) => round.failedFirst),
    mailed: sum((round) => round.mailed),
  }
}

async function roundOfStep(profile: Profile, step: (typeof STEPS)[number]): Promise<FaultRound> {
  const world = await exportWorld({ profile, settings: { notifyCustomer: true, requestsAtOnce: 1 } })
  const patient = world.exports.clientFor
  // Only where the fault is that nothing comes: a busy machine must not add faults of its own.
  const hasty = exportServices(world.db, { timeouts: { readMs: 400, writeMs: 400 } })
  const round: FaultRound = { tried: 0, failedFirst: 0, mailed: 0 }
  const isWrite = step.on === 'shipments.post' || step.on === 'orders.put'
  try {
    for (const kind of KINDS) for (const applied of isWrite ? [true, false] : [undefined]) await strike(kind, applied)
  } finally {
    await hasty.closeClients()
    await world.close()
  }
  return round

  async function strike(kind: FaultKind, applied: boolean | undefined): Promise<void> {
    const name = `${profile} ${step.on} ${step.nth} ${kind} ${applied ?? ''}`
    const number = `4${String(10_000_000_000 + round.tried)}`
    const { id, csCartId } = await world.dueOrder({ lines: [A(2), B(1)] }, { trackingNumber: number })
    // The plan is made first, so that the fault meets the export and not the plan's own reading.
    const plan = await world.plan()
    world.pretend.faults.clear()
    world.pretend.faults.add({
      kind,
      ...step,
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
      expect(TRUE_REASONS, `${name}: ${item?.reason}`).toContain(item?.reason)
      expect(world.orders.find(id)?.exportState, name).toBe('error')
    }
    expect(ledger().shipments.length, name).toBeLessThanOrEqual(1)

    if (first.done !== 1) {
      const next = await world.retry(first)
      expect(next, `${name}: ${JSON.stringify(world.itemsOf(next))}`).toMatchObject({ done: 1, failed: 0 })
    }
    expectWhole(name, ledger(), number)
    expect(world.orders.find(id)?.exportState, name).toBe('confirmed')
    round.mailed += ledger().mails.length
  }

  function expectWhole(name: string, ledger: ReturnType<typeof world.pretend.ledger.order>, number: string): void {
    const lines = world.pretend.order(ledger.orderId)?.lines ?? []
    const products = Object.fromEntries(lines.map((line) => [line.itemId, line.amount]))
    expect(ledger.shipments, name).toEqual([
      { id: expect.any(Number), number, carrier: 'yamato', status: 'S', products },
    ])
    expect(ledger.status, name).toBe('C')
    expect(ledger.recalculated, name).toEqual([])
    // Asked to tell the customer, and told once.
    expect(ledger.mails.length, name).toBe(1)
  }
}
