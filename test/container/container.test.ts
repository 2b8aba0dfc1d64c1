import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { validate } from 'dockerfile-utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import {
  buildImage,
  cacheOf,
  everythingBelow,
  makeReadOnly,
  nodeFor,
  sizeOf,
  stagesOf,
  startAsEngine,
  WHO,
} from './image.ts'

const ROOT = join(import.meta.dirname, '../..')
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
const stages = stagesOf(dockerfile)
const last = stages.at(-1) ?? []
/** What the image starts, and `npm start` too. */
const COMMAND = ['node', '--max-semi-space-size=4', '--max-old-space-size=1024', 'src/server.ts']
const packages: { devDependencies: Record<string, string>; scripts: { start: string } } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
)

let folder: string
let app: string
let dataDir: string
let node: string
let server: ChildProcess | undefined

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsunagi-image-'))
  chmodSync(folder, 0o755)
  app = buildImage(folder)
  node = nodeFor(folder)
  dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  if (WHO.uid !== undefined) chownSync(dataDir, WHO.uid, WHO.uid)
}, 120_000)

afterAll(() => {
  server?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('the linter finds nothing in the Dockerfile', () => {
  expect(validate(dockerfile)).toEqual([])
})

test('compose.yaml starts that image with a root that cannot be written, and its data on a volume', () => {
  const compose = readFileSync(join(ROOT, 'compose.yaml'), 'utf8')
  expect(compose.trim().split('\n').length).toBeLessThanOrEqual(12)
  for (const line of [
    /^ {4}build: \.$/m,
    /^ {4}read_only: true$/m,
    /^ {4}restart: unless-stopped$/m,
    /^ {4}volumes: \["tsunagi-data:\/data"\]$/m,
    /^ {4}tmpfs: \["\/tmp"\]$/m,
    /^ {2}tsunagi-data:$/m,
  ]) {
    expect(compose).toMatch(line)
  }
})

test('the image is node 24 on slim Debian in every stage, and its process is that of npm start, is not root and hears signals', () => {
  expect(stages.map((stage) => stage[0]?.text.split(' ')[0])).toEqual([
    'node:24-bookworm-slim',
    'node:24-bookworm-slim',
  ])
  expect(last.find(({ name }) => name === 'USER')?.text).toBe('node')
  // The exec form: a shell as process 1 would swallow SIGTERM.
  const command: unknown = JSON.parse(last.find(({ name }) => name === 'CMD')?.text ?? '')
  expect(command).toEqual(COMMAND)
  expect(packages.scripts.start).toMatch(new RegExp(`^MALLOC_ARENA_MAX=1 .* exec ${COMMAND.join(' ')}$`))
  expect(last.filter(({ name }) => name === 'ENV').map(({ text }) => text)).toContain('MALLOC_ARENA_MAX=1')
})

test('the image holds production packages only, no tests, no history, and binaries for amd64 and arm64', () => {
  const entries = readdirSync(app).sort()
  expect(entries).toEqual(['.compile-cache', 'migrations', 'node_modules', 'package.json', 'public', 'src', 'views'])
  for (const name of Object.keys(packages.devDependencies))
    expect(readdirSync(join(app, 'node_modules'))).not.toContain(name)
  const binaries = readdirSync(join(app, 'node_modules/better-sqlite3/prebuilds'))
  expect(binaries).toContain('linux-x64.node')
  expect(binaries).toContain('linux-arm64.node')
  expect(sizeOf(app)).toBeLessThan(120 * 1024 * 1024)
})

test('it runs as process 1 and a user without rights on a read-only tree, answers its own health check, and ends in order on SIGTERM', async () => {
  makeReadOnly(app)
  const before = everythingBelow(app).length
  const port = await freePort()
  const env = { PATH: folder, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), DATA_DIR: dataDir }
  const cached = { NODE_COMPILE_CACHE: cacheOf(app), NODE_DEBUG_NATIVE: 'COMPILE_CACHE' }
  const engine = startAsEngine(node, COMMAND.slice(1), { cwd: app, env: { ...env, ...cached } })
  server = engine.child
  let output = ''
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  const healthCheck = last.find(({ name }) => name === 'HEALTHCHECK')?.text ?? ''
  const [command = '', ...args]: string[] = JSON.parse(healthCheck.slice(healthCheck.indexOf('CMD ') + 4))
  const healthy = () => spawnSync(join(folder, command), args, { env, timeout: 5_000 }).status === 0
  const deadline = Date.now() + 60_000
  while (!healthy()) {
    if (Date.now() > deadline || server.exitCode !== null) throw new Error(`not healthy:\n${output}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  // The health check held this process up: what the server printed meanwhile is still to be read.
  await expect.poll(() => output, { timeout: 10_000 }).toContain('初期設定コード')
  // Nothing of TypeScript is left to strip on a tree that keeps nothing: it would be done anew at each start.
  expect(output).toContain('[compile cache] reading cache')
  expect(output).not.toContain('no transpile cache')
  const closed = once(server, 'exit')
  const stopping = Date.now()
  engine.kill('SIGTERM')
  expect(await closed).toEqual([0, null])
  expect(Date.now() - stopping).toBeLessThan(5_000)
  expect(healthy()).toBe(false)
  expect(everythingBelow(app)).toHaveLength(before)
  expect(readdirSync(dataDir).map((name) => relative('.', name))).toContain('tsunagi.db')
}, 120_000)
