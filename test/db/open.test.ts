import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { lockDataDir } from '../../src/db/lock.ts'
import { openDatabase } from '../../src/db/open.ts'
import { sealer } from '../../src/db/seal.ts'
import { AppError } from '../../src/errors.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tsunagi-db-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const file = () => join(dir, 'tsunagi.db')

test('a new database is migrated, durable and holds the built-in statuses', () => {
  const db = openDatabase(file())
  expect(db.$client.pragma('synchronous', { simple: true })).toBe(2)
  expect(db.$client.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(db.$client.pragma('foreign_keys', { simple: true })).toBe(1)
  expect(
    db.$client.prepare('select role, name from order_statuses where role is not null order by position').all(),
  ).toEqual([
    { role: 'new', name: '新規受付' },
    { role: 'processed', name: '処理済み' },
    { role: 'cancelled', name: 'キャンセル' },
  ])
  db.$client.close()
})

test('a database that cannot be had with synchronous=FULL is refused in words', () => {
  const pragma = Database.prototype.pragma
  const weak = vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (
    this: Database.Database,
    source: string,
    options?: Database.PragmaOptions,
  ) {
    return source === 'synchronous' ? 1 : pragma.call(this, source, options)
  })
  expect(() => openDatabase(file())).toThrow(/synchronous=FULL/)
  weak.mockRestore()
  openDatabase(file()).$client.close()
})

test('opening it again applies nothing twice', () => {
  openDatabase(file()).$client.close()
  const db = openDatabase(file())
  expect(db.$client.prepare('select count(*) from order_statuses').pluck().get()).toBe(6)
  db.$client.close()
})

test('a database of a newer version is refused in words and left as it is', () => {
  const db = openDatabase(file())
  db.$client
    .prepare("insert into __drizzle_migrations (hash, created_at) values ('from the future', 9999999999999)")
    .run()
  db.$client.close()
  expect(() => openDatabase(file())).toThrow(/新しい版の Tsunagi/)
})

test('a run that is running has no end, and a second one of the same shop and kind cannot stand beside it', () => {
  const db = openDatabase(':memory:')
  const sql = db.$client
  sql.exec(`insert into shops (id, name, base_url, api_email, api_key_sealed, landing_status_id, fetch_statuses, fetch_days,
    kana_fields, carrier_codes, capabilities, known_statuses, created_at, settings_saved_at)
    values (1, 'a', 'https://a.example/', 'a@example.jp', 'x', 1, '[]', 7, '{}', '{}', '{}', '[]', 0, 0)`)
  const insert = sql.prepare(
    "insert into runs (shop_id, kind, trigger, state, request, started_at, finished_at) values (1, 'import', 'manual', ?, '{}', 0, ?)",
  )
  insert.run('running', null)
  expect(() => insert.run('running', null)).toThrow(/UNIQUE/)
  expect(() => insert.run('succeeded', null)).toThrow(/CHECK/)
  insert.run('succeeded', 1)
  sql.close()
})

test('the data folder takes one process at a time, and is free again afterwards', () => {
  const free = lockDataDir(dir)
  expect(() => lockDataDir(dir)).toThrow(AppError)
  expect(() => lockDataDir(dir)).toThrow(/別の Tsunagi/)
  free()
  lockDataDir(dir)()
})

test('a sealed key opens with its own secret only, and no two seals look alike', () => {
  const one = sealer('a secret of some length')
  const sealed = one.seal('KEY-キー')
  expect(one.open(sealed)).toBe('KEY-キー')
  expect(sealed).not.toContain('KEY')
  expect(one.seal('KEY-キー')).not.toBe(sealed)
  expect(() => sealer('another secret, also long').open(sealed)).toThrow(AppError)
  const [version, iv, tag = '', body = ''] = sealed.split('.')
  const changed = Buffer.from(body, 'base64url').map((byte, at) => (at === 0 ? byte ^ 1 : byte))
  const again = (parts: (string | undefined)[]) => () => one.open(parts.join('.'))
  expect(again([version, iv, tag, Buffer.from(changed).toString('base64url')])).toThrow(AppError)
  expect(again([version, iv, tag.slice(0, 6), body])).toThrow(AppError)
  expect(() => one.open('junk')).toThrow(/APIキーを入力し直して/)
})

test('a row that is read back while it is inserted was stored, or the insert throws', () => {
  const db = openDatabase(':memory:')
  // Refused when the statement is committed, as on a full disk.
  db.$client.exec(
    'create table notes (id integer primary key, status integer references order_statuses (id) deferrable initially deferred)',
  )
  const insert = db.$client.prepare<[number], { id: number }>('insert into notes (status) values (?) returning id')
  expect(() => insert.get(99)).toThrow(/FOREIGN KEY/)
  expect(insert.get(1)).toEqual({ id: 1 })
  expect(insert.pluck().get(2)).toBe(2)
  expect(db.$client.prepare('select count(*) from notes').pluck().get()).toBe(2)
  db.$client.close()
})
