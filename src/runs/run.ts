import type { Exchange, runItems, runs } from '../db/schema.ts'
import { AppError, CsCartError } from '../errors.ts'
import { type FailureReason, failureOf } from '../failures.ts'

/** One import or export: one row of 自動処理ログ. Times are ms UTC. */
export type Run = typeof runs.$inferSelect
export type RunKind = Run['kind']
export type RunTrigger = Run['trigger']
export type RunState = Run['state']

/** One order (or a number of unchanged ones) of a run, as stored. */
export type RunItem = typeof runItems.$inferSelect
export type RunOutcome = RunItem['outcome']

/** What a run says about one order; `count` is 1 unless one row stands for many unchanged orders. */
export type NewRunItem = {
  outcome: RunOutcome
  count?: number | undefined
  orderId?: number | null | undefined
  csCartOrderId?: number | null | undefined
  reason?: FailureReason | null | undefined
  /** For people who know CS-Cart: path of a field, what the shop said. Free of secrets and personal data. */
  detail?: string | null | undefined
  /** Masked requests and answers. */
  exchanges?: Exchange[] | undefined
}

/** What is to be started, by whom and why. `request` is what the operation was asked to do, as JSON. */
export type RunStart = {
  shopId: number
  kind: RunKind
  trigger: RunTrigger
  accountId?: number | null | undefined
  request?: Record<string, unknown> | undefined
  dryRun?: boolean | undefined
  continuesRunId?: number | null | undefined
}

/** How the work of a run came to its end, before its items are looked at. */
export type RunEnding =
  | { how: 'completed' }
  | { how: 'failed'; reason: FailureReason; detail?: string | undefined }
  | { how: 'cancelled' }
  | { how: 'interrupted' }

/** The run is not ours any more (it was marked 「中断」, or is over): whoever gets this must write nothing more. */
export class LeaseLost extends Error {
  readonly runId: number
  constructor(runId: number) {
    super(`run ${runId} is not running any more`)
    this.name = 'LeaseLost'
    this.runId = runId
  }
}

export const KIND_LABELS: Readonly<Record<RunKind, string>> = { import: '取込', export: '書出' }

/** What began a run. What a crash cut off is picked up by itself: its page names the run it goes on from. */
export const TRIGGER_LABELS: Readonly<Record<RunTrigger, string>> = {
  manual: '手動',
  schedule: '自動',
  recovery: '自動（再開）',
}

export const STATE_LABELS: Readonly<Record<RunState, string>> = {
  running: '実行中',
  succeeded: '成功',
  partial: '一部失敗',
  failed: '失敗',
  interrupted: '中断',
  cancelled: '中止',
  skipped: '実行せず',
}

export const OUTCOME_LABELS: Readonly<Record<RunOutcome, string>> = {
  created: '新規',
  changed: '変更',
  unchanged: '変更なし',
  done: '書出',
  skipped: '見送り',
  failed: '失敗',
}

/** The outcomes in the order in which a page names them. */
export const OUTCOMES: readonly RunOutcome[] = ['created', 'changed', 'unchanged', 'done', 'skipped', 'failed']

export type RunCounts = Pick<Run, RunOutcome>

/** How many orders a run is through with, whatever came of each. */
export const processed = (run: RunCounts): number => OUTCOMES.reduce((sum, outcome) => sum + run[outcome], 0)

/** Orders that went through: what makes a failure 「一部失敗」. */
const wentThrough = (run: RunCounts) => run.created + run.changed + run.unchanged + run.done

/** true for a run that changed nothing here or in the shop and failed in nothing: several such are folded into one row. */
export const foundNothingToDo = (run: RunCounts & Pick<Run, 'state'>): boolean =>
  run.state === 'succeeded' && run.created + run.changed + run.done + run.skipped + run.failed === 0

/** The state and reason with which a run is closed, from how it ended and what its items say. */
export function closedAs(counts: RunCounts, ending: RunEnding): { state: RunState; reason: FailureReason | null } {
  if (ending.how === 'cancelled') return { state: 'cancelled', reason: 'cancelled_by_staff' }
  if (ending.how === 'interrupted') return { state: 'interrupted', reason: 'interrupted' }
  if (ending.how === 'failed') {
    return { state: wentThrough(counts) > 0 ? 'partial' : 'failed', reason: ending.reason }
  }
  if (counts.failed === 0) return { state: 'succeeded', reason: null }
  return { state: wentThrough(counts) > 0 ? 'partial' : 'failed', reason: null }
}

/** When the newest of the runs that a row stands for was started (ms UTC). */
export const lastStartOf = (run: Pick<Run, 'startedAt' | 'lastRepeatAt'>): number => run.lastRepeatAt ?? run.startedAt

