/** The house's rules on who may import whom (the floors in docs and README), as functions over a set of sources. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** File, relative to src with forward slashes -> its text. */
export type Sources = ReadonlyMap<string, string>

export type Import = { from: string; typeOnly: boolean }

export function readSources(root: string): Sources {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return new Map(names.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(root, name), 'utf8')]))
}

/** Text without comments and without what stands in strings, so that only code is looked at. */
const withoutComments = (text: string) =>
  text.replace(/("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (_, string) => string ?? '')

/** Everything that a source imports: static, re-exported and dynamic. */
export function importsOf(text: string): Import[] {
  const code = withoutComments(text)
  const found: Import[] = []
  for (const [, kind = '', names = '', from = ''] of code.matchAll(
    /^\s*(import|export)\s+((?:type\s+)?(?:[\w*{}\s,$]+?))\s*from\s*['"]([^'"]+)['"]/gm,
  )) {
    const members = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1]
    const allTypes = members?.split(',').every((one) => one.trim() === '' || /^type\s/.test(one.trim())) ?? false
    found.push({ from, typeOnly: /^type\s/.test(names) || (kind === 'import' && allTypes) })
  }
  for (const [, from = ''] of code.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm)) found.push({ from, typeOnly: false })
  for (const [, from = ''] of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) found.push({ from, typeOnly: false })
  return found
}

/** The file inside src that a relative import means. */
export const target = (file: string, from: string) => posix.join(posix.dirname(file), from)

const FLOORS: readonly (readonly string[])[] = [
  ['server', 'cli', 'demo'],
  ['app'],
  ['schedule'],
  ['import', 'export', 'home', 'shipping', 'downloads', 'operations'],
  ['shops', 'runs', 'orders', 'accounts', 'contract', 'notices', 'backups'],
  ['cscart', 'web', 'db', 'config'],
  ['errors', 'period'],
]

/** Files at the top of src that belong to a room although their name is another one. */
const ROOM_OF_FILE: Record<string, string> = {
  'services.ts': 'app',
  'beside.ts': 'app',
  // The words of what `errors.ts` throws.
  'failures.ts': 'errors',
  // What the operator can ask for, on top of the wired services.
  'commands.ts': 'app',
}

export function roomOf(file: string): string {
  const known = ROOM_OF_FILE[file]
  if (known) return known
  // The pretend shop stands alone: it is the outside world.
  if (file.startsWith('demo/shop/')) return 'demo/shop'
  const [first = ''] = file.split('/')
  return first.replace(/\.ts$/, '')
}

const floorOf = (room: string) => FLOORS.findIndex((floor) => floor.includes(room))

/** Imports that go up, or to another room of the same floor. */
export function floorFaults(sources: Sources): string[] {
  const faults: string[] = []
  for (const [file, text] of sources) {
    const room = roomOf(file)
    if (room !== 'demo/shop' && floorOf(room) === -1) faults.push(`${file} is in no room of the house`)
    for (const { from } of importsOf(text)) {
      if (!from.startsWith('.')) continue
      const to = target(file, from)
      const other = roomOf(to)
      if (!sources.has(to)) faults.push(`${file} imports ${to}, which does not exist`)
      else if (room === other || (room === 'demo' && other === 'demo/shop')) continue
      else if (room === 'demo/shop') faults.push(`${file} is the pretend shop and may not know ${to}`)
      else if (other === 'demo/shop') faults.push(`${file} may not know the pretend shop (${to})`)
      else if (floorOf(other) < floorOf(room)) faults.push(`${file} imports upwards: ${to}`)
      else if (floorOf(other) === floorOf(room)) faults.push(`${file} imports its neighbour on the same floor: ${to}`)
    }
  }
  return faults
}

