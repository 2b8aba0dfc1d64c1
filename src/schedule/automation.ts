import { apiOption } from '../contract/contract.ts'
import type { ContractRepository } from '../contract/repository.ts'
import { isAutomatic } from '../export/start-export.ts'
import type { ImportService } from '../import/start-import.ts'
import { dayOf } from '../period.ts'
import type { RunRepository } from '../runs/repository.ts'
import type { Run, RunKind, RunTrigger } from '../runs/run.ts'
import type { RunLog, StartedRun } from '../runs/start-run.ts'
import type { ShopRepository } from '../shops/repository.ts'
import type { Shop } from '../shops/shop.ts'
import type { Clock, Job } from './due.ts'
import { jobFacts } from './facts.ts'
import { createScheduler } from './scheduler.ts'

export type AutomationDeps = {
  shops: ShopRepository
  runs: RunRepository
  contract: ContractRepository
  importing: ImportService
  exporting: { start: (shop: Shop, trigger: RunTrigger) => StartedRun; resume: (run: Run) => StartedRun | undefined }
  /** Work of the night: called at the first tick of each day of the app's time zone, and at start. */
  nightly: ((now: Date) => void)[]
  now: () => Date
  /** ms that only go forward. */
  monotonic: () => number
  timeZone: string
  log: RunLog
}

export type Automation = ReturnType<typeof createAutomation>

const KINDS: readonly RunKind[] = ['import', 'export']
/** A run that was cut off so often in a row is left to the clock and to people: perhaps it is what ends the process. */
const MOST_RESUMES = 5

/** 自動取得 and 自動書き出し, what a crash left to pick up, and the work of the night. */
export function createAutomation(deps: AutomationDeps) {
  const { shops, runs, contract, now, log } = deps
  let lastNight: string | undefined

  const today = () => dayOf(now().getTime(), deps.timeZone)
  const option = () => apiOption(contract.entries(), today())

  const scheduler = createScheduler({
    clock: () => ({ wall: now().getTime(), monotonic: deps.monotonic() }),
    facts: () => jobFacts({ shops, runs, apiOptionInForce: () => option().inForce }),
    start: startJob,
    chores: [sayThatTheContractEnded, workOfTheNight],
    log,
  })

  function startJob(job: Job): boolean {
    const shop = shops.find(job.shopId)
    if (!shop) return false
    const started =
      job.kind === 'import'
        ? deps.importing.start(shop, { mode: 'scheduled' }, { trigger: 'schedule' })
        : deps.exporting.start(shop, 'schedule')
    if (!started.started)
      log.info({ shopId: shop.id, kind: job.kind, running: started.running.id }, 'a due job found a run at work')
    return started.started
  }

  /** Once for each shop whose automatic export the end of the contract has stopped: one row 「実行せず」. */
  function sayThatTheContractEnded(clock: Clock): void {
    const { endsOn, inForce } = option()
    if (inForce || endsOn === undefined || endsOn >= today()) return
    for (const shop of shops.list().filter((each) => each.autoExport)) {
      const newest = runs.newestScheduled(shop.id, 'export')
      if (newest?.state === 'skipped' && newest.reason === 'not_contracted') continue
      runs.skip({ shopId: shop.id, kind: 'export', trigger: 'schedule', reason: 'not_contracted' }, clock.wall)
      log.warn({ shopId: shop.id }, 'automatic export stopped: the contract has ended')
    }
  }

  function workOfTheNight(): void {
    const day = today()
    if (day === lastNight) return
    lastNight = day
    for (const work of deps.nightly) work(now())
  }

  /** Goes on with what a crash or a stop cut off: where the newest run of a shop and kind is 「中断」. */
  function resumeInterrupted(): void {
    for (const shop of shops.list()) {
      for (const kind of KINDS) {
        const newest = runs.newest(shop.id, kind, MOST_RESUMES)
        const [run] = newest
        if (run?.state !== 'interrupted') continue
        if (newest.length === MOST_RESUMES && newest.every(({ state }) => state === 'interrupted')) {
          log.error({ shopId: shop.id, kind, runId: run.id }, 'cut off too often in a row: not picked up by itself')
          continue
        }
        try {
          if (kind === 'import') deps.importing.resume(run)
          else if (option().inForce || !isAutomatic(run)) deps.exporting.resume(run)
        } catch (error) {
          log.error({ err: error, runId: run.id }, 'an interrupted run could not be picked up')
        }
      }
    }
  }

  return {
    /** Picks up what was cut off, then ticks. Call it once the process listens. */
    start(): void {
      resumeInterrupted()
      scheduler.start()
    },
    stop: scheduler.stop,
    tick: scheduler.tick,
    jobs: scheduler.jobs,
    isStarted: scheduler.isStarted,
    isTicking: scheduler.isTicking,
  }
}
