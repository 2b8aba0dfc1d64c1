import { formatDateTime } from '../period.ts'
import {
  durationOf,
  KIND_LABELS,
  messageOf,
  nextStepOf,
  OUTCOME_LABELS,
  OUTCOMES,
  type Run,
  STATE_LABELS,
  TRIGGER_LABELS,
} from './run.ts'

/** Excel reads UTF-8 only behind a byte order mark. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** A run with what its row names besides. */
export type NamedRun = Run & { shopName: string; accountEmail: string | null }

const HEADINGS = [
  '番号',
  '開始',
  '終了',
  '所要時間（秒）',
  '店舗',
  '種類',
  '手動/自動',
  '実行者',
  '結果',
  ...OUTCOMES.map((outcome) => OUTCOME_LABELS[outcome]),
  '試運転',
  'まとめた回数',
  '最後の開始',
  '内容',
  '次にすること',
]

export const csvHeading = (): string => csvLine(HEADINGS)

/** One run as one line. Times are in `timeZone`; `now` (ms UTC) ends the duration of a run that still works. */
export function csvOfRun(run: NamedRun, timeZone: string, now: number): string {
  const time = (at: number | null) => (at === null ? '' : formatDateTime(at, timeZone))
  return csvLine([
    String(run.id),
    time(run.startedAt),
    time(run.finishedAt),
    (durationOf(run, now) / 1000).toFixed(1),
    run.shopName,
    KIND_LABELS[run.kind],
    TRIGGER_LABELS[run.trigger],
    run.accountEmail ?? '',
    STATE_LABELS[run.state],
    ...OUTCOMES.map((outcome) => String(run[outcome])),
    run.dryRun ? '試運転' : '',
    String(run.repeats),
    time(run.lastRepeatAt),
    messageOf(run),
    nextStepOf(run),
  ])
}

const csvLine = (cells: string[]): string => `${cells.map(csvCell).join(',')}\r\n`

/** A spreadsheet takes a cell that begins like this for a formula, also in full width and also behind a quote of CSV. */
const FORMULA = /^[\s]*[=+\-@＝＋－＠]|^[\t\r\n]/

function csvCell(text: string): string {
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}
