/**
 * The whole program like `src/server.ts`, with a clock that goes on only when it is told to, over the control socket:
 *
 *     tick <minutes>     the clock goes on and ticks once
 *     live <minutes>     a tick for every minute; each waits until what it started is over
 *     starts             every run that was started so far, as JSON: [shop, kind, trigger, ms]
 *     most               the most runs of one shop and kind that worked at once
 *     resources          memory and what keeps the process alive, as JSON
 */
import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildApp } from '../../src/app.ts'
import { commandsOf } from '../../src/commands.ts'
import { readConfig } from '../../src/config.ts'
import { lockDataDir } from '../../src/db/lock.ts'
import { listenForCommands } from '../../src/operations/control-socket.ts'

export type Start = [shopId: number, kind: string, trigger: string, at: number]
export type Resources = { rss: number; heapUsed: number; sockets: number; wal: number; walMost: number }

const MINUTE = 60_000

const config = readConfig(process.env)
lockDataDir(config.dataDir)
const began = Date.now()
/** How far the clock has gone on, ms. It stands still between ticks, so that a start is told by its tick. */
let gone = 0
/** Not in memory, whose growth is watched. */
const STARTS = join(config.dataDir, 'starts.txt')
const working = new Map<string, number>()
let most = 0
let walMost = 0

const app = await buildApp(config, {
  now: () => new Date(began + gone),
  monotonic: () => gone,
  // The program's own log tells of starts and ends: rows of runs that found nothing are folded.
  logger: { level: 'info', stream: { write: noteStart } },
})
const { automation, runs } = app.tsunagi

function noteStart(line: string): void {
  const said: { msg?: string; shopId: number; kind: string; trigger: string } = JSON.parse(line)
  const job = `${said.shopId} ${said.kind}`
  if (said.msg === 'run ended') working.set(job, (working.get(job) ?? 0) - 1)
  if (said.msg !== 'run started') return
  const start: Start = [said.shopId, said.kind, said.trigger, began + gone]
  appendFileSync(STARTS, `${JSON.stringify(start)}\n`)
  working.set(job, (working.get(job) ?? 0) + 1)
  most = Math.max(most, working.get(job) ?? 0)
}

function walSize(): number {
  const size = statSync(join(config.dataDir, 'tsunagi.db-wal'), { throwIfNoEntry: false })?.size ?? 0
  walMost = Math.max(walMost, size)
  return size
}

const settled = async (): Promise<void> => {
  while (runs.allRunning().length > 0) await new Promise((resolve) => setTimeout(resolve, 1))
}

await listenForCommands(
  config.dataDir,
  {
    ...commandsOf(app.tsunagi),
    tick([minutes = '1']) {
      gone += Number(minutes) * MINUTE
      automation.tick()
      return ''
    },
    async live([minutes = '1']) {
      for (let minute = 0; minute < Number(minutes); minute += 1) {
        gone += MINUTE
        automation.tick()
        await settled()
        walSize()
      }
      return ''
    },
    starts: () => `[${readFileSync(STARTS, 'utf8').trim().replaceAll('\n', ',')}]`,
    most: () => String(most),
    async resources() {
      globalThis.gc?.()
      // The shops' idle connections are let go after a few seconds.
      await new Promise((resolve) => setTimeout(resolve, 6_000))
      globalThis.gc?.()
      const sockets = process.getActiveResourcesInfo().filter((name) => /TCPSocket|TLSSocket/.test(name)).length
      const { rss, heapUsed } = process.memoryUsage()
      return JSON.stringify({ rss, heapUsed, sockets, wal: walSize(), walMost })
    },
  },
  app.log,
)
await app.listen({ host: config.host, port: config.port })
const address = app.server.address()
console.log(`つなぎ を開始しました: http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`)
process.once('SIGTERM', () => {
  app.close().then(() => process.exit(0))
})
