import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { paceOf } from '../../src/db/pace.ts'

/** A database and its pace, at a time that is set by hand; `loop`: how long the process has been idle and at work so far. */
function setUp() {
  const db = openDatabase(':memory:')
  const { $client } = db
  onTestFinished(() => void $client.close())
  let ms = 5_000
  const loop = { idle: 60_000, active: 1_000 }
  const rests: number[] = []
  const self = {
    utilization: () => ({ ...loop }),
    sleep: async (rest: number) => void rests.push(rest),
  }
  return {
    pace: paceOf(db, () => ms, self),
    loop,
    rests,
    wait: (more: number) => {
      ms += more
    },
    checkpointAt: (pages?: number) => {
      if (pages !== undefined) $client.pragma(`wal_autocheckpoint = ${pages}`)
      return $client.pragma('wal_autocheckpoint', { simple: true })
    },
  }
}

test('while people look, and for a second after, the WAL is moved in small steps', () => {
  const { pace, wait, checkpointAt } = setUp()
  const usual = checkpointAt()
  pace.notePage()
  // Nothing works in the background yet.
  expect(checkpointAt()).toBe(usual)
  expect([pace.isWatched(), checkpointAt()]).toEqual([true, 100])
  wait(999)
  pace.notePage()
  wait(999)
  expect([pace.isWatched(), checkpointAt()]).toEqual([true, 100])
  wait(1)
  expect([pace.isWatched(), checkpointAt()]).toEqual([false, 4_000])
  pace.notePage()
  expect([pace.isWatched(), checkpointAt()]).toEqual([true, 100])
  pace.rest()
  expect(checkpointAt()).toBe(usual)
})

test('work that nobody watches moves it rarely, and leaves things as they were', () => {
  const { pace, checkpointAt } = setUp()
  const usual = checkpointAt()
  pace.rest()
  expect([pace.isWatched(), checkpointAt()]).toEqual([false, 4_000])
  pace.rest()
  pace.rest()
  expect(checkpointAt()).toBe(usual)
})

test('who has switched checkpoints off keeps that', () => {
  const { pace, checkpointAt } = setUp()
  checkpointAt(0)
  pace.notePage()
  pace.isWatched()
  pace.rest()
  expect(checkpointAt()).toBe(0)
})

/** Whether it has been given way to by now. */
function settled(way: Promise<void>): () => boolean {
  let is = false
  way.then(() => {
    is = true
  })
  return () => is
}

test('work that nobody watches gives way to nobody', async () => {
  const { pace, loop } = setUp()
  await pace.giveWay()
  loop.active += 10_000
  const isOver = settled(pace.giveWay())
  await null
  expect(isOver()).toBe(true)
})

test('pages that are asked for meanwhile are made first, up to a limit', async () => {
  const { pace, wait } = setUp()
  pace.notePage()
  const isOver = settled(pace.giveWay())
  for (let page = 0; page < 5; page += 1) {
    pace.notePage()
    await turn()
    expect(isOver()).toBe(false)
  }
  for (let quiet = 0; quiet < 3; quiet += 1) await turn()
  expect(isOver()).toBe(true)

  const crowded = settled(pace.giveWay())
  for (let page = 0; page < 5; page += 1) {
    pace.notePage()
    wait(5)
    await turn()
  }
  await turn()
  expect(crowded()).toBe(true)
})

/** Work that is watched: `work` says how long it rested after a step of so many ms, in which so many were idle. */
function watchedWork() {
  const { pace, loop, rests } = setUp()
  const work = async (active: number, idle = 0) => {
    loop.active += active
    loop.idle += idle
    pace.notePage()
    await pace.giveWay()
    return rests.splice(0).map((ms) => Math.round(ms * 10) / 10)
  }
  const begin = async (steps: number) => {
    for (let step = 0; step < steps; step += 1) await work(0)
  }
  return { pace, work, begin }
}

test('the first 60 steps rest twice as long as they took; so does the next work', async () => {
  const { pace, work, begin } = watchedWork()
  // What was before it began to be watched is owed by nobody.
  expect(await work(5_000)).toEqual([])
  expect(await work(7)).toEqual([14])
  expect(await work(7, 4)).toEqual([10])
  await begin(56)
  expect([await work(7), await work(7)]).toEqual([[14], [3]])
  pace.rest()
  expect(await work(7)).toEqual([14])
})

test('after 70 ms at work 30 ms of rest are owed, less what was idle, and 20 at most at a time', async () => {
  const { work, begin } = watchedWork()
  await begin(60)
  expect(await work(28, 0)).toEqual([12])
  expect(await work(28, 2)).toEqual([10])
  expect(await work(28, 500)).toEqual([])
  expect(await work(500, 0)).toEqual([20])
  // Less than a millisecond is not worth a timer, but it is not forgotten.
  expect(await work(2, 0)).toEqual([])
  expect(await work(2, 0)).toEqual([1.7])
})

test('all that work in the background rest at the same time', async () => {
  const { pace, loop, rests } = setUp()
  pace.notePage()
  await pace.giveWay()
  loop.active += 28
  await Promise.all([pace.giveWay(), pace.giveWay(), pace.giveWay()])
  expect(rests).toHaveLength(1)
})
