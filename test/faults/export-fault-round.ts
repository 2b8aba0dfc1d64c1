import { expect } from 'vitest'
import type { Profile, RouteName } from '../../src/demo/shop/index.ts'
import { exportServices } from '../export/services.ts'
import { A, B, exportWorld, TWO_GROUPS, type World } from '../export/world.ts'
import { canCorrect } from '../soak/shop-life.ts'
import {
  faultsOf,
  KINDS,
  type Kind,
  type Need,
  nothingIsWritten,
  roundsOf,
  SLOW,
  type Step,
  stepsOf,
  trueReasons,
} from './export-fault-steps.ts'

/** Long enough for a machine that is busy with other tests, short enough to wait for an answer that does not come. */
const HASTY = { readMs: 1_200, writeMs: 1_200 }

/** CS-Cart 4.13 to 4.16 write to the customer with each shipment (cs-cart-api.md 1, rule 8). */
const tellsOfEachParcel = (profile: Profile): boolean => profile === 'jp413' || profile === 'v416'

/** `parcels`: how many the struck orders have together; `mails`: how many their customers got. */
export type FaultRound = { tried: number; failedFirst: number; parcels: number; mails: number }

/**
 * One order for each step and fault kind (and for writes both with the work done and not): the fault strikes once, then the
 * export runs again without it. The shop's own ledger judges after both.
 */
export async function exportFaultRound(profile: Profile): Promise<FaultRound> {
  const rounds = await Promise.all(stepsOf(profile).map((step) => roundOfStep(profile, step)))
  const sum = (of: (round: FaultRound) => number) => rounds.reduce((total, round) => total + of(round), 0)
  return {
    tried: sum((round) => round.tried),
    failedFirst: sum((round) => round.failedFirst),
    parcels: sum((round) => round.parcels),
    mails: sum((round) => round.mails),
  }
}

async function roundOfStep(profile: Profile, step: Step): Promise<FaultRound> {
  const world = await exportWorld({ profile, settings: { notifyCustomer: true, requestsAtOnce: 1 } })
  const patient = world.exports.clientFor
  // Only where the fault is that nothing comes: a busy machine must not add faults of its own.
  const hasty = exportServices(world.db, { timeouts: HASTY })
  const round: FaultRound = { tried: 0, failedFirst: 0, parcels: 0, mails: 0 }
  const { of, by, lost, because } = step
  try {
    for (const kind of KINDS) for (const applied of roundsOf(step)) await strike(kind, applied)
  } finally {
    await hasty.closeClients()
    await world.close()
  }
  return round

  async function strike(kind: Kind, applied: boolean | undefined): Promise<void> {
    const where = [step.on, step.nth, of, by, lost && `after a lost ${lost}`, because && `after ${because}`]
    const name = [profile, ...where, kind, applied].filter((part) => part !== undefined).join(' ')
    const order = await orderIn(world, of, round.tried)
    // A plan that is made first: the fault meets the export and not the plan's own reading.
    const plan = by === undefined ? await world.plan() : undefined
    const fired = world.pretend.faults.fired().length
    world.pretend.faults.clear()
    for (const fault of faultsOf(step, kind, applied)) world.pretend.faults.add(fault)
    world.exports.clientFor = SLOW.has(kind) ? hasty.clientFor : patient
    const first = await (plan ? world.execute(plan.id) : world.exportAll(by === 'clock' ? 'schedule' : 'manual'))
    world.exports.clientFor = patient
    const struck = world.pretend.faults.fired().slice(fired)
    expect(struck, name).toContainEqual(expect.objectContaining({ kind, route: step.on }))
    world.pretend.faults.clear()
    round.tried += 1
    const [item] = world.itemsOf(first)
    const ledger = () => world.pretend.ledger.order(order.csCartId)
    if (first.done === 1) expectWhole(world, name, order)
    else {
      round.failedFirst += 1
      // Where the shop failed as a whole, and on no order that could be named, the run says so and the order stays due.
      const said = item ? item.reason : first.reason
      expect(trueReasons(step, kind), `${name}: ${said}`).toContain(said)
      if (nothingIsWritten(step, applied)) {
        expect(ledger(), name).toMatchObject({ status: 'P', shipments: [], mails: [] })
      }
      if (by === undefined) expect(world.orders.find(order.id)?.exportState, name).toBe('error')
    }
    expect(ledger().shipments.length, name).toBeLessThanOrEqual(parcelsOf(order))

    if (first.done !== 1) {
      const next = await (first.failed > 0 ? world.retry(first) : world.exportAll())
      expect(next, `${name}: ${JSON.stringify(world.itemsOf(next))}`).toMatchObject({ done: 1, failed: 0 })
    }
    expectWhole(world, name, order)
    expect(world.orders.find(order.id)?.exportState, name).toBe('confirmed')
    round.parcels += ledger().shipments.length
    round.mails += ledger().mails.length
  }
}

