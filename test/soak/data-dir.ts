/** The program's folder while no process runs on it: what a harness does to the database, with the program's own repositories. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractRepository } from '../../src/contract/repository.ts'
import { type Db, openDatabase } from '../../src/db/open.ts'
import { shops } from '../../src/db/schema.ts'
import { sealer } from '../../src/db/seal.ts'
import { SECRET_KEY } from './processes.ts'

export type ShopAddress = { url: string; email: string; apiKey: string }
export type ShopValues = Partial<typeof shops.$inferInsert>

export const databaseFile = (dataDir: string): string => join(dataDir, 'tsunagi.db')

export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'tsunagi-soak-'))
}

export const removeDataDir = (dataDir: string): void => rmSync(dataDir, { recursive: true, force: true })

/** Opens the database for one piece of work. Closing it takes everything out of the WAL. */
export function withDatabase<T>(dataDir: string, work: (db: Db) => T): T {
  const db = openDatabase(databaseFile(dataDir))
  try {
    return work(db)
  } finally {
    db.$client.close()
  }
}

/** Stores a shop that points to a pretend one; both jobs are on, and mails to the customer too. @returns its id */
export function connectShop(db: Db, shop: ShopAddress, values: ShopValues = {}): number {
  const at = Date.now()
  const row = db
    .insert(shops)
    .values({
      name: 'うつわ工房',
      baseUrl: `${shop.url.replace(/\/+$/, '')}/`,
      apiEmail: shop.email,
      apiKeySealed: sealer(SECRET_KEY).seal(shop.apiKey),
      landingStatusId: 1,
      fetchStatuses: ['O', 'P'],
      fetchDays: 7,
      autoImport: true,
      autoExport: true,
      autoImportMinutes: 5,
      autoExportMinutes: 5,
      notifyCustomer: true,
      kanaFields: { contact: ['36', '37'], billing: ['38', '40'], shipping: ['39', '41'] },
      carrierCodes: {},
      capabilities: {},
      knownStatuses: [],
      createdAt: at - 86_400_000,
      settingsSavedAt: at,
      ...values,
    })
    .returning({ id: shops.id })
    .get()
  return row.id
}

/** The APIオプション is in force for good. */
export function recordContract(db: Db): void {
  contractRepository(db).record(
    { startsOn: '2020-01-01', endsOn: null, contractNumber: 'A-1', note: '' },
    null,
    Date.now(),
  )
}

/** As if everything so far had happened `ms` earlier: both jobs are due again, no pause is left, and settings were just saved. */
export function setTimesBack(db: Db, ms: number): void {
  const sql = db.$client
  sql
    .transaction(() => {
      sql
        .prepare(
          `update runs set started_at = started_at - @ms, finished_at = finished_at - @ms, last_repeat_at = last_repeat_at - @ms`,
        )
        .run({ ms })
      sql.prepare('update export_plans set created_at = created_at - @ms').run({ ms })
      sql
        .prepare('update import_states set full_check_at = full_check_at - @ms, late_scan_at = late_scan_at - @ms')
        .run({ ms })
      sql.prepare('update shops set settings_saved_at = settings_saved_at + 1').run()
    })
    .immediate()
}
