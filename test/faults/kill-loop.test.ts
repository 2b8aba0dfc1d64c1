import { expect, test } from 'vitest'
import { killLoop } from '../soak/kill-loop.ts'

/** Printed with each failure: `npm run soak -- --only kill-loop --seed <seed> --kills 50` plays it again. */
const seed = Math.floor(Math.random() * 1_000_000)

// Ten thousand kills, in several harnesses at once, are part of `npm run soak`.
test('after a hundred kills at random moments no order is lost or doubled, and each parcel is in the shop once', async () => {
  const rounds = await Promise.all([killLoop({ seed, kills: 50 }), killLoop({ seed: seed + 1, kills: 50 })])
  for (const round of rounds) {
    expect(round).toMatchObject({ kills: 50, faults: [] })
    // A loop in which nothing was going on would prove nothing.
    expect(round.duringStart).toBeGreaterThan(4)
    expect(round.interrupted).toBeGreaterThan(4)
    expect(round.orders).toBeGreaterThan(15)
    expect(round.typed).toBeGreaterThan(8)
    expect(round.shipments).toBeGreaterThan(5)
  }
  expect(rounds.reduce((sum, round) => sum + round.lostAnswers, 0)).toBeGreaterThan(3)
}, 300_000)
