/**
 * One export of everything that is due, in a process that kills itself at its k-th step: after the k-th answer of the shop or
 * commit of the database, whichever comes. Ends with 0 when the export ended before that.
 *
 *     node test/faults/export-crash-child.ts <database file> <k> [recover]
 */
import { openDatabase } from '../../src/db/open.ts'
import { startExport } from '../../src/export/start-export.ts'
import { exportServices, startUp } from '../export/services.ts'

const [file = '', k = '0', mode = 'export'] = process.argv.slice(2)
let steps = 0
const step = (): void => {
  steps += 1
  if (steps === Number(k)) process.kill(process.pid, 'SIGKILL')
}

const db = openDatabase(file)
countCommits()
const services = exportServices(db)
const [shop] = services.shops.list()
if (!shop) throw new Error('no shop')
const { clientFor } = services.exports
services.exports.clientFor = (of) => answering(clientFor(of))

if (mode === 'recover') {
  await startUp(services)
} else {
  const started = startExport(services.start, shop, 'manual')
  if (started.started) await started.done
}
await services.closeClients()

/** Every write of better-sqlite3 is a transaction or a statement outside one. */
function countCommits(): void {
  const client = db.$client
  const statement = Object.getPrototypeOf(client.prepare('select 1'))
  const run = statement.run
  statement.run = function (...args: unknown[]) {
    const result = run.apply(this, args)
    // `commit` itself is no step of ours here: better-sqlite3 runs it outside this method.
    if (!client.inTransaction) step()
    return result
  }
  const transaction = client.transaction.bind(client)
  const counted = (made: (...args: never[]) => unknown) => {
    const call = function (this: unknown, ...args: never[]) {
      const outer = client.inTransaction
      const result = made.apply(this, args)
      if (!outer) step()
      return result
    }
    return call
  }
  Object.assign(client, {
    transaction(work: Parameters<typeof transaction>[0]) {
      const made = transaction(work)
      const call = counted(made)
      return Object.assign(call, {
        deferred: counted(made.deferred),
        immediate: counted(made.immediate),
        exclusive: counted(made.exclusive),
      })
    },
  })
}

/** The client, with a step after each answer, good or bad. */
function answering<T extends ReturnType<typeof clientFor>>(client: T): T {
  return new Proxy(client, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(method, target, args)
        if (name === 'recorded') return answering(answer as T)
        return answer instanceof Promise ? answer.finally(step) : answer
      }
    },
  })
}
