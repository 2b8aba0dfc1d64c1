import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { paceOf } from '../../src/db/pace.ts'

/** A database and its pace, at a time that is set by hand. */
function setUp() {
  const db = openDatabase(':memory:')
  const { $client } = db
  onTestFinished(() => void $client.close())
  let ms = 5_000
  return {
    pace: paceOf(db, () => ms),
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
