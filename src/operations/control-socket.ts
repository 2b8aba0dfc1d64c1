import { rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { AppError } from '../errors.ts'

/** Not by `import`: that reads every export of node:http, WebSocket and its whole family too, for 50 ms and 13 MB. */
const { createServer, request } = process.getBuiltinModule('node:http')

/** The operator's commands by name: words in, the lines to print out. */
export type Commands = Record<string, (args: string[]) => Promise<string> | string>

type Log = { warn: (fields: object, message: string) => void }

/** The socket lies in the data folder: who may read that folder may give commands, and nobody else can reach it. */
export const socketPath = (dataDir: string) => join(dataDir, 'control.sock')

/**
 * Lets the command line ask the running process, so that there is one writer of the database.
 * Call it only while holding the lock of `dataDir`: a socket that a killed process left behind is removed.
 * @returns a function that stops listening
 */
export async function listenForCommands(dataDir: string, commands: Commands, log: Log): Promise<() => Promise<void>> {
  const path = socketPath(dataDir)
  rmSync(path, { force: true })
  const server = createServer((incoming, answer) => {
    const reply = (status: number, output: string) => {
      answer.statusCode = status
      answer.setHeader('Content-Type', 'text/plain; charset=utf-8').end(output)
    }
    runPosted(commands, incoming).then(
      (output) => reply(200, output),
      (error: unknown) => {
        if (!(error instanceof AppError)) log.warn({ err: error }, 'a command failed')
        reply(
          422,
          error instanceof AppError ? error.message : '想定外のエラーです。サーバーの記録（ログ）を確認してください。',
        )
      },
    )
  })
  try {
    await listen(server, path)
  } catch (error) {
    // Some file systems (and very long paths) have no sockets; everything but the command line works without.
    log.warn({ err: error, path }, 'the command line cannot reach this process')
  }
  return () =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}

async function runPosted(commands: Commands, incoming: NodeJS.ReadableStream): Promise<string> {
  const words: unknown = JSON.parse(await text(incoming))
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string'))
    throw new AppError('invalid', '命令を読めません。')
  return runCommand(commands, words)
}

/**
 * Runs one command here.
 * @param words its name and its arguments
 * @throws AppError('invalid') with the list of commands when there is none of that name
 */
export async function runCommand(commands: Commands, [name = '', ...args]: string[]): Promise<string> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new AppError('invalid', `使える命令: ${Object.keys(commands).join(', ')}`)
  return command(args)
}

/**
 * Asks the process that runs on `dataDir`.
 * @returns its output, or undefined where no process listens
 * @throws AppError with the process's own words when it refuses
 */
export function askRunningProcess(dataDir: string, words: string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: socketPath(dataDir), method: 'POST', path: '/' }, (answer) => {
      text(answer).then((output) => {
        if (answer.statusCode === 200) resolve(output)
        else reject(new AppError('invalid', output))
      }, reject)
    })
    asking.on('error', (error) => {
      const code = 'code' in error ? error.code : ''
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(undefined)
      else reject(error)
    })
    asking.end(JSON.stringify(words))
  })
}
