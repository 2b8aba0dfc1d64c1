/** Button, clock and command line at once: how often each was told to start, and what came of it. */
import { queue } from '../../src/cscart/queue.ts'
import { random } from '../../src/demo/shop/generate/random.ts'
import { spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { AppError } from '../../src/errors.ts'
import { askRunningProcess } from '../../src/operations/control-socket.ts'
import { connectShop, newDataDir, recordContract, removeDataDir, withDatabase } from './data-dir.ts'
import { databaseFaults } from './judge.ts'
import { ADMIN, startServer, until } from './processes.ts'
import { type StaffBook, staffFaults, typeSomething } from './staff.ts'
import { visitor } from './visitor.ts'

/** Of the triggers of one kind: how many started a run, how many were told that one works already, and what else was said. */
export type Told = { started: number; skipped: number; other: string[] }

export type TriggerRound = {
  /** How long it took until the last of them was answered, ms. */
  tookMs: number
  button: Told
  commandLine: Told
  ticks: number
  /** Runs that were made, by trigger. */
  manual: number
  scheduled: number
  /** What must not be, in words; none is right. */
  faults: string[]
}

/** Sends `count` triggers as fast as they go: a third each by button, clock and command line, of both kinds. */
export async function triggerRound(count: number): Promise<TriggerRound> {
  const dataDir = newDataDir()
  const pretend = await spawnPretendShop({ profile: 'jp413', orders: ORDERS, statuses: ['P'] })
  const staff: StaffBook = new Map()
  const server = startServer({ dataDir, admin: true, entry: 'test/soak/ticking-server.ts' })
  try {
    const { url } = await server.ready
    const shopId = withDatabase(dataDir, (db) => {
      recordContract(db)
      return connectShop(db, pretend)
    })
    await command(dataDir, 'import')
    withDatabase(dataDir, (db) => {
      const everything = { mayCorrect: false, isOver: () => false }
      for (let turn = 0; turn < 100 && staff.size < ORDERS; turn += 1)
        typeSomething(db, random(turn), staff, everything)
    })
    // Runs work while hundreds of triggers come in.
    await pretend.call('setLatency', 120)
    const merchant = visitor(url, 100)
    await merchant.login(ADMIN)

    const buttons: Promise<string>[] = []
    const commands: Promise<string>[] = []
    const ticks: Promise<string>[] = []
    const began = performance.now()
    for (let sent = 0; sent < count; sent += 1) {
      const kind = sent % 2 === 0 ? 'import' : 'export'
      if (sent % 3 === 0)
        buttons.push(merchant.post(`/${kind}/${shopId}`).then(({ status, flash }) => `${status} ${flash}`))
      // The clock goes on by five minutes each time, so that both jobs are due at every tick.
      else if (sent % 3 === 1) ticks.push(command(dataDir, 'tick', '5'))
      else commands.push(command(dataDir, kind))
      // Sockets are opened meanwhile; else all of them would wait for the end of this loop.
      if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    const button = told(await Promise.all(buttons))
    const commandLine = told(await Promise.all(commands))
    const ticked = await Promise.all(ticks)
    const tookMs = performance.now() - began
    await pretend.call('setLatency', 0)
    await until('all runs are over', () =>
      withDatabase(
        dataDir,
        (db) => db.$client.prepare("select 1 from runs where state = 'running'").get() === undefined,
      ),
    )
    const most = await command(dataDir, 'most')
    merchant.leave()
    const twice = Object.values((await pretend.ledger()).orders)
      .filter(
        (order) =>
          new Set(order.shipments.map(({ products }) => Object.keys(products).join())).size < order.shipments.length,
      )
      .map((order) => `order ${order.orderId} was shipped twice`)
    const { code } = await server.stop()
    return {
      tookMs,
      button,
      commandLine,
      ticks: ticked.length,
      ...withDatabase(dataDir, (db) => {
        const made = (trigger: string): number =>
          Number(
            db.$client.prepare('select coalesce(sum(repeats), 0) from runs where trigger = ?').pluck().get(trigger),
          )
        const faults = [...databaseFaults(db, true), ...staffFaults(db, staff), ...twice]
        if (code !== 0) faults.push(`the process ended with ${code}`)
        if (most !== '1') faults.push(`${most} runs of one shop and kind worked at once`)
        faults.push(...ticked.filter((said) => said !== '').map((said) => `tick: ${said}`))
        return { manual: made('manual'), scheduled: made('schedule'), faults }
      }),
    }
  } finally {
    await server.kill()
    await pretend.close()
    removeDataDir(dataDir)
  }
}

const ORDERS = 12

/** A socket takes no more callers at once than its backlog, 511: the others come as soon as there is room. */
const inTurn = queue(400)

/** What the running process answered, refusals included. */
async function command(dataDir: string, ...words: string[]): Promise<string> {
  try {
    return (await inTurn(() => askRunningProcess(dataDir, words))) ?? 'nobody listens'
  } catch (error) {
    return error instanceof AppError ? error.message : `not answered: ${String(error)}`
  }
}

function told(answers: readonly string[]): Told {
  const isStart = (said: string): boolean => /^303 .*を始めました。/.test(said) || /（自動処理ログ \d+）$/.test(said)
  const isSkip = (said: string): boolean => /すでに実行中|同じ処理が実行中/.test(said)
  return {
    started: answers.filter((said) => isStart(said) && !isSkip(said)).length,
    skipped: answers.filter(isSkip).length,
    other: [...new Set(answers.filter((said) => !isStart(said) && !isSkip(said)))].slice(0, 5),
  }
}
