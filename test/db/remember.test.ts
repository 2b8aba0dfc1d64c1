import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { inBulk, ofRuns, remembering } from '../../src/db/remember.ts'

/** A database with a reader of status names that counts how often it really read. */
function setUp() {
  const file = join(mkdtempSync(join(tmpdir(), 'tsunagi-remember-')), 'tsunagi.db')
  const db = openDatabase(file)
  onTestFinished(() => void db.$client.close())
  const select = db.$client.prepare<[number], string>('select name from order_statuses where id = ?').pluck()
  let reads = 0
  const name = remembering(db)((id: number) => {
    reads += 1
    return select.get(id)
  })
  const rename = (to: string, client = db.$client) =>
    client.prepare('update order_statuses set name = ? where id = 1').run(to)
  return { file, db, name, rename, reads: () => reads }
}

/** The clock by which answers lag stands still, and so does chance. @param chance what `Math.random` says */
function setClockByHand(chance: number): void {
  vi.useFakeTimers({ toFake: ['performance'] })
  const random = vi.spyOn(Math, 'random').mockReturnValue(chance)
  onTestFinished(() => {
    vi.useRealTimers()
    random.mockRestore()
  })
}

test('what was read is kept until something is written, for each argument', () => {
  const { name, rename, reads } = setUp()
  const first = name(1)
  expect([name(1), name(1), name(2) === first, name(2) === first]).toEqual([first, first, false, false])
  expect(name(99)).toBeUndefined()
  expect(name(99)).toBeUndefined()
  expect(reads()).toBe(3)
  rename('新しい名前')
  expect(name(1)).toBe('新しい名前')
  expect(reads()).toBe(4)
})

test('another connection writes, and it is read anew', () => {
  const { file, name, rename } = setUp()
  expect(name(1)).not.toBe('よその名前')
  const other = new Database(file)
  rename('よその名前', other)
  other.close()
  expect(name(1)).toBe('よその名前')
})

test('nothing is kept of a transaction that was undone', () => {
  const { db, name, rename } = setUp()
  const before = name(1)
  const undone = db.$client.transaction(() => {
    rename('取り消す名前')
    expect(name(1)).toBe('取り消す名前')
    throw new Error('undo')
  })
  expect(undone).toThrow('undo')
  expect(name(1)).toBe(before)
})

test('the beginning of a run leaves what is kept of anything else as it is', () => {
  const { db, name, rename } = setUp()
  const apart = remembering(db, { withoutRuns: true })((id: number) => ({ name: name(id) }))
  const [before, kept] = [name(1), apart(1)]
  ofRuns(db, () => rename('走り出した'))
  expect(name(1)).toBe('走り出した')
  expect(apart(1)).toBe(kept)
  expect(kept.name).toBe(before)
  rename('次の名前')
  expect(apart(1).name).toBe('次の名前')
})

test('what takes long to read is read more rarely while much is written', () => {
  const { db, rename } = setUp()
  setClockByHand(0)
  let reads = 0
  const slow = remembering(db)((tookMs: number) => {
    vi.advanceTimersByTime(tookMs)
    reads += 1
  })
  /** How long an answer that took so long to read is kept while things are written in bulk, ms. */
  const keptFor = (tookMs: number): number => {
    slow(tookMs)
    const after = reads
    let ms = 0
    for (; reads === after; ms += 100) {
      inBulk(db, () => rename(`${ms}`))
      vi.advanceTimersByTime(100)
      slow(tookMs)
    }
    return ms
  }
  expect([0, 4, 8, 20, 200].map(keptFor)).toEqual([500, 500, 1_000, 2_500, 2_500])
})

test('what is written in bulk is seen a second later at the latest, anything else at once', () => {
  const { db, name, rename, reads } = setUp()
  setClockByHand(0.998)
  inBulk(db, () => rename('一つ目'))
  expect(name(1)).toBe('一つ目')

  inBulk(db, () => rename('二つ目'))
  vi.advanceTimersByTime(998)
  expect(name(1)).toBe('一つ目')
  vi.advanceTimersByTime(2)
  expect(name(1)).toBe('二つ目')
  vi.advanceTimersByTime(5_000)
  expect(name(1)).toBe('二つ目')
  expect(reads()).toBe(2)

  // Read long ago, but nothing was written since; what is written now is seen at once.
  inBulk(db, () => rename('三つ目'))
  expect(name(1)).toBe('三つ目')
  inBulk(db, () => rename('四つ目'))
  expect(name(1)).toBe('三つ目')
  // Somebody saves something else, or the run ends: everything is read anew.
  db.$client.prepare('update order_statuses set position = position where id = 2').run()
  expect(name(1)).toBe('四つ目')
})

