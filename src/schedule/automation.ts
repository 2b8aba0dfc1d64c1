import { apiOption } from '../contract/contract.ts'
import type { ContractRepository } from '../contract/repository.ts'
import { isAutomatic } from '../export/start-export.ts'
import type { ImportService } from '../import/start-import.ts'
import { dayOf } from '../period.ts'
import type { RunRepository } from '../runs/repository.ts'
import { isNoRoom, isStoppedForGood, type Run, type RunKind, type RunTrigger } from '../runs/run.ts'
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
  nightly: ((now: Date) => Promise<void>)[]
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
  let toResume: Run[] = []

  const today = () => dayOf(now().getTime(), deps.timeZone)
  const option = () => apiOption(contract.entries(), today())

  const scheduler = createScheduler({
    clock: () => ({ wall: now().getTime(), monotonic: deps.monotonic() }),
    facts: () => jobFacts({ shops, runs, apiOptionInForce: () => option().inForce }),
    start: startJob,
    before: [resumeInterrupted],
    chores: [sayThatTheContractEnded, workOfTheNight],
    log,
  })

  function startJob({ shopId, kind }: Job): ReturnType<Parameters<typeof createScheduler>[0]['start']> {
    try {
      const shop = shops.find(shopId)
      if (!shop) return 'running'
      if (!hasReadableKey(shop)) return 'key_unreadable'
      const started =
        kind === 'import'
          ? deps.importing.start(shop, { mode: 'scheduled' }, { trigger: 'schedule' })
          : deps.exporting.start(shop, 'schedule')
      if (started.started) return 'started'
      log.info({ shopId, kind, running: started.running.id }, 'a due job found a run at work')
      return 'running'
    } catch (error) {
      log.error({ err: error, shopId, kind }, 'a due job could not be started')
      return isNoRoom(error) ? 'no_room' : 'unexpected'
    }
  }

  /** Without it not even a run could be begun that says why. */
  function hasReadableKey(shop: Shop): boolean {
    try {
      shops.connectionOf(shop)
      return true
    } catch (error) {
      log.error({ err: error, shopId: shop.id }, "a shop's key cannot be opened")
      return false
    }
  }

  /** Once for each shop whose automatic export was at work and has no contract any more: one row 「実行せず」. */
  function sayThatTheContractEnded(clock: Clock): void {
    if (option().inForce) return
    for (const shop of shops.list().filter((each) => each.autoExport)) {
      const newest = runs.newestScheduled(shop.id, 'export')
      // One that is at work stops at its next order, and says so itself.
      if (!newest || newest.state === 'running' || newest.reason === 'not_contracted') continue
      runs.skip({ shopId: shop.id, kind: 'export', trigger: 'schedule', reason: 'not_contracted' }, clock.wall)
      log.warn({ shopId: shop.id }, 'automatic export stopped: the contract is not in force')
    }
  }

  /** A night whose work failed has it done at a later tick. */
  function workOfTheNight(): void {
    const day = today()
    if (day === lastNight) return
    lastNight = day
    Promise.all(deps.nightly.map((work) => work(now()))).catch((error: unknown) => {
      log.error({ err: error }, 'the work of the night failed and is tried again')
      lastNight = undefined
    })
  }

  /**
   * What a crash or a stop cut off: where the newest run of a shop and kind is 「中断」, and what no later run of the usual days
   * makes up for.
   */
  function interruptedRuns(): Run[] {
    return shops.list().flatMap((shop) =>
      KINDS.flatMap((kind) => {
        const newest = runs.newest(shop.id, kind, MOST_RESUMES)
        if (newest.length === MOST_RESUMES && newest.every(({ state }) => state === 'interrupted')) {
          log.error(
            { shopId: shop.id, kind, runId: newest[0]?.id },
            'cut off too often in a row: not picked up by itself',
          )
          return []
        }
        return newest.filter(isLeftUndone)
      }),
    )
  }

  /** An import of a period or of single orders is made up for by nothing but the run that goes on with it. */
  function isLeftUndone(run: Run): boolean {
    if (run.state !== 'interrupted' || isStoppedForGood(run)) return false
    if (runs.latest(run.shopId, run.kind)?.id === run.id) return true
    const { mode } = run.request
    return run.kind === 'import' && (mode === 'period' || mode === 'ids') && runs.continuedBy(run.id).length === 0
  }

  /** Goes on with what was cut off, one after the other. What cannot begin yet (no room on the disk) is tried again at the next tick. */
  function resumeInterrupted(): void {
    toResume = toResume.filter((run) => {
      try {
        if (!isLeftUndone(run)) return false
        if (runs.running(run.shopId, run.kind)) return true
        // What became due meanwhile comes right after it.
        void resume(run)?.done.then(() => scheduler.isStarted() && scheduler.tick())
        return false
      } catch (error) {
        log.error({ err: error, runId: run.id }, 'an interrupted run could not be picked up')
        return true
      }
    })
  }

  function resume(run: Run): { done: Promise<Run> } | undefined {
    if (run.kind === 'export' && isAutomatic(run) && !option().inForce) return undefined
    const started = run.kind === 'import' ? deps.importing.resume(run) : deps.exporting.resume(run)
    return started?.started ? started : undefined
  }

  return {
    /** Picks up what was cut off, then ticks. Call it once the process listens. */
    start(): void {
      toResume = interruptedRuns()
      scheduler.start()
    },
    stop: scheduler.stop,
    tick: scheduler.tick,
    jobs: scheduler.jobs,
    isStarted: scheduler.isStarted,
    isTicking: scheduler.isTicking,
  }
}
