import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { remembering } from '../../src/db/remember.ts'

/** A database with a reader of status names that counts how often it really read. */
function setUp() {
  const file = join(mkdtempSync(join(tmpdir(), 'tsunagi-remember-')), 'tsunagi.db')
  const db = openDatabase(file)
  onTestFinished(() => void db.$client.close())
  const select = db.$client.prepare<[number], string>('select name from order_statuses where id = ?').pluck()
  let reads = 0
  const name = remembering(db)((id: number) => {
    reads += 1
    return select.get(id)
  })
  const rename = (to: string, client = db.$client) =>
    client.prepare('update order_statuses set name = ? where id = 1').run(to)
  return { file, db, name, rename, reads: () => reads }
}

test('what was read is kept until something is written, for each argument', () => {
  const { name, rename, reads } = setUp()
  const first = name(1)
  expect([name(1), name(1), name(2) === first, name(2) === first]).toEqual([first, first, false, false])
  expect(name(99)).toBeUndefined()
  expect(name(99)).toBeUndefined()
  expect(reads()).toBe(3)
  rename('新しい名前')
  expect(name(1)).toBe('新しい名前')
  expect(reads()).toBe(4)
})

test('another connection writes, and it is read anew', () => {
  const { file, name, rename } = setUp()
  expect(name(1)).not.toBe('よその名前')
  const other = new Database(file)
  rename('よその名前', other)
  other.close()
  expect(name(1)).toBe('よその名前')
})

test('nothing is kept of a transaction that was undone', () => {
  const { db, name, rename } = setUp()
  const before = name(1)
  const undone = db.$client.transaction(() => {
    rename('取り消す名前')
    expect(name(1)).toBe('取り消す名前')
    throw new Error('undo')
  })
  expect(undone).toThrow('undo')
  expect(name(1)).toBe(before)
})