/** Where a package may be imported; packages that are not named may be used anywhere but in pure files. */
const PACKAGE_PLACES: [RegExp, RegExp][] = [
  [/^@?fastify\b/, /^(app|server)\.ts$|^web\/|(^|\/)([\w-]+-)?routes\.ts$/],
  [/^eta$/, /^web\//],
  [/^drizzle-orm\b/, /^db\/drizzle\.ts$/],
  [/^better-sqlite3\b|\/drizzle\.ts$/, /^db\/|(^|\/)([\w-]+-)?repository\.ts$/],
  [/^undici(\/|$)/, /^cscart\/guarded-pool\.ts$/],
  [/^croner$/, /^schedule\/scheduler\.ts$/],
]

export function packageFaults(sources: Sources): string[] {
  const faults: string[] = []
  for (const [file, text] of sources) {
    for (const { from } of importsOf(text)) {
      const place = PACKAGE_PLACES.find(([name]) => name.test(from))
      if (place && !place[1].test(file)) faults.push(`${file} may not import ${from}`)
    }
  }
  return faults
}

/** Features whose plain nouns are pure. `web` and `db` are furniture, `cscart` is the outside world with its own list. */
const FEATURES = new Set(FLOORS.slice(2, 5).flat())
const PURE_OUTSIDE = new Set([
  'errors.ts',
  'failures.ts',
  'period.ts',
  'web/format.ts',
  'web/nav.ts',
  'cscart/payloads.ts',
  'cscart/order-parts.ts',
  'cscart/statuses.ts',
  'cscart/base-url.ts',
  'cscart/mask.ts',
  'cscart/read.ts',
])

/**
 * Files of a feature that act: a verb comes first in their name. Everything else there (but repositories and routes) is a
 * noun, and nouns are pure.
 */
const VERBS =
  /^(compare|create|edit|execute|explain|fetch|forget|import|look|prepare|preview|start|take|test|walk|write|restore|send|make|print|undo|apply|download|scan)(-|\.ts$)/

/** Things that act although they are named by a noun: factories over the outside world. */
const ACTING = new Set([
  'accounts/password.ts',
  'accounts/session-store.ts',
  'accounts/setup-code.ts',
  'export/deps.ts',
  'import/job.ts',
  'import/looks.ts',
  'operations/control-socket.ts',
  'schedule/automation.ts',
  'schedule/facts.ts',
  'schedule/scheduler.ts',
  'shops/clients.ts',
])

export function isPure(file: string): boolean {
  if (PURE_OUTSIDE.has(file)) return true
  const [room = '', ...rest] = file.split('/')
  const name = rest.at(-1) ?? ''
  if (rest.length === 0 || !FEATURES.has(room) || ACTING.has(file)) return false
  return !/(^|-)(repository|routes)\.ts$/.test(name) && !VERBS.test(name)
}

/** Packages whose answers depend on their arguments alone. */
const PURE_PACKAGES = new Set(['valibot', 'temporal-polyfill', 'node:crypto', 'node:zlib'])

const WORLD: [RegExp, string][] = [
  [/\bDate\.now\(/, 'reads the clock (Date.now)'],
  [/\bnew Date\(\s*\)/, 'reads the clock (new Date())'],
  [/\bTemporal\.Now\b/, 'reads the clock (Temporal.Now)'],
  [/\bperformance\.now\(/, 'reads the clock (performance.now)'],
  [/\bMath\.random\(/, 'throws dice'],
  [/\b(randomBytes|randomInt|randomUUID)\b/, 'throws dice'],
  [/\bprocess\./, 'knows the process'],
  [/\b(setTimeout|setInterval|setImmediate|fetch)\(/, 'waits or asks the world'],
]

/** Pure files that import what is not pure (types alone are no import at run time), or that read the clock. */
export function purityFaults(sources: Sources): string[] {
  const faults: string[] = []
  for (const [file, text] of sources) {
    if (!isPure(file)) continue
    for (const { from, typeOnly } of importsOf(text)) {
      if (typeOnly) continue
      const isInside = from.startsWith('.')
      if (isInside && !isPure(target(file, from))) faults.push(`${file} is pure but imports ${target(file, from)}`)
      if (!isInside && !PURE_PACKAGES.has(from)) faults.push(`${file} is pure but imports ${from}`)
    }
    const code = withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    for (const [pattern, what] of WORLD) if (pattern.test(code)) faults.push(`${file} is pure but ${what}`)
  }
  return faults
}

/** Outside the pure files too, the clock is handed in; these few places are where it comes from. */
const CLOCKS = new Set(['services.ts', 'cscart/client.ts', 'demo/main.ts'])

export function clockFaults(sources: Sources): string[] {
  return [...sources]
    .filter(([file, text]) => {
      if (file.startsWith('demo/shop/') || CLOCKS.has(file)) return false
      return /\bDate\.now\(|\bnew Date\(\s*\)|\bTemporal\.Now\b/.test(withoutComments(text))
    })
    .map(([file]) => `${file} reads the clock instead of being handed it`)
}
