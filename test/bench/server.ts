import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'undici'
import { freePort } from '../support/free-port.ts'
import type { Report } from './served.ts'
import { ADMIN, SECRET_KEY } from './world.ts'

const ROOT = join(import.meta.dirname, '../..')
const { scripts }: { scripts: { start: string } } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
/** `npm start` without npm. */
const START = scripts.start.replace('exec node', 'exec "$0"')

export type Server = Awaited<ReturnType<typeof startServer>>

export type ServerOptions = {
  dataDir: string
  env?: Record<string, string>
  /** true: with the watch over the event loop. */
  watched?: boolean
}

/** Starts the real process as `npm start` does and waits for its /readyz. `readyMs`: from the spawn to the first 200. */
export async function startServer({ dataDir, env = {}, watched = false }: ServerOptions) {
  const port = await freePort()
  const began = performance.now()
  const command = watched ? START.replace('src/server.ts', 'test/bench/served.ts') : START
  const child = spawn('sh', ['-c', command, process.execPath], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      DATA_DIR: dataDir,
      SECRET_KEY,
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ALLOW_PRIVATE_STORES: '1',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit', watched ? 'ipc' : 'ignore'],
  })
  // A benchmark that is broken off leaves no server behind.
  const killIt = () => child.kill('SIGKILL')
  process.once('exit', killIt)
  let isGone = false
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      isGone = true
      process.off('exit', killIt)
      resolve(code)
    })
  })
  const origin = `http://127.0.0.1:${port}`
  while (!(await isReady(origin))) {
    if (isGone) throw new Error('the server ended before it was ready')
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  const readyMs = performance.now() - began

  const ask = (what: 'reset' | 'report') =>
    new Promise<unknown>((resolve) => {
      child.once('message', resolve)
      child.send(what)
    })

  return {
    origin,
    readyMs,
    reset: async (): Promise<void> => void (await ask('reset')),
    async report(): Promise<Report> {
      const told = await ask('report')
      if (!isReport(told)) throw new Error('the server told something else')
      return told
    },
    /** Ends it by a signal. @returns exit code and how long it took, in ms */
    async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; ms: number }> {
      const asked = performance.now()
      child.kill(signal)
      return { code: await ended, ms: performance.now() - asked }
    },
  }
}

const isReport = (told: unknown): told is Report => typeof told === 'object' && told !== null && 'rssMb' in told

async function isReady(origin: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${origin}/readyz`)
    return ok
  } catch {
    return false
  }
}

export type Browser = ReturnType<typeof browser>

/** A person who is logged in, over connections that stay open. */
export function browser(origin: string, connections: number) {
  const pool = new Pool(origin, { connections, pipelining: 1 })
  const cookies = new Map<string, string>()

  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')

  async function send(method: 'GET' | 'POST', path: string, fields?: Record<string, string>) {
    const { statusCode, headers, body } = await pool.request({
      method,
      path,
      headers: { cookie: cookie(), ...(fields ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
      body: fields ? new URLSearchParams(fields).toString() : null,
    })
    const text = await body.text()
    for (const cookie of [headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = (cookie.split(';', 1)[0] ?? '').split(/=(.*)/s)
      cookies.set(name, value)
    }
    return { status: statusCode, text }
  }

  return {
    origin,
    /** The cookies that a request of this person carries. */
    cookie,
    get: (path: string) => send('GET', path),
    /** Sends a form with the token of the page on which it stands. */
    async post(page: string, path: string, fields: Record<string, string> = {}): Promise<void> {
      const token = /name="_csrf" value="([^"]*)"/.exec((await send('GET', page)).text)?.[1] ?? ''
      const { status } = await send('POST', path, { _csrf: token, ...fields })
      if (status !== 303) throw new Error(`POST ${path} was answered with ${status}`)
    },
    logIn(): Promise<void> {
      return this.post('/login', '/login', ADMIN)
    },
    close: () => pool.destroy(),
  }
}
