/** What a measurement says, and the table in which it is said. */

export type Row = {
  name: string
  target: string
  measured: string
  /** (largest − smallest) / median over the rounds. */
  spread: string
  verdict: '達成' | '未達' | '判定せず' | '参考'
}

/** Above this spread of the raw side, the machine was too busy for a ratio to mean anything. */
const TOO_WIDE = 0.3

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

export function spreadOf(values: readonly number[]): number {
  const middle = median(values)
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / middle
}

export const percent = (share: number): string => `${Math.round(share * 100)}%`

type Judged = {
  name: string
  values: readonly number[]
  /** The bound, and whether the median must stay below (`most`) or above it (`least`). */
  most?: number
  least?: number
  unit?: string
  digits?: number
  /** What the other side of a ratio took in each round; wide apart, nothing is judged. */
  raw?: readonly number[]
  /** More to say behind the number. */
  note?: string
}

/** The median of the rounds against its bound; without a bound it is only for information. */
export function judged({ name, values, most, least, unit = '', digits = 2, raw, note }: Judged): Row {
  const measured = median(values)
  const shown = (value: number) => `${value.toFixed(digits)}${unit}`
  const bound = most ?? least
  const met = most !== undefined ? measured <= most : least !== undefined && measured >= least
  const busy = raw !== undefined && spreadOf(raw) > TOO_WIDE
  return {
    name,
    target: bound === undefined ? '—' : `${most !== undefined ? '≤' : '≥'} ${bound}${unit}`,
    measured: shown(measured) + (note ? `（${note}）` : ''),
    spread: values.length < 2 ? '—' : percent(spreadOf(values)) + (raw ? `（比べる側 ${percent(spreadOf(raw))}）` : ''),
    verdict: bound === undefined ? '参考' : busy || values.length === 0 ? '判定せず' : met ? '達成' : '未達',
  }
}

const HEAD = { name: '測るもの', target: '目標', measured: '中央値', spread: 'ばらつき', verdict: '判定' } as const
const COLUMNS = ['name', 'target', 'measured', 'spread', 'verdict'] as const

/** Rows as a Markdown table, its columns aligned in a terminal. */
export function tableOf(rows: readonly Row[]): string {
  const all = [HEAD, ...rows]
  const widths = COLUMNS.map((column) => Math.max(...all.map((row) => widthOf(row[column]))))
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const padded = (row: Record<(typeof COLUMNS)[number], string>) =>
    line(COLUMNS.map((column, at) => row[column] + ' '.repeat((widths[at] ?? 0) - widthOf(row[column]))))
  return [padded(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(padded)].join('\n')
}

/** Columns that a text takes in a terminal: two for a Japanese character. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += /[\u3000-\u30ff\u3400-\u9fff\uff00-\uff60]/.test(character) ? 2 : 1
  return width
}