test('bulk work that fails and is undone leaves the right answer', () => {
  const { db, name, rename } = setUp()
  const before = name(1)
  const undone = () =>
    inBulk(db, () =>
      db.$client.transaction(() => {
        rename('取り消す名前')
        throw new Error('undo')
      })(),
    )
  expect(undone).toThrow('undo')
  expect(name(1)).toBe(before)
  rename('保存した名前')
  expect(name(1)).toBe('保存した名前')
})

test('who asks while an asynchronous reader reads waits for the same answer; a failure is not kept', async () => {
  const { db, rename } = setUp()
  const open: PromiseWithResolvers<string>[] = []
  const slow = remembering(db)((_id: number) => {
    const answer = Promise.withResolvers<string>()
    open.push(answer)
    return answer.promise
  })
  const [first, second] = [slow(1), slow(1)]
  inBulk(db, () => rename('まだ読んでいる'))
  expect([second, slow(1)]).toEqual([first, first])
  open[0]?.reject(new Error('unreadable'))
  await expect(first).rejects.toThrow('unreadable')
  expect(open).toHaveLength(1)

  const third = slow(1)
  rename('書きかえた')
  const fourth = slow(1)
  expect(fourth).not.toBe(third)
  open[1]?.reject(new Error('too late'))
  await expect(third).rejects.toThrow('too late')
  open[2]?.resolve('読めた')
  expect(await slow(1)).toBe('読めた')
  expect(open).toHaveLength(3)
})

/** A reader that takes as long as it is told to, with a clock that is set by hand. */
function slowReader() {
  const { db, rename } = setUp()
  setClockByHand(0)
  const open: PromiseWithResolvers<number>[] = []
  const read = remembering(db)(() => {
    const answer = Promise.withResolvers<number>()
    open.push(answer)
    return answer.promise
  })
  return {
    read,
    rename,
    reads: () => open.length,
    /** Ends the reading under way after so many ms. */
    async answer(ms: number) {
      vi.advanceTimersByTime(ms)
      open.at(-1)?.resolve(open.length)
      await open.at(-1)?.promise
    },
    fail: () => open.at(-1)?.reject(new Error('unreadable')),
    /** So many ms go by, and something is written in bulk. */
    bulk(ms: number) {
      vi.advanceTimersByTime(ms)
      inBulk(db, () => rename(`${performance.now()}`))
    },
  }
}

test('an asynchronous answer lags as long as one that took as long to read', async () => {
  const { read, reads, answer, bulk } = slowReader()
  read()
  await answer(8)
  bulk(999)
  read()
  expect(reads()).toBe(1)
  bulk(1)
  read()
  expect(reads()).toBe(2)
})

test('while a costly answer is read anew, the one before stands in for as long again, but not after any other write', async () => {
  const { read, reads, answer, bulk, rename, fail } = slowReader()
  read()
  await answer(8)
  bulk(1_000)
  expect([await read(), await read(), reads()]).toEqual([1, 1, 2])
  await answer(8)
  expect([await read(), reads()]).toEqual([2, 2])

  // One that failed leaves nothing behind: the next who asks reads it, and waits.
  bulk(1_000)
  expect([await read(), reads()]).toEqual([2, 3])
  fail()
  await new Promise(setImmediate)
  const waiting = read()
  expect(reads()).toBe(4)
  await answer(8)
  expect(await waiting).toBe(4)

  // Nobody asked for long: what was kept is too old to stand in.
  bulk(2_000)
  const late = read()
  expect(reads()).toBe(5)
  await answer(8)
  expect(await late).toBe(5)

  rename('保存した名前')
  const after = read()
  await answer(8)
  expect(await after).toBe(6)
})

test('for a cheap answer nothing stands in', async () => {
  const { read, answer, bulk } = slowReader()
  read()
  await answer(4)
  bulk(500)
  const next = read()
  await answer(4)
  expect(await next).toBe(2)
})
