/** A disk that is full, read-only, or locked by another program: the real process lives, reads, says why it cannot write, and goes on. */
import { existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'
import { connectShop, databaseFile, newDataDir, removeDataDir, withDatabase } from '../soak/data-dir.ts'
import { setWritable, smallDisk, whyNoMount, whyNoReadOnly } from '../soak/disk.ts'
import { ADMIN, type Server, startServer } from '../soak/processes.ts'
import { type Visitor, visitor } from '../soak/visitor.ts'

const PATIENCE_MS = 120_000
/** How a page says that nothing can be saved. */
const NO_ROOM = /空き|書き込め|保存でき/

let disk: ReturnType<typeof smallDisk>
let dataDir: string
let shop: PretendShop
let server: Server | undefined
let person: Visitor | undefined

const noMount = whyNoMount()
const noReadOnly = whyNoReadOnly()
for (const why of [noMount, noReadOnly]) if (why) console.warn(why)

async function begin(): Promise<void> {
  shop = await startPretendShop({ profile: 'jp413' })
  withDatabase(dataDir, (db) => connectShop(db, shop, { autoImport: false, autoExport: false }))
  server = startServer({ dataDir, admin: true, impatient: true })
  person = visitor((await server.ready).url)
  expect((await person.login(ADMIN)).status).toBe(303)
}

async function end(): Promise<void> {
  person?.leave()
  await server?.stop()
  await shop.close()
}

const open = (): Visitor => {
  if (!person) throw new Error('nobody is logged in')
  return person
}

const readiness = async () => (await open().get('/readyz')).status

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`it never came true: ${what}\n${server?.said()}`)
}

async function pagesAreRead(): Promise<void> {
  for (const path of ['/', '/orders', '/import', '/export', '/runs', '/contract']) {
    expect([path, (await open().get(path)).status]).toEqual([path, 200])
  }
}

const latestRun = async () => (await open().get('/runs')).text

/** The import button of the one shop. @returns the answer, and what the next page says */
async function importNow() {
  await open().get('/import')
  return open().post('/import/1')
}

describe.runIf(noMount === undefined)('on a disk of eight megabytes', () => {
  beforeEach(async () => {
    disk = smallDisk(8)
    dataDir = disk.folder
    await begin()
  }, PATIENCE_MS)
  afterEach(async () => {
    await end()
    disk.close()
  }, PATIENCE_MS)

  test(
    'a full disk: pages are read, what cannot be saved is said, and with room the next run succeeds without a restart',
    async () => {
      for (let n = 0; n < 3; n += 1) shop.addOrder({ status: 'P' })
      await importNow()
      await until('the first import', async () => /新規 3/.test(await latestRun()))

      disk.fill()
      await until('readyz says 503', async () => (await readiness()) === 503)
      await pagesAreRead()
      shop.addOrders(400, { from: new Date(Date.now() - 86_400_000), statuses: ['P'] })
      // Whatever room the WAL still had is soon used up, and then the page says so.
      await until('the page says why', async () => {
        const answer = await importNow()
        return NO_ROOM.test(`${answer.text} ${answer.flash} ${await latestRun()}`)
      })
      const stranger = visitor((await server?.ready)?.url ?? '')
      const login = await stranger.login(ADMIN)
      stranger.leave()
      expect(login.status).toBe(503)
      expect(login.text).toMatch(NO_ROOM)
      expect(server?.isAlive()).toBe(true)

      disk.makeRoom()
      await until('readyz says 200', async () => (await readiness()) === 200)
      await importNow()
      await until('an import that took something in', async () => /新規 [1-9]\d*・/.test(await latestRun()))
    },
    PATIENCE_MS,
  )

  test(
    'a disk that fills up while an import works ends the run with the reason, and nothing is half stored',
    async () => {
      shop.addOrders(2_000, { from: new Date(Date.now() - 86_400_000), statuses: ['P'] })
      await importNow()
      // 2,000 orders with their answers are more than the eight megabytes hold.
      await until('the run ended', async () => /空きが足りない|書き込めません|一部失敗/.test(await latestRun()))
      expect(server?.isAlive()).toBe(true)
      await pagesAreRead()
      const db = new Database(databaseFile(dataDir), { readonly: true })
      const half = db
        .prepare('select count(*) from orders where id not in (select order_id from order_lines)')
        .pluck()
        .get()
      expect(half).toBe(0)
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
      db.close()
    },
    PATIENCE_MS,
  )
})

describe('on a disk with room', () => {
  beforeEach(async () => {
    dataDir = newDataDir()
    await begin()
  }, PATIENCE_MS)
  afterEach(async () => {
    if (noReadOnly === undefined) setWritable(dataDir, true)
    await end()
    removeDataDir(dataDir)
  }, PATIENCE_MS)

  test.runIf(noReadOnly === undefined)(
    'a read-only disk: pages are read, /readyz says 503, and once it can be written again all goes on',
    async () => {
      shop.addOrder({ status: 'P' })
      setWritable(dataDir, false)
      await until('readyz says 503', async () => (await readiness()) === 503)
      await pagesAreRead()
      await until('the page says why', async () => {
        const answer = await importNow()
        return NO_ROOM.test(`${answer.text} ${answer.flash} ${await latestRun()}`)
      })
      expect(server?.isAlive()).toBe(true)

      setWritable(dataDir, true)
      await until('readyz says 200', async () => (await readiness()) === 200)
      await importNow()
      await until('the import', async () => /新規 1/.test(await latestRun()))
    },
    PATIENCE_MS,
  )

  test(
    'a database that another program has locked is waited for and then said, and afterwards all goes on',
    async () => {
      shop.addOrder({ status: 'P' })
      const other = new Database(databaseFile(dataDir))
      other.exec('begin immediate')
      expect(await readiness()).toBe(503)
      await pagesAreRead()
      const refused = await importNow()
      expect(`${refused.text} ${refused.flash}`).toMatch(/空き|書き込め|保存でき|使われて|混み合/)
      other.exec('rollback')
      other.close()
      await until('readyz says 200', async () => (await readiness()) === 200)
      await importNow()
      await until('the import', async () => /新規 1/.test(await latestRun()))
      expect(existsSync(databaseFile(dataDir)) && statSync(databaseFile(dataDir)).size > 0).toBe(true)
    },
    PATIENCE_MS,
  )
})
