/**
 * `npm run bench`: measures the program against its targets and prints them as one table. Nothing here is a test: numbers
 * depend on the machine and on what else it does.
 *
 *     npm run bench -- --only import,again --rounds 7
 */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { benchExport } from './export.ts'
import { benchAgain, benchImport, benchSlowShop } from './import.ts'
import { benchPages } from './pages.ts'
import { benchSize } from './size.ts'
import { benchStart } from './start.ts'
import { type Row, tableOf } from './table.ts'

const GROUPS = {
  import: benchImport,
  again: benchAgain,
  slow: benchSlowShop,
  pages: benchPages,
  export: benchExport,
  size: benchSize,
  start: benchStart,
} as const satisfies Record<string, (rounds: number) => Promise<Row[]>>

type Group = keyof typeof GROUPS

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(GROUPS).join(',') },
    rounds: { type: 'string', default: '5' },
  },
})
const isGroup = (name: string): name is Group => Object.hasOwn(GROUPS, name)
const names = values.only.split(',')
const rounds = Number(values.rounds)
if (!names.every(isGroup) || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`--only ${Object.keys(GROUPS).join(',')} --rounds 1 以上の整数`)
  process.exit(1)
}

process.once('SIGTERM', () => process.exit(1))
process.once('SIGINT', () => process.exit(1))
const began = performance.now()
const elapsed = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} 秒`
const load = loadavg()[0] ?? 0
console.log(`コア ${availableParallelism()}、Node ${process.versions.node}、負荷 ${load.toFixed(1)}、${rounds} 回ずつ`)
const rows: Row[] = []
for (const name of names.filter(isGroup)) {
  const since = performance.now()
  const found = await GROUPS[name](rounds)
  rows.push(...found)
  console.log(`\n${name}（${elapsed(since)}）\n${tableOf(found)}`)
}
if (names.length > 1) console.log(`\n${tableOf(rows)}`)
console.log(`\n全体 ${elapsed(began)}`)
process.exit(0)
