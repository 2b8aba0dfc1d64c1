import { join } from 'node:path'
import { type AccountRepository, accountRepository } from './accounts/repository.ts'
import { newSetupCode } from './accounts/setup-code.ts'
import type { Config } from './config.ts'
import { apiOption } from './contract/contract.ts'
import { type ContractRepository, contractRepository } from './contract/repository.ts'
import type { ClientOptions } from './cscart/client.ts'
import { type Db, openDatabase } from './db/open.ts'
import { paceOf } from './db/pace.ts'
import { sealer } from './db/seal.ts'
import { sleep, WAITS, type Waits } from './export/deps.ts'
import { type LeftOutReader, leftOutReader } from './export/left-out-repository.ts'
import { type PlanPreparation, planPreparation } from './export/prepare-plans.ts'
import { parcelRepository, planRepository } from './export/repository.ts'
import { recoverExport, retryExport, type StartDeps, startExport } from './export/start-export.ts'
import { type ImportRepository, importRepository } from './import/repository.ts'
import { type ImportService, importService } from './import/start-import.ts'
import { type OrderRepository, orderRepository } from './orders/repository.ts'
import { type StatusRepository, statusRepository } from './orders/status-repository.ts'
import { dayOf } from './period.ts'
import { forgetOldRuns } from './runs/forget-old-runs.ts'
import { type RunRepository, runRepository } from './runs/repository.ts'
import type { Run, RunTrigger } from './runs/run.ts'
import { type RunLog, type StartedRun, stopAll } from './runs/start-run.ts'
import { type Automation, createAutomation } from './schedule/automation.ts'
import { type ShopClients, shopClients } from './shops/clients.ts'
import { type ShopRepository, shopRepository } from './shops/repository.ts'
import type { Shop } from './shops/shop.ts'

export type ServiceOptions = {
  /** The clock; tests hand in one that stands still. */
  now?: () => Date
  /** ms that only go forward; tests that move the clock move it too. */
  monotonic?: () => number
  /** Tests make the shops' clients less patient. */
  client?: ClientOptions
  /** Tests make exports wait less. */
  waits?: Waits
}

/** データ書出 as button, clock and command line start it; they differ in the trigger alone. */
export type ExportService = {
  deps: StartDeps
  /** 「更新対象の確認」 in the background. */
  preparing: PlanPreparation
  leftOut: LeftOutReader
  start(shop: Shop, trigger: RunTrigger, accountId?: number): StartedRun
  retry(run: Run, by: { accountId: number }): StartedRun
  resume(run: Run): StartedRun | undefined
}

/** What is wired together, for the pages, the process, the command line and tests. */
export type Services = {
  config: Config
  db: Db
  now: () => Date
  accounts: AccountRepository
  contract: ContractRepository
  runs: RunRepository
  shops: ShopRepository
  clientFor: ShopClients['clientFor']
  orders: OrderRepository
  orderStatuses: StatusRepository
  imports: ImportRepository
  importing: ImportService
  exporting: ExportService
  automation: Automation
  /** The APIオプション today: the one gate, asked by pages, clock and command line. */
  apiOption: () => ReturnType<typeof apiOption>
  /** Makes the first account at /setup; new at each start. */
  setupCode: string
  /** A page was asked for: for a moment, work in the background takes smaller steps. */
  notePage: () => void
  /** Stops the clock, lets running work finish its present step, or marks it 「中断」. */
  stopWork: () => Promise<void>
  /** Lets go of connections and the database. */
  close: () => void
}

/** How long the present step of a run may take when the process stops, ms; with the rest, five seconds. */
const STOP_MS = 3_500

/**
 * Opens the database and wires repositories and operations; nothing is started.
 * @throws AppError where the database cannot be used
 */
export function createServices(config: Config, log: RunLog, options: ServiceOptions = {}): Services {
  const now = options.now ?? (() => new Date())
  const { timeZone } = config
  const db = openDatabase(join(config.dataDir, 'tsunagi.db'))

  const accounts = accountRepository(db)
  const contract = contractRepository(db)
  const orders = orderRepository(db)
  const orderStatuses = statusRepository(db)
  const imports = importRepository(db)
  const shops = shopRepository(db, sealer(config.secretKey))
  const { clientFor, close: closeClients } = shopClients(shops, {
    allowPrivate: config.allowPrivateStores,
    now,
    ...options.client,
  })
  const runs = runRepository(db)
  // Nothing of ours can be running yet: what says so was cut off. `automation.start` picks it up.
  runs.interruptRunning(now().getTime())

  const option = () => apiOption(contract.entries(), dayOf(now().getTime(), timeZone))

  const monotonic = options.monotonic ?? (() => performance.now())
  const pace = paceOf(db, monotonic)

  const importing = importService({ db, shops, orders, runs, imports, clientFor, now, pace, log })
  const exporting = exportService({
    exports: {
      db,
      orders,
      plans: planRepository(db),
      parcels: parcelRepository(db),
      shops,
      clientFor,
      now,
      timeZone,
      apiOptionInForce: () => option().inForce,
      sleep,
      waits: options.waits ?? WAITS,
    },
    runs: { runs, now, log },
  })
  const automation = createAutomation({
    shops,
    runs,
    contract,
    importing,
    exporting,
    nightly: [async () => void (await forgetOldRuns({ runs, now }))],
    now,
    monotonic,
    timeZone,
    log,
  })

  return {
    config,
    db,
    now,
    accounts,
    contract,
    runs,
    shops,
    clientFor,
    orders,
    orderStatuses,
    imports,
    importing,
    exporting,
    automation,
    apiOption: option,
    setupCode: newSetupCode(),
    notePage: pace.notePage,
    async stopWork() {
      automation.stop()
      await Promise.all([exporting.preparing.stop(), stopAll({ runs, now, log }, STOP_MS)])
    },
    close() {
      closeClients()
      db.$client.close()
    },
  }
}

function exportService(deps: StartDeps): ExportService {
  return {
    deps,
    preparing: planPreparation(deps.exports, deps.runs.log),
    leftOut: leftOutReader(deps.exports.db),
    start: (shop, trigger, accountId) => startExport(deps, shop, trigger, accountId ?? null),
    retry: (run, { accountId }) => retryExport(deps, run, accountId),
    resume: (run) => recoverExport(deps, run),
  }
}