type Struck = { id: number; csCartId: number; number: string; of: Need | undefined }

const parcelsOf = ({ of }: Struck): number => (of === 'two parcels' ? 2 : 1)

/** A due order of the n-th round, with what it needs of the export. */
async function orderIn(world: World, of: Need | undefined, n: number): Promise<Struck> {
  const number = `4${String(10_000_000_000 + n)}`
  const draft = of === 'two parcels' ? TWO_GROUPS : { lines: [A(2), B(1)] }
  world.pretend.configure({ newShipmentStatus: of === 'its shipment set to S' ? 'A' : null })
  if (of !== 'a correction') return { ...(await world.dueOrder(draft, { trackingNumber: number })), number, of }
  const order = await world.dueOrder(draft, { trackingNumber: `9${number.slice(1)}` })
  expect(await world.exportAll()).toMatchObject({ done: 1, failed: 0 })
  world.edit(order.id, { trackingNumber: number })
  return { ...order, number, of }
}

/** The shop has each parcel once, whole and as wanted, the order its status, and the customer was told once. */
function expectWhole(world: World, name: string, order: Struck): void {
  const ledger = world.pretend.ledger.order(order.csCartId)
  const lines = world.pretend.order(order.csCartId)?.lines ?? []
  const parcels = parcelsOf(order) === 2 ? lines.map((line) => [line]) : [lines]
  expect(ledger.shipments, name).toEqual(
    parcels.map((inside) => ({
      id: expect.any(Number),
      number: order.number,
      carrier: 'yamato',
      status: 'S',
      products: Object.fromEntries(inside.map((line) => [line.itemId, line.amount])),
    })),
  )
  expect(ledger.status, name).toBe('C')
  expect(ledger.recalculated, name).toEqual([])
  // Asked to tell the customer, and told once; some versions tell of each parcel, whatever one asks.
  expect(ledger.mails.length, name).toBe(tellsOfEachParcel(world.pretend.profile) ? parcels.length : 1)
}

/**
 * The shop ends its work only after we gave up waiting: at each write, and with the next run at once. What was asked for once must
 * not be asked for again while it may still come.
 */
export async function exportOfLateWork(profile: Profile): Promise<number> {
  const writes: readonly { on: RouteName; of?: Need }[] = [
    { on: 'shipments.post' },
    { on: 'orders.put' },
    ...(canCorrect(profile) ? [{ on: 'shipments.put', of: 'a correction' } as const] : []),
  ]
  await Promise.all(
    writes.map(async ({ on, of }) => {
      const world = await exportWorld({
        profile,
        settings: { notifyCustomer: true, requestsAtOnce: 1 },
        waits: { settle: 15_000 },
      })
      const hasty = exportServices(world.db, { timeouts: HASTY })
      try {
        const name = `${profile} ${on} slow`
        const order = await orderIn(world, of, 0)
        const { id: planId } = await world.plan()
        const before = world.pretend.ledger.of(on).length
        world.pretend.faults.add({ kind: 'slow', on, ms: 4_000 })
        const patient = world.exports.clientFor
        world.exports.clientFor = hasty.clientFor
        const first = await world.execute(planId)
        world.exports.clientFor = patient
        expect(world.itemsOf(first), name).toMatchObject([{ outcome: 'failed', reason: 'answer_lost' }])
        const asked = () => world.pretend.ledger.of(on).slice(before)
        const waited: number[] = []
        // However long it really takes: as long as the next run waits, the shop ends its work.
        world.exports.sleep = async (ms) => {
          if (ms > 0) waited.push(ms)
          while (ms > 0 && asked()[0]?.status === 0) await new Promise((resolve) => setTimeout(resolve, 10))
        }
        const next = await world.retry(first)
        expect(next, `${name}: ${JSON.stringify(world.itemsOf(next))}`).toMatchObject({ done: 1, failed: 0 })
        expect(waited, name).toEqual([15_000])
        expect(asked(), `${name}: asked once`).toHaveLength(1)
        expectWhole(world, name, order)
      } finally {
        await hasty.closeClients()
        await world.close()
      }
    }),
  )
  return writes.length
}
