import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../src/config.ts'
import type { ImportRequest } from '../../src/import/request.ts'
import { CARRIERS } from '../../src/orders/carriers.ts'
import type { Run } from '../../src/runs/run.ts'
import { createServices, type Services } from '../../src/services.ts'
import { NEW_SHOP, type Shop } from '../../src/shops/shop.ts'

export const SECRET_KEY = 'a secret key for benchmarks only'
export const ADMIN = { email: 'bench@example.jp', password: 'bench-password' }

export type ShopAddress = { url: string; email: string; apiKey: string }

/** A folder that is removed by `remove`; as a copy of `of` where that is given. */
export function tempDir(of?: string): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'tsunagi-bench-'))
  if (of) cpSync(of, dir, { recursive: true })
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

const config = (dataDir: string): Config => ({
  host: '127.0.0.1',
  port: 0,
  dataDir,
  adminEmail: undefined,
  adminPassword: undefined,
  secretKey: SECRET_KEY,
  timeZone: 'Asia/Tokyo',
  publicUrl: undefined,
  trustProxy: false,
  logLevel: 'silent',
  allowPrivateStores: true,
})

const SILENT = { info() {}, warn() {}, error: (fields: object, message: string) => console.error(message, fields) }

export type World = { services: Services; shop: () => Shop; close: () => void }

/** The program's services on a data folder, with one shop that points to a pretend one. */
export function openWorld(dataDir: string, address: ShopAddress, requestsAtOnce: number): World {
  const services = createServices(config(dataDir), SILENT)
  const { shops } = services
  const id = shops.list()[0]?.id ?? connect(services, address)
  services.db.$client.prepare('update shops set requests_at_once = ? where id = ?').run(requestsAtOnce, id)
  return {
    services,
    shop() {
      const shop = shops.find(id)
      if (!shop) throw new Error('the shop is gone')
      return shop
    },
    close: services.close,
  }
}

function connect({ shops }: Services, { url, email, apiKey }: ShopAddress): number {
  const settings = {
    ...NEW_SHOP,
    name: '計測ショップ',
    baseUrl: `${url}/`,
    apiEmail: email,
    apiKey,
    landingStatusId: 1,
    fetchStatuses: ['O', 'P'],
    fetchDays: 40,
    carrierCodes: Object.fromEntries(CARRIERS.map(({ id, code }) => [id, code])),
  }
  const { id } = shops.create(settings, new Date())
  shops.remember(id, { connectionState: 'ok', connectionCheckedAt: Date.now() })
  return id
}

/** One import as the banner button starts it, to its end; anything but complete success ends the benchmark. */
export async function importAll({ services, shop }: World, request: ImportRequest = { mode: 'days' }): Promise<Run> {
  const started = services.importing.start(shop(), request, { trigger: 'manual' })
  if (!started.started) throw new Error('an import is running already')
  const run = await started.done
  if (run.state !== 'succeeded') throw new Error(`the import ended as ${run.state}: ${run.reason} ${run.detail}`)
  return run
}

/** Fails the benchmark where the program did not do the whole work that was timed. */
export function must(what: string, got: unknown, wanted: unknown): void {
  if (got !== wanted) throw new Error(`${what}: ${got} instead of ${wanted}`)
}
