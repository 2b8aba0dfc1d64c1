import { failureOf } from '../failures.ts'

/** What ホーム is told of one job of one shop; the schedule knows it, the page words it. Times are ms UTC. */
export type HomeJob = {
  shopId: number
  shopName: string
  kind: 'import' | 'export'
  state: 'off' | 'not_allowed' | 'running' | 'stopped' | 'paused' | 'waiting'
  nextAt: number | undefined
  /** The wish stands in the settings, whether or not the job may run now. */
  wanted: boolean
  /** The newest run, whoever began it: `how` says it. `fault`: its state in words where it failed in something, else ''. */
  lastRun: { id: number; at: number; how: string; line: string; fault: string } | undefined
  failing: { reason: string; since: number; count: number } | undefined
  /** Set while the newest run is the first good one after failures. */
  recoveredAt: number | undefined
}

/** Something to do, and the way there; `isForAdmin`: only they may go it. */
export type HomeTask = { text: string; href: string; isForAdmin?: boolean }

export type JobWords = {
  title: string
  badge: { text: string; tone: 'green' | 'blue' | 'yellow' | 'red' | 'secondary' }
  /** What a person must know or do; '' when nothing. */
  note: string
  link: HomeTask | undefined
}

const NAMES = { import: '自動取得', export: '自動書き出し' } as const

type Times = { dateTime(at: number): string; ago(at: number): string }

const titleOf = (job: HomeJob): string => `${job.shopName} の${NAMES[job.kind]}`

/** The jobs that do not do what they should: somebody must look, or see that it mends by itself. */
export function jobTasks(jobs: readonly HomeJob[]): HomeTask[] {
  return jobs.flatMap((job) => {
    const href = job.lastRun ? `/runs/${job.lastRun.id}` : '/runs'
    if (job.state === 'stopped') return [{ text: `${titleOf(job)}が止まっています`, href }]
    if (job.state === 'paused') return [{ text: `${titleOf(job)}が失敗しています（自動で再試行します）`, href }]
    if (job.state === 'not_allowed' && job.wanted)
      return [{ text: `${titleOf(job)}が契約期間外のため止まっています`, href: '/contract' }]
    return []
  })
}

/** One job's row in words: its state, since when, why, and what to do. */
export function jobWords(job: HomeJob, fmt: Times): JobWords {
  const title = titleOf(job)
  const settings = { href: `/shops/${job.shopId}`, text: 'モール詳細設定を開く', isForAdmin: true }
  const failure = job.failing && failureOf(job.failing.reason)
  const since = job.failing ? `${fmt.dateTime(job.failing.since)} から失敗しています（${job.failing.count}回）。` : ''
  switch (job.state) {
    case 'off':
      return { title, badge: { text: 'オフ', tone: 'secondary' }, note: '', link: settings }
    case 'not_allowed':
      return {
        title,
        badge: job.wanted ? { text: '停止中', tone: 'red' } : { text: 'オフ', tone: 'secondary' },
        note: job.wanted
          ? 'APIオプションの契約期間外のため、自動書き出しは止まっています。取込と手動の書出はそのまま使えます。'
          : 'APIオプションの契約があると使えます。',
        link: { href: '/contract', text: 'APIオプションを開く' },
      }
    case 'stopped':
      return {
        title,
        badge: { text: '停止中', tone: 'red' },
        note: `${since}${failure?.sentence ?? ''}${failure?.nextStep ?? ''}設定を保存すると再開します。`,
        link: settings,
      }
    case 'paused':
      return {
        title,
        badge: { text: '再試行待ち', tone: 'yellow' },
        note: `${since}${failure?.sentence ?? ''}${failure?.nextStep ?? ''}`,
        link: undefined,
      }
    case 'running':
      return { title, badge: { text: '実行中', tone: 'blue' }, note: '', link: undefined }
    case 'waiting':
      if (job.lastRun?.fault) {
        return {
          title,
          badge: { text: job.lastRun.fault, tone: 'yellow' },
          note: '前回の実行で失敗があります。結果を開いて、理由を確かめてください。',
          link: undefined,
        }
      }
      return {
        title,
        badge: { text: '正常', tone: 'green' },
        note: job.recoveredAt === undefined ? '' : `失敗していましたが、${fmt.ago(job.recoveredAt)}に復旧しました。`,
        link: undefined,
      }
  }
}

/** One day of the chart: how many orders were placed, and their sum in 1/100 units. */
export type SalesDay = { day: string; orders: number; cents: number }

export type Bar = SalesDay & { label: string; x: number; y: number; height: number }

const CHART = { width: 560, height: 120, gap: 6 } as const

/** The days as bars of an SVG of 560 × 120, the tallest filling it; a day without orders has no height. */
export function chartBars(days: readonly SalesDay[]): Bar[] {
  const most = Math.max(1, ...days.map((each) => each.orders))
  const step = CHART.width / Math.max(1, days.length)
  return days.map((each, index) => {
    const height = Math.round((each.orders / most) * CHART.height)
    const label = `${Number(each.day.slice(5, 7))}/${Number(each.day.slice(8, 10))}`
    return { ...each, label, x: Math.round(index * step + CHART.gap / 2), y: CHART.height - height, height }
  })
}
