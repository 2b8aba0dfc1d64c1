import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../src/db/open.ts'
import { type PretendShop, type Profile, startPretendShop } from '../../src/demo/shop/index.ts'
import { exportServices, NOW, startUp } from '../export/services.ts'
import { A, B, connectShop, TWO_GROUPS, takeIn } from '../export/world.ts'

/** Halves the start of each child. */
const CACHE = join(tmpdir(), 'tsunagi-compile-cache')
const CHILD = new URL('./export-crash-child.ts', import.meta.url).pathname

export type CrashPoints = {
  /** How many exports were killed, each at another step. */
  killed: number
  /** What the ledger says that must not be, in words; none is right. */
  faults: string[]
}

type Round = { k: number; secondKill?: number | undefined }

/**
 * The crash points of one export of several parcels: killed after step 1, 2, 3 … until an export ends by itself, recovered each
 * time, and judged by the shop's ledger.
 * @param options `every` n-th step only; `secondKills` kills the recovery too, at a step that moves along
 */
export async function exportCrashPoints(
  profile: Profile,
  options: { every?: number; secondKills?: boolean } = {},
): Promise<CrashPoints> {
  const { every = 1, secondKills = false } = options
  const shop = await startPretendShop({ profile, now: () => NOW })
  const folder = mkdtempSync(join(tmpdir(), 'tsunagi-crash-'))
  const points: CrashPoints = { killed: 0, faults: [] }
  try {
    const template = connected(shop, folder)
    for (let k = 1, over = false; !over; k += AT_ONCE * every) {
      const steps = Array.from({ length: AT_ONCE }, (_, index) => k + index * every)
      const rounds = steps.map((at) =>
        crash(shop, template, { k: at, secondKill: secondKills ? 1 + (at % 17) : undefined }),
      )
      for (const [index, round] of (await Promise.all(rounds)).entries()) {
        points.faults.push(...round.faults.map((fault) => `${profile}, killed at step ${steps[index]}: ${fault}`))
        if (round.killed) points.killed += 1
        else over = true
      }
      if (k > 500) throw new Error('the export never ended')
    }
  } finally {
    await shop.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return points
}

const AT_ONCE = 2

/** A migrated database with the shop in it, to be copied for each crash. */
function connected(shop: PretendShop, folder: string): string {
  const file = join(folder, 'template.db')
  const db = openDatabase(file)
  connectShop(db, shop, { notifyCustomer: true, requestsAtOnce: 1 })
  db.$client.close()
  return file
}

async function crash(
  shop: PretendShop,
  template: string,
  { k, secondKill }: Round,
): Promise<{ killed: boolean; faults: string[] }> {
  const file = template.replace('template', `killed-at-${k}`)
  copyFileSync(template, file)
  const orders = await prepare(shop, file, k)
  const killed = await child(file, String(k))
  if (secondKill !== undefined) await child(file, String(secondKill), 'recover')
  await recover(file)
  return { killed, faults: judge(shop, file, orders) }
}

type DueOrder = { id: number; csCartId: number; number: string; parcels: number }

/** Three orders: two lines, two shipping groups, and one that somebody shipped by hand already under our number. */
async function prepare(shop: PretendShop, file: string, k: number): Promise<DueOrder[]> {
  const db = openDatabase(file)
  try {
    const services = exportServices(db)
    const [stored] = services.shops.list()
    if (!stored) throw new Error('no shop')
    const oneGroup = { status: 'P', shippingShape: 'list', groups: [{ shippingId: 12, groupKey: 0 }] } as const
    const drafts = [
      { ...oneGroup, lines: [A(2), B(1)], parcels: 1 },
      { status: 'P', shippingShape: 'list' as const, ...TWO_GROUPS, parcels: 2 },
      { ...oneGroup, lines: [A(1)], parcels: 1 },
    ]
    const due: DueOrder[] = []
    for (const [index, { parcels, ...draft }] of drafts.entries()) {
      const { id: csCartId } = shop.addOrder({ ...draft, groups: [...draft.groups] })
      const number = `40${String(1_000_000_000 + k * 10 + index)}`
      due.push({ id: await takeIn(services, stored, csCartId, { trackingNumber: number }), csCartId, number, parcels })
      if (index === 2) shop.addShipment({ orderId: csCartId, trackingNumber: number, carrier: 'yamato', status: 'S' })
    }
    await services.closeClients()
    return due
  } finally {
    db.$client.close()
  }
}

/** true when it was killed. */
function child(file: string, ...args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const spawned = spawn(process.execPath, ['--no-warnings', CHILD, file, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_COMPILE_CACHE: CACHE },
    })
    let said = ''
    spawned.stderr.on('data', (data) => {
      said += String(data)
    })
    spawned.once('error', reject)
    spawned.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true)
      else if (code === 0) resolve(false)
      else reject(new Error(`the export's process ended with ${code ?? signal}: ${said}`))
    })
  })
}

/** What the next start does. */
async function recover(file: string): Promise<void> {
  const db = openDatabase(file)
  const services = exportServices(db)
  try {
    await startUp(services)
  } finally {
    await services.closeClients()
    db.$client.close()
  }
}

function judge(shop: PretendShop, file: string, orders: DueOrder[]): string[] {
  const db = openDatabase(file)
  const faults: string[] = []
  try {
    const services = exportServices(db)
    for (const { id, csCartId, number, parcels } of orders) {
      const { shipments, status, mails, recalculated } = shop.ledger.order(csCartId)
      const lines = shop.order(csCartId)?.lines ?? []
      const shipped = (itemId: string) => shipments.reduce((sum, shipment) => sum + (shipment.products[itemId] ?? 0), 0)
      const stored = services.orders.find(id)
      const say = (wrong: boolean, what: string) => {
        if (wrong) faults.push(`order ${csCartId}: ${what}`)
      }
      say(shipments.length > parcels, `${shipments.length} shipments for ${parcels} parcels`)
      say(shipments.length < parcels, 'a parcel was never sent')
      say(
        shipments.some(
          (shipment) => shipment.number !== number || shipment.status !== 'S' || shipment.carrier !== 'yamato',
        ),
        'a shipment is not as it was to be',
      )
      say(
        lines.some((line) => shipped(line.itemId) !== line.amount),
        'lines are missing',
      )
      say(status !== 'C', `the status is ${status}`)
      say(recalculated.length > 0, 'it was recalculated')
      say(stored?.exportState !== 'confirmed', `it is ${stored?.exportState} (${stored?.exportReason}) here`)
      const mailsAtMost = shop.profile === 'jp413' || shop.profile === 'v416' ? parcels : 1
      say(mails.length > mailsAtMost, `${mails.length} mails`)
    }
    for (const run of db.$client.prepare('select id, state, done, failed from runs').all()) {
      if (Reflect.get(Object(run), 'state') === 'running') faults.push('a run is left running')
    }
    const counts = db.$client
      .prepare(
        `select count(*) from runs where done + failed + skipped <>
           (select coalesce(sum(count), 0) from run_items where run_id = runs.id)`,
      )
      .pluck()
      .get()
    if (counts !== 0) faults.push('a run counts other than its items')
  } finally {
    db.$client.close()
  }
  return faults
}
