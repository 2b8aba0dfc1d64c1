import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { createFirstAccount } from './accounts/create-first-account.ts'
import { accountRoutes, doorRoutes } from './accounts/routes.ts'
import { sessionStore } from './accounts/session-store.ts'
import { clockCheck, homePage, importJobs, shopSettings, unsavedCheck } from './beside.ts'
import type { Config } from './config.ts'
import { contractRoutes } from './contract/routes.ts'
import { remembering } from './db/remember.ts'
import { exportRoutes } from './export/routes.ts'
import { homeRoutes } from './home/routes.ts'
import { readImportRequest, requestLabel } from './import/request.ts'
import { importRoutes } from './import/routes.ts'
import { lastImportLine } from './operations/last-import.ts'
import { databaseCheck } from './operations/repository.ts'
import { operationRoutes } from './operations/routes.ts'
import { orderRoutes } from './orders/routes.ts'
import { ago } from './period.ts'
import { runRoutes } from './runs/routes.ts'
import { createServices, type ServiceOptions, type Services } from './services.ts'
import { shopRoutes } from './shops/routes.ts'
import { answerBadRequest } from './web/error-pages.ts'
import { loggerOptions } from './web/logging.ts'
import type { NavSection } from './web/nav.ts'
import { SESSION_MS } from './web/session.ts'
import { registerWeb } from './web/web.ts'

export type AppOptions = ServiceOptions & {
  /** false: no log at all. */
  logger?: FastifyServerOptions['logger']
}

declare module 'fastify' {
  interface FastifyInstance {
    tsunagi: Services
  }
}

/** The header's menu. An item appears here when its page works. */
const NAV: NavSection[] = [
  { label: 'ホーム', href: '/' },
  {
    label: '受注管理',
    items: [
      { label: '受注一覧', href: '/orders' },
      { label: 'データ取込', href: '/import' },
      { label: 'データ書出', href: '/export' },
      { label: '自動処理ログ', href: '/runs' },
    ],
  },
  {
    label: '各種設定',
    items: [
      { label: 'モール詳細設定', href: '/shops', role: 'admin' },
      { label: '受注ステータス設定', href: '/orders/statuses', role: 'admin' },
      { label: 'APIオプション', href: '/contract' },
      { label: 'ユーザー管理', href: '/accounts', role: 'admin' },
    ],
  },
]

const noSchemas = () => () => {
  throw new Error('a route with a schema needs a compiler, see schemaController')
}

/**
 * The whole program but its port and its clock: wires services, web and features. `tsunagi.automation.start()` starts the clock.
 * @throws AppError where the database cannot be used
 */
export async function buildApp(config: Config, options: AppOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({
    logger: options.logger ?? loggerOptions(config.logLevel),
    // One hop: what stands before the proxy's own entry was written by whoever asks.
    trustProxy: config.trustProxy && ((_address: string, hop: number) => hop === 0),
    // A sender that dribbles is cut off after five seconds; Node looks only every 30 s unless told otherwise.
    requestTimeout: 5_000,
    http: { connectionsCheckingInterval: 1_000, headersTimeout: 5_000 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
    // HEAD is answered as GET is, and Node leaves the body out. Fastify would add a second route for each: 4 % of the start.
    exposeHeadRoutes: false,
    rewriteUrl: (request) => {
      if (request.method === 'HEAD') request.method = 'GET'
      return request.url ?? '/'
    },
    frameworkErrors: answerBadRequest,
    // No route has a schema: forms are read by hand, for their answers in Japanese. Fastify's own two compilers of schemas
    // (ajv and fast-json-stringify) stay unread, 30 ms of each start.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  })

  const services = createServices(config, app.log, options)
  const { db, now, accounts, automation, contract, runs, shops, orders, orderStatuses, importing, exporting } = services
  const { timeZone } = config
  app.decorate('tsunagi', services)
  app.addHook('onRequest', (_request, _reply, done) => {
    services.notePage()
    done()
  })
  // Before connections are waited for: a run lets its present step finish, which takes seconds too.
  app.addHook('preClose', services.stopWork)
  app.addHook('onClose', async () => services.close())
  await createFirstAccount(accounts, config, now())

  await registerWeb(app, {
    door: { accountOf: accounts.find, hasAccounts: accounts.any },
    sessionStore: sessionStore(db, now, SESSION_MS),
    secretKey: config.secretKey,
    publicUrl: config.publicUrl,
    now,
    timeZone,
    nav: NAV,
    lastImport: (at) => lastImportLine(importJobs(services), at, (when) => ago(when, at)),
  })

  // features, one line each
  app.register(operationRoutes, { checks: [databaseCheck(db), clockCheck(automation), unsavedCheck(runs)], now })
  app.register(doorRoutes, services)
  app.register(accountRoutes, services)
  app.register(homeRoutes, homePage(services))
  app.register(shopRoutes, shopSettings(services))
  app.register(contractRoutes, { contract, now, timeZone })
  app.register(importRoutes, { ...services, timeZone })
  app.register(exportRoutes, { ...services, timeZone })
  app.register(orderRoutes, {
    orders,
    orderStatuses,
    shops: shops.list,
    accountEmail: accounts.nameOf,
    remember: remembering(db, { withoutRuns: true }),
    now,
    timeZone,
  })
  app.register(runRoutes, {
    runs,
    now,
    timeZone,
    retry: (run, by) => (run.kind === 'import' ? importing.retry(run, by) : exporting.retry(run, by)),
    describe: (run) => (run.kind === 'import' ? requestLabel(readImportRequest(run.request), timeZone) : undefined),
  })

  return app
}
