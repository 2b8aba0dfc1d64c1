/** The small line in every page's header: how long ago orders were last taken in. Pure. */

export type ImportJob = {
  /** 自動取得 is on. */
  auto: boolean
  everyMinutes: number
  /** The last import that looked at everything, ms UTC. */
  lastSuccessAt: number | undefined
  /** When the settings were last saved, ms UTC: a job that was just switched on is not late yet. */
  settingsSavedAt: number
}

const MISSED_INTERVALS = 3
/** A job that was just switched on starts within a minute; until its run is over it is not late. */
const BEGINNING_MS = 10 * 60_000

/**
 * The line for all shops together: that of the shop that waits longest of those that are late, else of the newest import.
 * @param words how a time in the past is said, such as `3分前`
 * @returns undefined where there is no shop
 */
export function lastImportLine(
  jobs: readonly ImportJob[],
  now: number,
  words: (at: number) => string,
): { text: string; late: boolean } | undefined {
  if (jobs.length === 0) return undefined
  const late = jobs.filter((job) => isLate(job, now))
  const [longest] = late.sort((a, b) => (a.lastSuccessAt ?? 0) - (b.lastSuccessAt ?? 0))
  const newest = Math.max(...jobs.map((job) => job.lastSuccessAt ?? 0))
  const at = longest ? longest.lastSuccessAt : newest || undefined
  return { text: `最後の取込: ${at === undefined ? 'なし' : words(at)}`, late: late.length > 0 }
}

function isLate({ auto, everyMinutes, lastSuccessAt, settingsSavedAt }: ImportJob, now: number): boolean {
  if (!auto || now - settingsSavedAt <= BEGINNING_MS) return false
  return now - (lastSuccessAt ?? settingsSavedAt) > MISSED_INTERVALS * everyMinutes * 60_000
}
