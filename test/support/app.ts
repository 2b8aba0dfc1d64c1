import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { hashPassword } from '../../src/accounts/password.ts'
import { type AppOptions, buildApp } from '../../src/app.ts'
import type { Config } from '../../src/config.ts'
import { shops } from '../../src/db/schema.ts'
import { sealer } from '../../src/db/seal.ts'
import { person } from './person.ts'

export const MERCHANT = { email: 'merchant@example.jp', password: 'merchant-password' }
export const STAFF = { email: 'staff@example.jp', password: 'staff-password-1' }

/** 2026/11/24 09:31:50 in Tokyo. */
export const START = Date.parse('2026-11-24T00:31:50Z')

export type Clock = { now: () => Date; advance: (ms: number) => void; set: (at: number | string) => void }

/** A clock that stands still until it is moved. */
export function frozenClock(start = START): Clock {
  let at = start
  return {
    now: () => new Date(at),
    advance(ms) {
      at += ms
    },
    set(to) {
      at = typeof to === 'number' ? to : Date.parse(to)
    },
  }
}

/** Hashing takes a while: once a process is enough. */
const hashes = new Map<string, Promise<string>>()
const hashOf = (password: string) => {
  const hash = hashes.get(password) ?? hashPassword(password)
  hashes.set(password, hash)
  return hash
}

export type TestAppOptions = {
  config?: Partial<Config>
  clock?: Clock
  /** false: as on the very first start, without any account. */
  accounts?: boolean
  /** Keeps using a folder that an earlier app left; it is not removed at the end. */
  dataDir?: string
  /** Adds routes of the test's own. */
  routes?: (app: FastifyInstance) => void
} & Pick<AppOptions, 'logger' | 'client'>

export type TestApp = Awaited<ReturnType<typeof testApp>>

export const testConfig = (dataDir: string, config: Partial<Config> = {}): Config => ({
  host: '127.0.0.1',
  port: 0,
  dataDir,
  adminEmail: undefined,
  adminPassword: undefined,
  secretKey: 'a secret key for tests only',
  timeZone: 'Asia/Tokyo',
  publicUrl: undefined,
  trustProxy: false,
  logLevel: 'silent',
  // The pretend shops are on loopback.
  allowPrivateStores: true,
  ...config,
})

/** The real app on a folder of its own, with a 管理者 (`merchant`), a 担当者 (`staff`) and somebody without a login. */
export async function testApp(options: TestAppOptions = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tsunagi-app-'))
  const clock = options.clock ?? frozenClock()
  const config = testConfig(dataDir, options.config)
  const app: FastifyInstance = await buildApp(config, {
    now: clock.now,
    monotonic: () => clock.now().getTime(),
    logger: options.logger ?? false,
    ...(options.client && { client: options.client }),
  })
  options.routes?.(app)
  await app.ready()
  const { accounts, db } = app.tsunagi
  if (options.accounts !== false && !accounts.any()) {
    const at = clock.now().getTime()
    accounts.create({ email: MERCHANT.email, role: 'admin', passwordHash: await hashOf(MERCHANT.password) }, at)
    accounts.create({ email: STAFF.email, role: 'staff', passwordHash: await hashOf(STAFF.password) }, at)
  }

  return {
    app,
    services: app.tsunagi,
    db,
    config,
    dataDir,
    clock,
    merchant: person(app, MERCHANT),
    staff: person(app, STAFF),
    anonymous: person(app),

    /**
     * Stores a shop that points to a pretend one.
     * @returns its id
     */
    connectShop(
      shop: { url: string; email: string; apiKey: string },
      values: Partial<typeof shops.$inferInsert> = {},
    ): number {
      const at = clock.now().getTime()
      const row = db
        .insert(shops)
        .values({
          name: 'うつわ工房',
          baseUrl: `${shop.url.replace(/\/+$/, '')}/`,
          apiEmail: shop.email,
          apiKeySealed: sealer(config.secretKey).seal(shop.apiKey),
          landingStatusId: 1,
          fetchStatuses: ['O', 'P'],
          fetchDays: 7,
          kanaFields: { contact: ['36', '37'], billing: ['38', '40'], shipping: ['39', '41'] },
          carrierCodes: { yamato: 'yamato', sagawa: 'sagawa', jpost: 'jpost' },
          capabilities: {},
          knownStatuses: [],
          // Not new: the clock leaves a new shop alone for a while.
          createdAt: at - 86_400_000,
          settingsSavedAt: at,
          ...values,
        })
        .returning({ id: shops.id })
        .get()
      return row.id
    },

    async close(): Promise<void> {
      await app.close()
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
