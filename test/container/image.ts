/**
 * Performs the Dockerfile's own steps in a clean folder, as far as they can be done without an engine: the context that
 * .dockerignore leaves, the COPYs and the npm RUN of each stage. What the test then starts is what the image would hold.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

export type Instruction = { name: string; text: string }

/** The instructions of a Dockerfile, by stage; comments left out, continuation lines joined. */
export function stagesOf(dockerfile: string): Instruction[][] {
  const lines = dockerfile
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const stages: Instruction[][] = []
  for (const line of lines) {
    const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
    if (name === 'FROM') stages.push([])
    stages.at(-1)?.push({ name, text })
  }
  return stages
}

/** What `.dockerignore` lets through: this project ignores all and names what it wants. */
export function contextEntries(dockerignore: string): string[] {
  const lines = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  if (lines[0] !== '*') throw new Error('.dockerignore must begin by leaving everything out')
  return lines.slice(1).map((line) => {
    if (!line.startsWith('!')) throw new Error(`.dockerignore: only exceptions may follow, not ${line}`)
    return line.slice(1)
  })
}

/** Builds every stage under `folder` and returns the last stage's /app. */
export function buildImage(folder: string): string {
  const context = join(folder, 'context')
  mkdirSync(context, { recursive: true })
  for (const entry of contextEntries(readFileSync(join(ROOT, '.dockerignore'), 'utf8'))) {
    if (existsSync(join(ROOT, entry))) cpSync(join(ROOT, entry), join(context, entry), { recursive: true })
  }
  const stages = stagesOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))
  const names = stages.map((stage) => / AS (\S+)$/.exec(stage[0]?.text ?? '')?.[1])
  const appOf = (index: number) => join(folder, `stage${index}`, 'app')
  stages.forEach((stage, index) => {
    mkdirSync(appOf(index), { recursive: true })
    for (const { name, text } of stage) {
      if (name === 'COPY') copy(text, context, appOf(index), (from) => join(folder, `stage${names.indexOf(from)}`))
      if (name === 'RUN') run(text, appOf(index), folder)
    }
  })
  return appOf(stages.length - 1)
}

/** Who runs what the image holds: nobody, where the test itself may do everything. */
export const WHO: { uid?: number; gid?: number } = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/**
 * Starts a command as an engine does: as process 1 of its own name space (which hears only the signals it asks for) and by WHO.
 * Where that cannot be had here, it is an ordinary process of theirs, and a warning says so.
 * @returns what was started, whose exit code is the command's, and `kill`, which sends a signal to the command itself
 */
export function startAsEngine(command: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
  const why = whyNoProcessOne()
  if (why !== undefined) {
    console.warn(why)
    const child = spawn(command, args, { ...options, ...WHO, stdio })
    return { child, kill: (signal: NodeJS.Signals) => child.kill(signal) }
  }
  const user = WHO.uid === undefined ? [] : [`--reuid=${WHO.uid}`, `--regid=${WHO.gid}`, '--clear-groups']
  const child = spawn(UNSHARE, [...OWN_NAME_SPACE, 'setpriv', ...user, '--', command, ...args], {
    ...options,
    env: { ...options.env, PATH: `${options.env.PATH}:${process.env.PATH}` },
    stdio,
  })
  const inside = () => Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'))
  return { child, kill: (signal: NodeJS.Signals) => process.kill(inside(), signal) }
}

const UNSHARE = 'unshare'
const OWN_NAME_SPACE = ['--pid', '--fork', '--kill-child']

function whyNoProcessOne(): string | undefined {
  const tried = spawnSync(UNSHARE, [...OWN_NAME_SPACE, 'setpriv', '--version'], { encoding: 'utf8' })
  return tried.status === 0 ? undefined : `no process 1 can be made here: ${tried.error?.message ?? tried.stderr}`
}

/** Where the image keeps what node makes of the sources. */
export const cacheOf = (app: string): string => join(app, '.compile-cache')

/** npm and node steps are done as they stand; making folders and giving them away is the engine's, and checked by their words. */
function run(text: string, app: string, folder: string): void {
  const warmUp = /^DATA_DIR=\/tmp\/warm-up timeout (.+) node (\S+) && rm -r \/tmp\/warm-up$/.exec(text)
  if (text.startsWith('npm ')) {
    execFileSync('npm', [...text.split(' ').slice(1), '--prefer-offline'], { cwd: app, stdio: 'pipe' })
  } else if (warmUp) {
    const [, limit = '', entry = ''] = warmUp
    const dataDir = join(folder, 'warm-up')
    // The cache lies in a folder for each user: the image is warmed up by the one who runs it.
    for (const path of [cacheOf(app), dataDir]) {
      mkdirSync(path, { recursive: true })
      if (WHO.uid !== undefined) chownSync(path, WHO.uid, WHO.uid)
    }
    const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: cacheOf(app), DATA_DIR: dataDir, PORT: '0' }
    const command = [...limit.split(' '), nodeFor(folder), entry]
    execFileSync('timeout', command, { cwd: app, env, stdio: 'pipe', ...WHO })
  } else if (text !== 'mkdir /data /app/.compile-cache && chown node:node /data /app/.compile-cache') {
    throw new Error(`the Dockerfile has a step that this test does not know: ${text}`)
  }
}

function copy(text: string, context: string, app: string, stageFolder: (name: string) => string): void {
  const words = text.split(/\s+/)
  const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined
  const target = words.pop() ?? '.'
  for (const source of words) {
    const path = from === undefined ? join(context, source) : join(stageFolder(from), source)
    cpSync(path, target.endsWith('/') ? join(app, target, source) : join(app, target), { recursive: true })
  }
}

/** Takes the right to write from everything below `folder`, as a read-only root file system does. */
export function makeReadOnly(folder: string): void {
  for (const path of [folder, ...everythingBelow(folder)]) {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat) chmodSync(path, stat.mode & 0o555)
  }
}

/** Every path below `folder`. */
export function everythingBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((entry) => join(folder, entry))
}

/** Bytes of all files below `folder`. */
export function sizeOf(folder: string): number {
  return everythingBelow(folder).reduce((sum, path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    return sum + (stat?.isFile() ? stat.size : 0)
  }, 0)
}

/** A copy of the running node in `folder`: the real one may lie where a user without rights cannot go. */
export function nodeFor(folder: string): string {
  const node = join(folder, 'node')
  if (existsSync(node)) return node
  copyFileSync(process.execPath, node)
  chmodSync(node, 0o755)
  return node
}
