import { failureOf } from '../failures.ts'
import {
  canRetry,
  durationOf,
  KIND_LABELS,
  messageOf,
  nextStepOf,
  OUTCOME_LABELS,
  OUTCOMES,
  processed,
  type Run,
  type RunItem,
  type RunOutcome,
  remainingOf,
  resultLine,
  STATE_LABELS,
  TRIGGER_LABELS,
} from './run.ts'

/** A run with all that a template says about it; what `views/runs/_progress.eta` takes as `it.run`. */
export type RunView = Run & {
  kindLabel: string
  triggerLabel: string
  stateLabel: string
  /** The run in one line. */
  line: string
  message: string
  nextStep: string
  processed: number
  /** ms */
  duration: number
  /** ms; undefined while unknown or when the run is over. */
  remaining: number | undefined
  /** Those that a run of this kind can have, and any other that is not zero. */
  counts: { outcome: RunOutcome; label: string; count: number }[]
  canRetry: boolean
  isRunning: boolean
}

const USUAL: Readonly<Record<Run['kind'], readonly RunOutcome[]>> = {
  import: ['created', 'changed', 'unchanged', 'failed'],
  export: ['done', 'skipped', 'failed'],
}

/** @param now ms UTC */
export function runView<R extends Run>(run: R, now: number): R & RunView {
  return {
    ...run,
    kindLabel: KIND_LABELS[run.kind],
    triggerLabel: TRIGGER_LABELS[run.trigger],
    stateLabel: STATE_LABELS[run.state],
    line: resultLine(run),
    message: messageOf(run),
    nextStep: nextStepOf(run),
    processed: processed(run),
    duration: durationOf(run, now),
    remaining: remainingOf(run, now),
    counts: OUTCOMES.filter((outcome) => USUAL[run.kind].includes(outcome) || run[outcome] > 0).map((outcome) => ({
      outcome,
      label: OUTCOME_LABELS[outcome],
      count: run[outcome],
    })),
    canRetry: canRetry(run),
    isRunning: run.state === 'running',
  }
}

/** One row of a run's page, in words. */
export type RunItemView = RunItem & { label: string; sentence: string; nextStep: string }

export function runItemView(item: RunItem): RunItemView {
  const failure = item.reason === null ? undefined : failureOf(item.reason)
  return {
    ...item,
    label: OUTCOME_LABELS[item.outcome],
    sentence: failure?.sentence ?? '',
    nextStep: failure?.nextStep ?? '',
  }
}
