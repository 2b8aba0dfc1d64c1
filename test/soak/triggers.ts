/** Button, clock and command line at once: how often each was told to start, and what came of it. */
import { random } from '../../src/demo/shop/generate/random.ts'
import { spawnPretendShop } from '../../src/demo/shop/remote.ts'
import { AppError } from '../../src/errors.ts'
import { askRunningProcess, socketPath } from '../../src/operations/control-socket.ts'
import { barrage } from './barrage.ts'
import { connectShop, newDataDir, recordContract, removeDataDir, withDatabase } from './data-dir.ts'
import { databaseFaults } from './judge.ts'
import { ADMIN, startServer, until } from './processes.ts'
import { type StaffBook, staffFaults, typeSomething } from './staff.ts'
import { FLASH, flashOf, visitor } from './visitor.ts'

/** Of the triggers of one kind: how many started a run, how many were told that one works already, and what else was said. */
export type Told = { started: number; skipped: number; other: string[] }

export type TriggerRound = {
  /** How long it took until all of them were on their way, and until the last of them was answered, ms. */
  sentMs: number
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

/** Sends `count` triggers all at once: a third each by button, clock and command line, of both kinds. */
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
    await pretend.call('setLatency', 4)
    const merchant = visitor(url)
    await merchant.login(ADMIN)

    const kindOf = (place: number) => (place % 2 === 0 ? 'import' : 'export')
    const third = (begin: number) =>
      Array.from({ length: Math.ceil((count - begin) / 3) }, (_, turn) => kindOf(begin + 3 * turn))
    const presses = third(0).map((kind) => merchant.formAsBytes(`/${kind}/${shopId}`))
    // The clock goes on by five minutes each time, so that both jobs are due at every tick.
    const ticks = third(1).map(() => ['tick', '5'])
    const typed = third(2).map((kind) => [kind])
    // By turns, as far as one socket of commands can be: a tick, a command, a tick …
    const words = ticks.flatMap((tick, turn) => [tick, ...typed.slice(turn, turn + 1)])

    const began = performance.now()
    const volleys = [
      barrage({ host: '127.0.0.1', port: Number(new URL(url).port) }, presses),
      barrage({ path: socketPath(dataDir) }, words.map(commandAsBytes)),
    ] as const
    await Promise.all(volleys.map(({ sent }) => sent))
    const sentMs = performance.now() - began
    const [pressed, commanded] = await Promise.all([volleys[0].answers, volleys[1].answers])
    const tookMs = performance.now() - began
    const saidTo = (asked: string) =>
      commanded.map(wordsOf).filter((_, place) => (words[place]?.[0] === 'tick') === (asked === 'tick'))
    const button = told(pressed.map(flashOfAnswer))
    const commandLine = told(saidTo('command line'))
    const ticked = saidTo('tick')
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
      sentMs,
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

/** What the running process answered, refusals included. */
async function command(dataDir: string, ...words: string[]): Promise<string> {
  try {
    return (await askRunningProcess(dataDir, words)) ?? 'nobody listens'
  } catch (error) {
    return error instanceof AppError ? error.message : `not answered: ${String(error)}`
  }
}

/** A command as the command line sends it to the process. */
function commandAsBytes(words: string[]): string {
  const body = JSON.stringify(words)
  return `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

const wordsOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4)

/** The status of an answer, and what the next page would say at its top. */
function flashOfAnswer(answer: string): string {
  const cookie = new RegExp(`^set-cookie: ${FLASH}=([^;]+)`, 'im').exec(answer)?.[1] ?? ''
  return `${answer.slice(9, 12)} ${flashOf(cookie)}`
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
