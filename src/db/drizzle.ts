/**
 * Drizzle, from its CommonJS build: all others import it from here.
 *
 * Node asks a package's `package.json` for the type of each of its `.js` files, and Drizzle's names every file (180 kB): as ES
 * modules its hundred files cost half of the program's start and 100 MB of garbage. The `.cjs` files are never asked about.
 */
import Module, { createRequire } from 'node:module'

export type { SQL } from 'drizzle-orm'
export type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
export type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core'

const load = createRequire(import.meta.url)
leaveOut('drizzle-orm/pg-core/columns/all')
const orm: typeof import('drizzle-orm') = load('drizzle-orm')
const core: typeof import('drizzle-orm/sqlite-core') = load('drizzle-orm/sqlite-core')
const driver: typeof import('drizzle-orm/better-sqlite3') = load('drizzle-orm/better-sqlite3')
const migrator: typeof import('drizzle-orm/better-sqlite3/migrator') = load('drizzle-orm/better-sqlite3/migrator')

export const { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, or, sql } = orm
export const { alias, blob, check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } = core
export const { drizzle } = driver
export const { migrate } = migrator

/**
 * Puts an empty module where a file of Drizzle would be read. SQLite's queries ask for the primary keys of PostgreSQL, and these
 * for all forty column types of PostgreSQL, which nothing here ever makes: 6 % of each start.
 */
function leaveOut(name: string): void {
  const path = load.resolve(name)
  load.cache[path] = Object.assign(new Module(path), { filename: path, loaded: true })
}
