import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { paceOf } from '../../src/db/pace.ts'

test('while people look the WAL is moved in small steps, and a second after the last page as usual again', () => {
  const db = openDatabase(':memory:')
  onTestFinished(() => void db.$client.close())
  const step = () => db.$client.pragma('wal_autocheckpoint', { simple: true })
  const usual = step()
  let ms = 5_000
  const pace = paceOf(db, () => ms)
  expect([pace.isWatched(), step()]).toEqual([false, usual])

  pace.notePage()
  expect([pace.isWatched(), step()]).toEqual([true, 250])
  ms += 999
  pace.notePage()
  ms += 999
  expect([pace.isWatched(), step()]).toEqual([true, 250])
  ms += 1
  expect([pace.isWatched(), step()]).toEqual([false, usual])
  expect(usual).toBeGreaterThan(250)
})

test('who has switched checkpoints off, or made them small, keeps that', () => {
  const db = openDatabase(':memory:')
  onTestFinished(() => void db.$client.close())
  db.$client.pragma('wal_autocheckpoint = 0')
  const pace = paceOf(db, () => 0)
  pace.notePage()
  expect(db.$client.pragma('wal_autocheckpoint', { simple: true })).toBe(0)
})
