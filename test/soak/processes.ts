/** The real program as a process of its own: `node src/server.ts` in its own process group, on loopback, on any free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** Shortens the program's waits before any of its modules reads them; see impatient.ts. */
const IMPATIENT = join(import.meta.dirname, 'impatient.ts')
/** A group of its own would outlive a harness that is killed; see lifeline.ts. */
const LIFELINE = join(import.meta.dirname, 'lifeline.ts')
/** Shared by all processes of all harnesses: without it every start compiles the program anew. */
const COMPILE_CACHE = join(tmpdir(), 'tsunagi-compile-cache')

export const SECRET_KEY = 'a secret key for tests only'
export const ADMIN = { email: 'admin@example.jp', password: 'admin-password-1' }

export type StartOptions = {
  dataDir: string
  /** Waits, pauses and retries take a twentieth of their time. */
  impatient?: boolean | undefined
  /** An account is made at the first start. */
  admin?: boolean | undefined
  env?: Record<string, string> | undefined
  /** Another entry than `src/server.ts`. */
  entry?: string | undefined
  /** Further options of node's. */
  node?: readonly string[] | undefined
  /** Another program in front of node, such as `['faketime', '-f', '+1d']`. */
  wrapper?: readonly string[] | undefined
}

export type Ended = { code: number | null; signal: NodeJS.Signals | null; at: number }
export type Server = ReturnType<typeof startServer>

/** Starts the program. `ready` rejects where it ends before it listens. */
export function startServer(options: StartOptions) {
  mkdirSync(COMPILE_CACHE, { recursive: true })
  const { entry = 'src/server.ts', wrapper = [], impatient, admin, env } = options
  const node = [
    process.execPath,
    '--max-semi-space-size=4',
    '--max-old-space-size=1024',
    '--no-warnings',
    ...(options.node ?? []),
    '--import',
    LIFELINE,
    ...(impatient ? ['--import', IMPATIENT] : []),
    entry,
  ]
  const [command = process.execPath, ...args] = [...wrapper, ...node]
  const startedAt = performance.now()
  const child = spawn(command, args, {
    cwd: ROOT,
    // A group of its own: a kill reaches whatever it may have started.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      MALLOC_ARENA_MAX: '1',
      DATA_DIR: options.dataDir,
      SECRET_KEY,
      ALLOW_PRIVATE_STORES: '1',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
      ...(admin ? { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password } : {}),
      ...env,
    },
  })
  const said = keepSaid(child)
  const exited = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal, at: performance.now() }))
  })
  const ready = new Promise<{ url: string; ms: number }>((resolve, reject) => {
    said.on(() => {
      const url = /開始しました: (http:\S+?)\/?\s/.exec(said.text())?.[1]
      if (url) resolve({ url, ms: performance.now() - startedAt })
    })
    exited.then(
      ({ code, signal }) =>
        reject(new Error(`the program ended with ${code ?? signal} before it listened: ${said.text()}`)),
      reject,
    )
  })
  // Whoever kills it during its start does not wait for it to be ready.
  ready.catch(() => {})

  const signal = (name: NodeJS.Signals): void => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    try {
      process.kill(-child.pid, name)
    } catch (error) {
      // It ended by itself a moment ago.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }

  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    /** Everything that it printed so far. */
    said: said.text,
    isAlive: (): boolean => child.exitCode === null && child.signalCode === null,
    signal,
    /** SIGKILL to the whole group; resolves when it is gone. */
    async kill(): Promise<Ended> {
      signal('SIGKILL')
      return exited
    },
    /** SIGTERM; resolves when it is gone, by itself or, after 15 s, by force. */
    async stop(): Promise<Ended> {
      signal('SIGTERM')
      const force = setTimeout(() => signal('SIGKILL'), 15_000)
      const ended = await exited
      clearTimeout(force)
      return ended
    },
  }
}

/** The newest half megabyte of both streams. */
function keepSaid(child: ChildProcess) {
  let text = ''
  const listeners: (() => void)[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-500_000)
      for (const listener of listeners) listener()
    })
  }
  return { text: () => text, on: (listener: () => void) => listeners.push(listener) }
}

/** Asks until the answer is as wanted. @throws Error after `withinMs` */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 20_000,
  everyMs = 50,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
