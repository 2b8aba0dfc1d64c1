import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RunDeps } from './start-run.ts'

/** How long 自動処理ログ is kept; an order's own history is kept as long as the order. */
export const KEEP_RUNS_DAYS = 90

const RUNS_AT_ONCE = 20

/**
 * Deletes runs that ended more than `keepDays` days ago, a few per transaction, so that pages are answered in between.
 * @returns how many were deleted
 * @throws SqliteError when nothing can be written
 */
export async function forgetOldRuns(deps: Pick<RunDeps, 'runs' | 'now'>, keepDays = KEEP_RUNS_DAYS): Promise<number> {
  const cutoff = deps.now().getTime() - keepDays * 86_400_000
  let deleted = 0
  for (;;) {
    const now = deps.runs.deleteOlderThan(cutoff, RUNS_AT_ONCE)
    deleted += now
    if (now < RUNS_AT_ONCE) return deleted
    await nextTurn()
  }
}
