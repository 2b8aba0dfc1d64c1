import { AppError, CsCartError } from '../errors.ts'
import type { RunRepository } from './repository.ts'
import { endingOf, LeaseLost, type NewRunItem, type Run, type RunEnding, type RunStart } from './run.ts'

/** The part of a pino logger that runs need. */
export type RunLog = {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type RunDeps = { runs: RunRepository; now: () => Date; log: RunLog }

/** What the work of a run holds of its own run. */
export type RunHandle = {
  id: number
  /** Aborted by 「中止」, by the stop of the process, and when the run is not ours any more. */
  signal: AbortSignal
  /** Progress: how many orders there are to do. Written at most every half second, and with the next items. */
  found(n: number): void
  /** Inserts items and adds them to the run's counts. Call it inside `save`, with the order's writes. @throws LeaseLost */
  record(items: NewRunItem[]): void
  /**
   * All writes of a run's work go through here: one transaction, and only while the run is still ours.
   * @throws LeaseLost when it is not: write nothing then, least of all to a shop
   */
  save<T>(write: () => T): T
}

/** Either the run that works now, with `done` for its end (which never rejects), or the one that was running already. */
export type StartedRun = { started: true; run: Run; done: Promise<Run> } | { started: false; running: Run }

type Stop = 'cancelled' | 'interrupted' | 'lease_lost'
type Work = { abort: (why: Stop) => void; done: Promise<Run> }

/** What works in this process, by the repository of its database; nothing outside this file can reach it. */
const registries = new WeakMap<RunRepository, Registry>()
type Registry = { working: Map<number, Work>; stopping: boolean; retry?: NodeJS.Timeout }

function registryOf(runs: RunRepository): Registry {
  const known = registries.get(runs)
  if (known) return known
  const made: Registry = { working: new Map(), stopping: false }
  registries.set(runs, made)
  return made
}

const FOUND_EVERY_MS = 500
const RETRY_SAVE_MS = 5_000

/**
 * Claims a run and works on it in the background: button, clock and command line come through here and differ in `trigger`.
 * A throw of the work is the run's failure; it never reaches the process.
 * @throws AppError('unavailable') while the process stops; SqliteError when no run can be written
 */
export function startRun(deps: RunDeps, start: RunStart, work: (run: RunHandle) => Promise<void>): StartedRun {
  const registry = registryOf(deps.runs)
  if (registry.stopping) {
    throw new AppError('unavailable', 'プログラムを終了しています。再起動してからもう一度実行してください。')
  }
  const claim = deps.runs.claim(start, deps.now().getTime())
  if (!claim.claimed) {
    // The index said no, and the row was gone a moment later: only another process could do that.
    if (!claim.running)
      throw new AppError('conflict', '同じ処理がちょうど終わったところです。もう一度実行してください。')
    return { started: false, running: claim.running }
  }
  const { run } = claim
  deps.log.info({ runId: run.id, shopId: run.shopId, kind: run.kind, trigger: run.trigger }, 'run started')

  const controller = new AbortController()
  let why: Stop | undefined
  const abort = (reason: Stop) => {
    if (why !== undefined) return
    why = reason
    controller.abort(new DOMException(`run ${run.id}: ${reason}`, 'AbortError'))
  }
  const progress: Progress = { found: undefined }
  const handle = handleOf(deps, run.id, controller.signal, progress, () => abort('lease_lost'))
  const done = Promise.resolve()
    // Stopped before it began: its work need not look at the signal first of all.
    .then(() => (why === undefined ? work(handle) : undefined))
    .then(
      () => close(deps, run, progress, why, undefined),
      (error: unknown) => close(deps, run, progress, why, { error }),
    )
    .finally(() => registry.working.delete(run.id))
  registry.working.set(run.id, { abort, done })
  return { started: true, run, done }
}

/** The last number that the work said, written or not. */
type Progress = { found: number | undefined }

function handleOf(deps: RunDeps, id: number, signal: AbortSignal, progress: Progress, lost: () => void): RunHandle {
  let writtenAt = Number.NEGATIVE_INFINITY
  const guarded = <T>(write: () => T): T => {
    try {
      return write()
    } catch (error) {
      if (error instanceof LeaseLost) lost()
      throw error
    }
  }
  return {
    id,
    signal,
    found(n) {
      progress.found = n
      const now = deps.now().getTime()
      // Below zero: the clock was set back.
      const since = now - writtenAt
      if (since >= 0 && since < FOUND_EVERY_MS) return
      writtenAt = now
      guarded(() => deps.runs.setFound(id, n))
    },
    record: (items) => guarded(() => deps.runs.record(id, items, deps.now().getTime(), progress.found)),
    save: (write) => guarded(() => deps.runs.save(id, write)),
  }
}

/** Writes how the work ended, as far as the run is still ours. Never throws. */
function close(
  deps: RunDeps,
  run: Run,
  { found }: Progress,
  why: Stop | undefined,
  thrown: { error: unknown } | undefined,
): Run {
  const fields = { runId: run.id, shopId: run.shopId, kind: run.kind }
  try {
    if (why === 'lease_lost' || thrown?.error instanceof LeaseLost) {
      deps.log.warn(fields, 'run lost its lease and wrote nothing more')
      return deps.runs.find(run.id) ?? run
    }
    if (thrown) logThrown(deps.log, fields, why, thrown.error)
    const { run: ended, saved, error } = deps.runs.finish(run.id, endingAs(why, thrown), deps.now().getTime(), found)
    if (!saved) {
      deps.log.error({ ...fields, err: error }, 'the end of the run could not be saved; it is kept and tried again')
      retrySaving(deps)
    }
    deps.log.info({ ...fields, state: ended.state, reason: ended.reason }, 'run ended')
    return ended
  } catch (error) {
    // Ended by somebody else while the work was on its last step.
    if (error instanceof LeaseLost) return deps.runs.find(run.id) ?? run
    deps.log.error({ ...fields, err: error }, 'the end of the run could not be saved')
    return run
  }
}

function endingAs(why: Stop | undefined, thrown: { error: unknown } | undefined): RunEnding {
  if (why === 'cancelled' || why === 'interrupted') return { how: why }
  return thrown ? endingOf(thrown.error) : { how: 'completed' }
}

function logThrown(log: RunLog, fields: object, why: Stop | undefined, error: unknown): void {
  if (error instanceof CsCartError) log.warn({ ...fields, reason: error.reason, err: error }, 'run ended by the shop')
  else if (why === undefined) log.error({ ...fields, err: error }, 'run failed unexpectedly')
  else if (!(error instanceof Error && error.name === 'AbortError')) {
    log.error({ ...fields, err: error }, 'run failed while it was being stopped')
  }
}

/** Tries every few seconds to write what the disk had no room for, until it is written. */
function retrySaving(deps: RunDeps): void {
  const registry = registryOf(deps.runs)
  if (registry.retry || registry.stopping) return
  registry.retry = setInterval(() => {
    if (!deps.runs.saveUnsaved()) return
    clearInterval(registry.retry)
    delete registry.retry
    deps.log.info({}, 'the ends of all runs are saved')
  }, RETRY_SAVE_MS)
  registry.retry.unref()
}

/**
 * 「中止」: asks a run to stop after its present step.
 * @returns false when it was over already
 */
export function cancelRun(deps: Pick<RunDeps, 'runs' | 'log'>, id: number): boolean {
  const work = registryOf(deps.runs).working.get(id)
  // First in memory: a full disk must not keep anybody from stopping a run.
  work?.abort('cancelled')
  try {
    return deps.runs.requestCancel(id)
  } catch (error) {
    deps.log.error({ runId: id, err: error }, 'the wish to cancel could not be saved')
    return work !== undefined
  }
}

/**
 * For SIGTERM: asks every run to stop, takes no new one, and waits until all have settled, or at most `withinMs`.
 * What has not settled by then is marked 「中断」 and can write nothing more.
 */
export async function stopAll(deps: RunDeps, withinMs = 4_000): Promise<void> {
  const registry = registryOf(deps.runs)
  registry.stopping = true
  for (const work of registry.working.values()) work.abort('interrupted')
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs)
  })
  const settled = Promise.all([...registry.working.values()].map((work) => work.done)).then(() => undefined)
  await Promise.race([settled, patience])
  clearTimeout(timer)
  clearInterval(registry.retry)
  for (const id of registry.working.keys()) finishByForce(deps, id)
  deps.runs.saveUnsaved()
}

function finishByForce(deps: RunDeps, id: number): void {
  try {
    deps.runs.finish(id, { how: 'interrupted' }, deps.now().getTime())
    deps.log.warn({ runId: id }, 'run did not stop in time and was marked interrupted')
  } catch (error) {
    if (!(error instanceof LeaseLost))
      deps.log.error({ runId: id, err: error }, 'the stop of the run could not be saved')
  }
}
