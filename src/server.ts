import { registerHooks } from 'node:module'
import type { FastifyInstance } from 'fastify'
import { type Config, ConfigError, readConfig } from './config.ts'
import { lockDataDir } from './db/lock.ts'
import { AppError } from './errors.ts'
import { listenForCommands } from './operations/control-socket.ts'

/** An orderly end takes this long at most; container engines kill after ten seconds. */
const CLOSE_MS = 5_000
/** What was missed while the process was down is caught up so long after it listens: whoever waits for a page comes first. */
const FIRST_TICK_MS = 200

/** What is wrong before there is a log goes to the console, in words. */
function refuse(message: string): never {
  console.error(message)
  process.exit(1)
}

function inWords(error: unknown): never {
  if (error instanceof ConfigError || error instanceof AppError) refuse(error.message)
  throw error
}

function start(): { config: Config; unlock: () => void } {
  try {
    const config = readConfig(process.env)
    return { config, unlock: lockDataDir(config.dataDir) }
  } catch (error) {
    return inWords(error)
  }
}

/** Stops in order: no new work, requests under way are answered, the database is closed, the folder is free again. */
function closer(app: FastifyInstance, unlock: () => void): (why: string, exitCode: number) => void {
  let closing = false
  return (why, exitCode) => {
    if (closing) return
    closing = true
    app.log.info({ why }, 'closing')
    setTimeout(() => {
      app.log.fatal('closing took too long')
      process.exit(1)
    }, CLOSE_MS).unref()
    app.close().then(
      () => {
        unlock()
        process.exit(exitCode)
      },
      (error: unknown) => {
        app.log.fatal({ err: error }, 'closing failed')
        process.exit(1)
      },
    )
  }
}

function greet(app: FastifyInstance, config: Config): void {
  const bound = app.server.address()
  const port = typeof bound === 'object' && bound ? bound.port : config.port
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const url = (config.publicUrl ?? `http://${host}:${port}`).replace(/\/+$/, '')
  console.log(`つなぎ を開始しました: ${url}/`)
  if (app.tsunagi.accounts.any()) return
  console.log(`初期設定コード: ${app.tsunagi.setupCode}`)
  console.log(`${url}/setup を開き、このコードで最初の管理者を作ってください。`)
}

// As process 1 of a container, nothing else ends us before the program's own handlers are there.
const endEarly = () => process.exit(0)
process.on('SIGTERM', endEarly)
process.on('SIGINT', endEarly)

// Node would ask the disk for each of our hundreds of imports what they say themselves: a tenth of the time until all are read.
registerHooks({
  resolve: (specifier, { parentURL }, next) =>
    parentURL && /^\.{1,2}\/.*\.ts$/.test(specifier)
      ? { url: new URL(specifier, parentURL).href, format: 'module-typescript', shortCircuit: true }
      : next(specifier),
})

// Configuration and lock come before the program's other modules are read, so that a mistake is told at once.
const { config, unlock } = start()
const [{ buildApp }, { commandsOf }] = await Promise.all([import('./app.ts'), import('./commands.ts')])
const app = await buildApp(config).catch(inWords)
const close = closer(app, unlock)

process.off('SIGTERM', endEarly)
process.off('SIGINT', endEarly)
process.on('SIGTERM', () => close('SIGTERM', 0))
process.on('SIGINT', () => close('SIGINT', 0))
process.on('unhandledRejection', (error) => {
  app.log.fatal({ err: error }, 'unhandled rejection')
  close('unhandledRejection', 1)
})
process.on('uncaughtException', (error) => {
  app.log.fatal({ err: error }, 'uncaught exception')
  close('uncaughtException', 1)
})

const stopCommands = await listenForCommands(config.dataDir, commandsOf(app.tsunagi), app.log)
app.addHook('onClose', stopCommands)
let firstTick: NodeJS.Timeout | undefined
app.addHook('preClose', async () => clearTimeout(firstTick))

try {
  await app.listen({ host: config.host, port: config.port })
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error
  refuse(`${config.host}:${config.port} で待ち受けできません（${code}）。HOST と PORT を確かめてください。`)
}
firstTick = setTimeout(() => app.tsunagi.automation.start(), FIRST_TICK_MS)
greet(app, config)
