import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AppError } from '../errors.ts'
import { type BetterSQLite3Database, drizzle, migrate } from './drizzle.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')

/**
 * How long a write waits for another program's lock, ms. The whole process waits with it, pages that only read too, and the lock
 * of DATA_DIR sees to it that no second Tsunagi is among the others.
 */
const BUSY_MS = 500

/** The database: Drizzle's builder, and as `$client` the better-sqlite3 connection for hot, prepared statements. */
export type Db = BetterSQLite3Database & { $client: Database.Database }

/**
 * Opens the one SQLite file, brings its schema up to date and checks that what was acknowledged is on disk.
 * @param file path of the file, or `:memory:`
 * @throws AppError('unavailable') in words when the file was written by a newer version, or when durability cannot be had
 */
export function openDatabase(file: string): Db {
  const client = new Database(file, { timeout: BUSY_MS })
  try {
    client.pragma('journal_mode = WAL')
    // better-sqlite3 is built with NORMAL for WAL, which may lose committed orders at a power cut.
    client.pragma('synchronous = FULL')
    client.pragma('foreign_keys = ON')
    // SQLite's own 2 MB: the system keeps the file's pages in memory too, and better-sqlite3's 16 MB would be the second copy.
    client.pragma('cache_size = -2000')
    client.pragma(`busy_timeout = ${BUSY_MS}`)
    // Keeps the WAL file from staying large after a big import.
    client.pragma('journal_size_limit = 16777216')
    if (client.pragma('synchronous', { simple: true }) !== 2) {
      throw new AppError('unavailable', 'データベースを安全な書き込み方式（synchronous=FULL）で開けませんでした。')
    }
    tellFailedCommits(client)
    refuseNewerSchema(client)
    const db = drizzle(client)
    migrate(db, { migrationsFolder: MIGRATIONS })
    return db
  } catch (error) {
    client.close()
    throw error
  }
}

/**
 * `insert … returning` read by `get` is left after its first row, and better-sqlite3 does not look whether it could then be
 * committed: on a full disk it hands out the id of a row that was never stored. `all` goes to the end and throws.
 */
function tellFailedCommits(client: Database.Database): void {
  const prepare = client.prepare.bind(client)
  Object.assign(client, {
    prepare(source: string) {
      const statement = prepare(source)
      if (statement.reader && !statement.readonly) {
        Object.assign(statement, { get: (...values: unknown[]): unknown => statement.all(...values)[0] })
      }
      return statement
    },
  })
}

/** A database that a newer version has migrated must not be touched by an older one. */
function refuseNewerSchema(client: Database.Database): void {
  const table = client
    .prepare("select 1 from sqlite_master where type = 'table' and name = '__drizzle_migrations'")
    .get()
  if (!table) return
  const applied = client.prepare('select max(created_at) from __drizzle_migrations').pluck().get()
  const journal: unknown = JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8'))
  const newest = Math.max(...entriesOf(journal).map((entry) => entry.when))
  if (typeof applied === 'number' && applied > newest) {
    throw new AppError(
      'unavailable',
      'このデータは新しい版の Tsunagi で開かれています。プログラムを新しい版に戻すか、古い版のバックアップから復元してください。',
    )
  }
}

function entriesOf(journal: unknown): { when: number }[] {
  if (typeof journal !== 'object' || journal === null || !('entries' in journal) || !Array.isArray(journal.entries))
    return []
  return journal.entries.filter((entry): entry is { when: number } => typeof entry?.when === 'number')
}