/** How long a run took, or has taken so far at `now` (ms); never negative, even when the clock was set back. */
export const durationOf = (run: Pick<Run, 'startedAt' | 'finishedAt'>, now: number): number =>
  Math.max(0, (run.finishedAt ?? now) - run.startedAt)

/** Time left at the pace so far (ms), or undefined while there is nothing to judge by. */
export function remainingOf(run: Run, now: number): number | undefined {
  const through = processed(run)
  if (run.state !== 'running' || run.found === null || through === 0) return undefined
  return (durationOf(run, now) / through) * Math.max(0, run.found - through)
}

const thousands = (count: number) => count.toLocaleString('ja-JP')

/** `新規 12件・変更 3件・変更なし 240件・失敗 1件（一部失敗）`: a run in one line. */
export function resultLine(run: Run): string {
  const state = STATE_LABELS[run.state]
  if (run.state === 'skipped') return `${state}: ${messageOf(run)}`
  const always: readonly RunOutcome[] = run.kind === 'import' ? ['created', 'changed', 'unchanged'] : ['done']
  const parts = OUTCOMES.filter((outcome) => always.includes(outcome) || run[outcome] > 0).map(
    (outcome) => `${OUTCOME_LABELS[outcome]} ${thousands(run[outcome])}件`,
  )
  return `${run.dryRun ? '【試運転】' : ''}${parts.join('・')}（${state}）`
}

/** Orders of a plan that an export which was cut short did not come to. */
export function notReached(run: Run): number {
  if (run.kind !== 'export' || run.state === 'running' || run.found === null) return 0
  return Math.max(0, run.found - processed(run))
}

/** Why a run as a whole did not succeed, as one sentence; '' when there is nothing to say. */
export function messageOf(run: Run): string {
  const left = notReached(run)
  if (left === 0) return whyOf(run)
  return `${whyOf(run)}対象 ${thousands(run.found ?? 0)}件のうち ${thousands(left)}件は行っていません。`
}

function whyOf(run: Run): string {
  // The reason's own sentence speaks of one order.
  if (run.state === 'cancelled') return '「中止」が押されたため、途中で止めました。終わった分はそのまま残っています。'
  if (run.reason !== null) return failureOf(run.reason).sentence
  const skipped = run.dryRun ? 0 : run.skipped
  const parts = [
    ...(run.failed > 0 ? [`${thousands(run.failed)}件が失敗しました`] : []),
    ...(skipped > 0 ? [`${thousands(skipped)}件を見送りました`] : []),
  ]
  return parts.length === 0 ? '' : `${parts.join('。')}。理由は実行結果に出ています。`
}

/** Cut off after a person had told it to stop: nobody goes on with it unasked. */
export const isStoppedForGood = (run: Pick<Run, 'state' | 'cancelRequested'>): boolean =>
  run.state === 'interrupted' && run.cancelRequested

/** What a person does about a run that did not succeed; '' when there is nothing to do. */
export function nextStepOf(run: Run): string {
  if (isStoppedForGood(run)) return failureOf('cancelled_by_staff').nextStep
  if (run.reason !== null) return failureOf(run.reason).nextStep
  return run.failed > 0 ? '実行結果で注文ごとの理由を確かめ、直してから「失敗分を再実行」を押してください。' : ''
}

/** 「失敗分を再実行」 makes sense: the run is over and some of its orders failed. */
export const canRetry = (run: Run): boolean => run.state !== 'running' && run.failed > 0

/** What anything thrown by a run's work means for the run. */
export function endingOf(error: unknown): Extract<RunEnding, { how: 'failed' }> {
  if (error instanceof CsCartError) return { how: 'failed', reason: error.reason, detail: detailOf(error) }
  if (isNoRoom(error)) return { how: 'failed', reason: 'no_room' }
  if (error instanceof AppError && error.code === 'not_contracted') return { how: 'failed', reason: 'not_contracted' }
  return { how: 'failed', reason: 'unexpected' }
}

/** What a CsCartError knows beside its reason, for an item's or a run's `detail`; undefined when nothing. */
export function detailOf(error: CsCartError): string | undefined {
  const parts = [
    error.status === undefined ? undefined : `HTTP ${error.status}`,
    error.path === undefined ? undefined : `項目 ${error.path}`,
    error.said,
  ].filter((part) => part !== undefined && part !== '')
  return parts.length === 0 ? undefined : parts.join(' / ')
}

/** true for SQLite's ways to say that nothing can be written just now: full, read-only, locked or failing disk. */
export function isNoRoom(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  return /^SQLITE_(FULL|READONLY|IOERR|BUSY|CANTOPEN)/.test(error.code)
}
