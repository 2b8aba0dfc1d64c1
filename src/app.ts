import { join } from 'node:path'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { createFirstAccount } from './accounts/create-first-account.ts'
import { type AccountRepository, accountRepository } from './accounts/repository.ts'
import { accountRoutes, doorRoutes } from './accounts/routes.ts'
import { sessionStore } from './accounts/session-store.ts'
import { newSetupCode } from './accounts/setup-code.ts'
import type { Config } from './config.ts'
import { apiOption } from './contract/contract.ts'
import { type ContractRepository, contractRepository } from './contract/repository.ts'
import { contractRoutes } from './contract/routes.ts'
import { type ClientOptions, csCartClient } from './cscart/client.ts'
import { statusName } from './cscart/statuses.ts'
import { type Db, openDatabase } from './db/open.ts'
import { sealer } from './db/seal.ts'
import { AppError } from './errors.ts'
import { previewRows } from './import/preview-rows.ts'
import { importRepository } from './import/repository.ts'
import { readImportRequest, requestLabel } from './import/request.ts'
import { importRoutes } from './import/routes.ts'
import { type ImportService, importService } from './import/start-import.ts'
import { lastImportLine } from './operations/last-import.ts'
import { databaseCheck } from './operations/repository.ts'
import { operationRoutes } from './operations/routes.ts'
import { CARRIERS, carrierName } from './orders/carriers.ts'
import { type OrderRepository, orderRepository } from './orders/repository.ts'
import { orderRoutes } from './orders/routes.ts'
import { statusRepository } from './orders/status-repository.ts'
import { ago, dayOf } from './period.ts'
import { type RunRepository, runRepository } from './runs/repository.ts'
import { runRoutes } from './runs/routes.ts'
import { lastStartOf, messageOf, nextStepOf, type Run, type RunKind, resultLine } from './runs/run.ts'
import { stopAll } from './runs/start-run.ts'
import { type ShopClients, shopClients } from './shops/clients.ts'
import { type ShopRepository, shopRepository } from './shops/repository.ts'
import { type ShopRoutesDeps, shopRoutes } from './shops/routes.ts'
import type { LandingStatus, LastRun } from './shops/shop-page.ts'
import { yen } from './web/format.ts'
import { loggerOptions } from './web/logging.ts'
import type { NavSection } from './web/nav.ts'
import { SESSION_MS } from './web/session.ts'
import { registerWeb } from './web/web.ts'

export type AppOptions = {
  /** The clock; tests hand in one that stands still. */
  now?: () => Date
  /** false: no log at all. */
  logger?: FastifyServerOptions['logger']
  /** Tests make the shops' clients less patient. */
  client?: ClientOptions
}

/** What is wired together, for the process, the command line and tests. */
export type Services = {
  config: Config
  db: Db
  now: () => Date
  accounts: AccountRepository
  contract: ContractRepository
  runs: RunRepository
  /** What a crash or a stop had cut off when the program started: marked 「中断」, to be picked up. */
  interrupted: Run[]
  shops: ShopRepository
  clientFor: ShopClients['clientFor']
  orders: OrderRepository
  importing: ImportService
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
  {
    label: '受注管理',
    items: [
      { label: '受注一覧', href: '/orders' },
      { label: 'データ取込', href: '/import' },
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
  const contract = contractRepository(db)
  const runs = runRepository(db)
  const interrupted = runs.interruptRunning(now().getTime())
  // Before connections are waited for: a run lets its present step finish, which takes seconds too.
  app.addHook('preClose', () => stopAll({ runs, now, log: app.log }, 3_500))
  const accounts = accountRepository(db)
  const shops = shopRepository(db, sealer(config.secretKey))
  const { clientFor, ...clients } = shopClients(shops, {
    allowPrivate: config.allowPrivateStores,
    now,
    ...options.client,
  })
  app.addHook('onClose', async () => clients.close())
  const orders = orderRepository(db)

  // operations
  const imports = importRepository(db)
  const importing = importService({ db, shops, orders, runs, imports, clientFor, now, log: app.log })
  const services: Services = {
    config,
    db,
    now,
    accounts,
    contract,
    runs,
    interrupted,
    shops,
    clientFor,
    orders,
    importing,
    setupCode: newSetupCode(),
  }
  app.decorate('tsunagi', services)
  await createFirstAccount(accounts, config, now())

  // web
  await registerWeb(app, {
    door: { accountOf: accounts.find, hasAccounts: accounts.any },
    sessionStore: sessionStore(db, now, SESSION_MS),
    secretKey: config.secretKey,
    publicUrl: config.publicUrl,
    now,
    timeZone: config.timeZone,
    nav: NAV,
    lastImport: (at) => lastImportLine(importJobs(services), at, (when) => ago(when, at)),
  })

  // features, one line each
  app.register(operationRoutes, { checks: [databaseCheck(db)], now })
  app.register(doorRoutes, services)
  app.register(accountRoutes, services)
  app.register(shopRoutes, shopSettings(services))
  app.register(contractRoutes, { contract, now, timeZone: config.timeZone })
  app.register(importRoutes, { ...services, imports, timeZone: config.timeZone })
  app.register(orderRoutes, {
    orders,
    orderStatuses: statusRepository(db),
    shops: shops.list,
    accountEmail: (id) => accounts.find(id)?.email,
    now,
    timeZone: config.timeZone,
  })
  app.register(runRoutes, {
    runs,
    now,
    timeZone: config.timeZone,
    retry: (run, by) => {
      if (run.kind === 'import') return importing.retry(run, by)
      throw new AppError('conflict', '書出の失敗分は「データ書出」からやり直してください。')
    },
    describe: (run) =>
      run.kind === 'import'
        ? requestLabel(readImportRequest(run.request), shops.find(run.shopId)?.fetchDays ?? 0, config.timeZone)
        : undefined,
  })
  app.get('/', async (_request, reply) => reply.page('home/show'))

  return app
}

/** What モール詳細設定 needs of the rooms beside it. */
function shopSettings({ config, db, now, shops, runs, contract }: Services): ShopRoutesDeps {
  const statuses = db.$client.prepare<[], LandingStatus>('select id, name, role from order_statuses order by position')
  const lastRun = (shopId: number, kind: RunKind): LastRun | undefined => {
    const run = runs.latest(shopId, kind)
    return run && { id: run.id, at: lastStartOf(run), label: resultLine(run), why: messageOf(run) + nextStepOf(run) }
  }
  return {
    shops,
    now,
    allowPrivate: config.allowPrivateStores,
    // One retry only: a person waits for the answer.
    clientFor: (connection) =>
      csCartClient({ ...connection, allowPrivate: config.allowPrivateStores }, { now, attempts: 2 }),
    orderStatuses: () => statuses.all(),
    carriers: CARRIERS,
    apiOptionInForce: () => apiOption(contract.entries(), dayOf(now().getTime(), config.timeZone)),
    lastRuns: (shopId) => ({ import: lastRun(shopId, 'import'), export: lastRun(shopId, 'export') }),
    previewOrder: ({ order }, settings, known) =>
      previewRows(
        order,
        { id: 0, ...settings },
        {
          timeZone: config.timeZone,
          statusName: (letter) => statusName(letter, known),
          carrierName,
          yen,
        },
      ),
  }
}

/** What the header's 「最後の取込」 is told from. */
function importJobs({ shops, runs }: Services) {
  return shops.list().map((shop) => ({
    auto: shop.autoImport,
    everyMinutes: shop.autoImportMinutes,
    lastSuccessAt: runs.lastSuccess(shop.id, 'import'),
    settingsSavedAt: shop.settingsSavedAt,
  }))
}
