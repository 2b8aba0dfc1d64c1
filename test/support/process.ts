import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SERVER = join(import.meta.dirname, '../../src/server.ts')

export type ServerProcess = {
  child: ChildProcess
  /** Where it listens, such as `http://127.0.0.1:41234`. */
  origin: string
  port: number
  /** Everything written so far. */
  stdout: () => string
  stderr: () => string
  /** Ends it by a signal. @returns exit code and how long it took, in ms */
  stop: (signal?: NodeJS.Signals) => Promise<{ code: number | null; ms: number }>
}

/** A data folder that is removed by `remove`. */
export function tempDataDir(): { dataDir: string; remove: () => void } {
  const dataDir = mkdtempSync(join(tmpdir(), 'tsunagi-server-'))
  return { dataDir, remove: () => rmSync(dataDir, { recursive: true, force: true }) }
}

/** Only what the process needs: the settings of whoever runs the tests must not reach it. */
const environment = (env: Record<string, string>) => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  PORT: '0',
  LOG_LEVEL: 'info',
  ...env,
})

/** Runs the server until it ends by itself. */
export function runServer(env: Record<string, string>): Promise<{ code: number | null; output: string; ms: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, [SERVER], { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output, ms: performance.now() - began }))
  })
}

/** Starts the real process and waits until it says that it listens. */
export async function startServer(env: Record<string, string>, args: string[] = []): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...args, SERVER], { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /Server listening at http:\/\/127\.0\.0\.1:(\d+)/.exec(stdout)
      if (found && stdout.includes('つなぎ を開始しました')) resolve(Number(found[1]))
    })
    ended.then((code) => reject(new Error(`the server ended with ${code}:\n${stdout}\n${stderr}`)))
  })
  return {
    child,
    origin: `http://127.0.0.1:${port}`,
    port,
    stdout: () => stdout,
    stderr: () => stderr,
    async stop(signal = 'SIGTERM') {
      const began = performance.now()
      child.kill(signal)
      const code = await ended
      return { code, ms: performance.now() - began }
    },
  }
}
