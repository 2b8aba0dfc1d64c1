/**
 * The operator's command line. It asks the process that runs on DATA_DIR; only where none runs does it open the database itself.
 */
import { ConfigError, readConfig } from './config.ts'
import { lockDataDir } from './db/lock.ts'
import { AppError } from './errors.ts'
import { askRunningProcess, runCommand } from './operations/control-socket.ts'

async function main(words: string[]): Promise<string> {
  const config = readConfig(process.env)
  const answer = await askRunningProcess(config.dataDir, words)
  if (answer !== undefined) return answer
  const unlock = lockDataDir(config.dataDir)
  try {
    const [{ buildApp }, { commandsOf }] = await Promise.all([import('./app.ts'), import('./commands.ts')])
    const app = await buildApp(config, { logger: { level: 'warn', stream: process.stderr } })
    try {
      return await runCommand(commandsOf(app.tsunagi), words)
    } finally {
      await app.close()
    }
  } finally {
    unlock()
  }
}

const words = process.argv.slice(2)
try {
  if (words.length === 0) throw new AppError('invalid', (await import('./commands.ts')).USAGE)
  console.log(await main(words))
} catch (error) {
  if (!(error instanceof AppError) && !(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
