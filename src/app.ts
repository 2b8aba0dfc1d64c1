import { join } from 'node:path'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { type AccountRepository, accountRepository } from './accounts/repository.ts'
import { accountRoutes, doorRoutes } from './accounts/routes.ts'
import { sessionStore } from './accounts/session-store.ts'
import { newSetupCode } from './accounts/setup-code.ts'
import type { Config } from './config.ts'
import { type Db, openDatabase } from './db/open.ts'
import { loggerOptions } from './web/logging.ts'
import type { NavSection } from './web/nav.ts'
import { SESSION_MS } from './web/session.ts'
import { registerWeb } from './web/web.ts'

export type AppOptions = {
  /** The clock; tests hand in one that stands still. */
  now?: () => Date
  /** false: no log at all. */
  logger?: FastifyServerOptions['logger']
}

/** What is wired together, for the process, the command line and tests. */
export type Services = {
  config: Config
  db: Db
  now: () => Date
  accounts: AccountRepository
  /** Makes the first account at /setup; new at each start. */
  setupCode: string
}

declare module 'fastify' {
  interface FastifyInstance {
    tsunagi: Services
  }
}

/** The header's menu. An item appears here when its page works. */
const NAV: NavSection[] = [
  { label: 'ホーム', href: '/' },
  { label: '受注管理', items: [] },
  { label: '各種設定', items: [{ label: 'ユーザー管理', href: '/accounts', role: 'admin' }] },
]

/**
 * The whole program but its port: opens the database, wires repositories, web and features.
 * @throws AppError where the database cannot be used
 */
export async function buildApp(config: Config, options: AppOptions = {}): Promise<FastifyInstance> {
  const now = options.now ?? (() => new Date())
  const app = Fastify({
    logger: options.logger ?? loggerOptions(config.logLevel),
    trustProxy: config.trustProxy,
    // A sender that dribbles is cut off after five seconds; Node looks only every 30 s unless told otherwise.
    requestTimeout: 5_000,
    http: { connectionsCheckingInterval: 1_000, headersTimeout: 5_000 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
  })

  // the database
  const db = openDatabase(join(config.dataDir, 'tsunagi.db'))
  app.addHook('onClose', async () => {
    db.$client.close()
  })

  // repositories
  const accounts = accountRepository(db)
  const services: Services = { config, db, now, accounts, setupCode: newSetupCode() }
  app.decorate('tsunagi', services)

  // web
  await registerWeb(app, {
    door: { accountOf: accounts.find, hasAccounts: accounts.any },
    sessionStore: sessionStore(db, now, SESSION_MS),
    secretKey: config.secretKey,
    publicUrl: config.publicUrl,
    now,
    timeZone: config.timeZone,
    nav: NAV,
    lastImport: () => undefined,
  })

  // features, one line each
  app.register(doorRoutes, services)
  app.register(accountRoutes, services)
  app.get('/', async (_request, reply) => reply.page('home/show'))

  return app
}
