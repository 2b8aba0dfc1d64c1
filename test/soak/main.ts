/**
 * `npm run soak`: what takes longer than `npm test` may. Each part prints what it did and its seed, so that a failure can be replayed:
 *
 *     npm run soak -- --only kill-loop --kills 10000 --harnesses 4 --seed 7
 */
import { parseArgs } from 'node:util'
import type { Profile } from '../../src/demo/shop/index.ts'
import { exportCrashPoints } from '../faults/export-crash-points.ts'
import { exportFaultRound } from '../faults/export-fault-round.ts'
import { runHistories } from '../import/model.ts'
import { clockJump } from './clock-jump.ts'
import { killLoop } from './kill-loop.ts'
import { longRun } from './long-run.ts'
import { powerCuts } from './power-cut.ts'
import { recoverFromCuts } from './power-cut-recovery.ts'
import { triggerRound } from './triggers.ts'

const PROFILES: readonly Profile[] = ['jp410', 'jp413', 'v416', 'v420']
/** A harness starts anew with another shop after so many kills: a fault is then near its beginning. */
const KILLS_PER_ROUND = 100

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    kills: { type: 'string', default: '10000' },
    harnesses: { type: 'string', default: '4' },
    histories: { type: 'string', default: '10000' },
    cuts: { type: 'string', default: '3000' },
  },
})

const seed = Number(values.seed)

/** Each part resolves to what it did, in words, and what must not be. */
type Part = () => Promise<{ did: string; faults: string[] }>

const PARTS: Readonly<Record<string, Part>> = {
  'kill-loop': async () => {
    const rounds = Math.ceil(Number(values.kills) / KILLS_PER_ROUND)
    let next = 0
    const sum = { kills: 0, orders: 0, shipments: 0, lostAnswers: 0 }
    const faults: string[] = []
    const harness = async () => {
      while (next < rounds && faults.length === 0) {
        const of = seed + next++
        const kills = Math.min(KILLS_PER_ROUND, Number(values.kills))
        const round = await killLoop({ seed: of, kills }).catch((error: Error) => {
          throw new Error(`--seed ${of} --kills ${kills} ended early`, { cause: error })
        })
        sum.kills += round.kills
        sum.orders += round.orders
        sum.shipments += round.shipments
        sum.lostAnswers += round.lostAnswers
        faults.push(...round.faults.map((fault) => `--seed ${of} --kills ${kills}: ${fault}`))
        console.log(
          `  ${sum.kills} kills, ${sum.orders} orders, ${sum.shipments} shipments, ${sum.lostAnswers} lost answers`,
        )
      }
    }
    await Promise.all(Array.from({ length: Number(values.harnesses) }, harness))
    return { did: `${sum.kills} kills`, faults }
  },

  histories: async () => {
    await runHistories(Number(values.histories), seed)
    return { did: `${values.histories} shop histories`, faults: [] }
  },

  'power-cut': async () => {
    const { cuts, lossless, faults } = await powerCuts(Number(values.cuts))
    return {
      did: `${cuts} cuts of the WAL`,
      faults: lossless ? faults : [...faults, 'what was acknowledged was not on disk'],
    }
  },

  'power-cut-recovery': async () => {
    const faults: string[] = []
    for (const profile of PROFILES) faults.push(...(await recoverFromCuts(profile, 100)).faults)
    return { did: '400 exports that a power cut threw back, gone on with', faults }
  },

  triggers: async () => {
    const faults: string[] = []
    for (let round = 0; round < 10; round += 1) faults.push(...(await triggerRound(2_000)).faults)
    return { did: '20,000 triggers by button, clock and command line', faults }
  },

  clock: async () => {
    const jumps = await Promise.all([1, -1, 24, -24, 720, -720, 'month end' as const].map((by) => clockJump(by)))
    return {
      did: 'the clock of seven processes set by hours, days, months and to the end of one',
      faults: jumps.flatMap(({ faults, starts, waited }) => [
        ...faults,
        ...Object.entries(starts).flatMap(([kind, count]) =>
          count === 2 ? [] : [`${count} starts of ${kind}, not 2`],
        ),
        ...Object.entries(waited).flatMap(([kind, ms]) => (ms <= 120_000 ? [] : [`${kind} came after ${ms} ms`])),
      ]),
    }
  },

  'export-crash': async () => {
    const faults: string[] = []
    let killed = 0
    for (const profile of PROFILES) {
      for (const secondKills of [false, true]) {
        const points = await exportCrashPoints(profile, { secondKills })
        killed += points.killed
        faults.push(...points.faults)
      }
    }
    return { did: `${killed} kills at every step of an export, recovery killed too`, faults }
  },

  'export-faults': async () => {
    let tried = 0
    for (const profile of PROFILES) tried += (await exportFaultRound(profile)).tried
    return { did: `${tried} orders, each struck by one fault at one step`, faults: [] }
  },

  'long-run': async () => {
    const { runs, rss, walMost, sockets, faults } = await longRun({
      shops: 10,
      minutes: 7 * 1_440,
      report: console.log,
    })
    const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`
    const more = [
      ...(rss.after > rss.before * 1.1 ? [`memory grew from ${megabytes(rss.before)} to ${megabytes(rss.after)}`] : []),
      ...(walMost > 64 * 1024 * 1024 ? [`the WAL grew to ${megabytes(walMost)}`] : []),
      ...(sockets > 0 ? [`${sockets} sockets are left`] : []),
    ]
    return { did: `${runs} runs of ten shops in a week`, faults: [...faults, ...more] }
  },
}

const chosen = values.only === '' ? Object.keys(PARTS) : values.only.split(',')
let failed = false
for (const name of chosen) {
  const part = PARTS[name]
  if (!part) throw new Error(`--only takes ${Object.keys(PARTS).join(', ')}`)
  console.log(`${name}, seed ${seed}`)
  const began = performance.now()
  const { did, faults } = await part()
  console.log(
    `  ${did} in ${Math.round((performance.now() - began) / 1000)} s: ${faults.length === 0 ? 'all well' : `${faults.length} faults`}`,
  )
  for (const fault of faults) console.log(`  - ${fault}`)
  failed ||= faults.length > 0
}
process.exitCode = failed ? 1 : 0
