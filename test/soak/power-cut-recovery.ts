/**
 * What a power cut in an export means for the shop: the database goes back to some moment of the export, the shop does not. The next
 * start must find what the shop has already and write nothing a second time.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../../src/demo/shop/generate/random.ts'
import { type PretendShop, type Profile, startPretendShop } from '../../src/demo/shop/index.ts'
import { createServices, type Services } from '../../src/services.ts'
import { testConfig } from '../support/app.ts'
import { connectShop, databaseFile, newDataDir, removeDataDir } from './data-dir.ts'
import { databaseFaults } from './judge.ts'
import { SECRET_KEY } from './processes.ts'
import { type StaffBook, staffFaults, typeSomething } from './staff.ts'

export type RecoveryResult = {
  cuts: number
  /** Cuts after which a run was found cut off. */
  interrupted: number
  /** What must not be, in words; none is right. */
  faults: string[]
}

const ORDERS = 12
const log = { info() {}, warn() {}, error: (fields: object, message: string) => console.error(message, fields) }

const open = (dataDir: string): Services =>
  createServices(testConfig(dataDir, { secretKey: SECRET_KEY }), log, {
    client: { sleep: async () => {}, attempts: 2 },
    waits: { afterLostAnswer: 0, settle: 0, lookAgain: 3_000, finish: 1_000 },
  })

async function settled({ runs }: Services): Promise<void> {
  while (runs.allRunning().length > 0) await new Promise((resolve) => setTimeout(resolve, 2))
}

async function shut(services: Services): Promise<void> {
  await services.stopWork()
  services.close()
}

/** One export to its end with all of it in the WAL, which is then cut off at `cuts` places, from its beginning to its end. */
export async function recoverFromCuts(profile: Profile, cuts: number): Promise<RecoveryResult> {
  const shop = await startPretendShop({ profile })
  const staff: StaffBook = new Map()
  const folder = newDataDir()
  const faults: string[] = []
  let interrupted = 0
  try {
    const { db, wal } = await exportToTheEnd(shop, join(folder, 'whole'), staff)
    const before = shipmentsOf(shop)
    for (let cut = 0; cut < cuts; cut += 1) {
      const dataDir = join(folder, `cut-${cut}`)
      mkdirSync(dataDir)
      const length = Math.floor((wal.length * cut) / cuts)
      writeFileSync(databaseFile(dataDir), db)
      writeFileSync(`${databaseFile(dataDir)}-wal`, wal.subarray(0, length))
      const services = open(dataDir)
      const [stored] = services.shops.list()
      if (!stored) throw new Error('the shop is gone')
      if (services.runs.newest(stored.id, 'export', 1)[0]?.state === 'interrupted') interrupted += 1
      services.automation.start()
      await settled(services)
      const started = services.exporting.start(stored, 'manual')
      if (started.started) await started.done
      const say = (wrong: boolean, what: string): void => {
        if (wrong) faults.push(`${profile}, WAL cut at ${length} of ${wal.length}: ${what}`)
      }
      for (const fault of [...databaseFaults(services.db, true), ...staffFaults(services.db, staff)]) say(true, fault)
      say(shipmentsOf(shop) !== before, `the shop had ${before}, and now has ${shipmentsOf(shop)}`)
      const unconfirmed = services.db.$client
        .prepare("select count(*) from orders where export_state <> 'confirmed'")
        .pluck()
        .get()
      say(unconfirmed !== 0, `${unconfirmed} orders are not confirmed`)
      await shut(services)
      removeDataDir(dataDir)
    }
    return { cuts, interrupted, faults }
  } finally {
    await shop.close()
    removeDataDir(folder)
  }
}

async function exportToTheEnd(
  shop: PretendShop,
  dataDir: string,
  staff: StaffBook,
): Promise<{ db: Buffer; wal: Buffer }> {
  mkdirSync(dataDir)
  const services = open(dataDir)
  const { db, shops, importing, exporting } = services
  const shopId = connectShop(db, shop, { autoImport: false, autoExport: false })
  const stored = shops.find(shopId)
  if (!stored) throw new Error('the shop is gone')
  for (let order = 0; order < ORDERS; order += 1) shop.addOrder({ status: 'P' })
  const imported = importing.start(stored, { mode: 'days' }, { trigger: 'manual' })
  if (imported.started) await imported.done
  for (let turn = 0; turn < 100 && staff.size < ORDERS; turn += 1) {
    typeSomething(db, random(turn), staff, { mayCorrect: false, isOver: () => false })
  }
  db.$client.pragma('wal_checkpoint(TRUNCATE)')
  db.$client.pragma('wal_autocheckpoint = 0')
  const file = databaseFile(dataDir)
  const before = readFileSync(file)
  const exported = exporting.start(stored, 'manual')
  if (exported.started) await exported.done
  const wal = readFileSync(`${file}-wal`)
  await shut(services)
  return { db: before, wal }
}

/** Everything about the shop that an export could do twice: shipments, statuses, mails. */
function shipmentsOf(shop: PretendShop): string {
  const orders = Object.values(shop.ledger.snapshot().orders)
  const sum = (of: (order: (typeof orders)[number]) => number): number =>
    orders.reduce((total, order) => total + of(order), 0)
  const shipped = orders.filter((order) => order.status === 'C').length
  return `${sum((order) => order.shipments.length)} shipments, ${shipped} orders in C, ${sum((order) => order.mails.length)} mails, ${sum((order) => order.recalculated.length)} recalculated`
}
