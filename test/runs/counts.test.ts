import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CsCartError } from '../../src/errors.ts'
import { type NewRunItem, OUTCOMES } from '../../src/runs/run.ts'
import { cancelRun, type RunHandle } from '../../src/runs/start-run.ts'
import { countsAndItems, runsBench } from './support.ts'

const item = fc.record({
  outcome: fc.constantFrom(...OUTCOMES),
  count: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
  csCartOrderId: fc.option(fc.integer({ min: 1, max: 99_999 })),
})

type Step =
  | { do: 'record' | 'rolled_back'; items: NewRunItem[] }
  | { do: 'found'; n: number }
  | { do: 'cancel' | 'interrupt' | 'shop_fails' | 'bug' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('record' as const), items: fc.array(item, { maxLength: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('found' as const), n: fc.nat(9_999) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('rolled_back' as const), items: fc.array(item, { maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'interrupt', 'shop_fails', 'bug') }) },
)

test('whatever happens in whatever order, counts equal items, no run stays 実行中 and one runs at a time', async () => {
  const bench = runsBench()
  const perform = (run: RunHandle, one: Step) => {
    switch (one.do) {
      case 'record':
        return run.record(one.items)
      case 'found':
        return run.found(one.n)
      case 'cancel':
        return cancelRun(bench.deps, run.id)
      case 'interrupt':
        return bench.runs.interruptRunning(bench.clock.now().getTime())
      case 'shop_fails':
        throw new CsCartError('unavailable')
      case 'bug':
        throw new Error('a bug')
      case 'rolled_back':
        return rollBack(() => run.record(one.items))
    }
  }
  const rollBack = (write: () => void) => {
    const attempt = bench.db.$client.transaction(() => {
      write()
      throw new RangeError('rolled back')
    })
    try {
      attempt()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), async (histories) => {
      for (const steps of histories) {
        const expected = new Map<string, number>()
        const run = await bench.ended({ trigger: 'schedule' }, async (handle) => {
          for (const one of steps) {
            bench.clock.advance(100)
            expect(bench.start().started).toBe(false)
            perform(handle, one)
            if (one.do === 'interrupt') return
            if (one.do !== 'record') continue
            for (const each of one.items) {
              expected.set(each.outcome, (expected.get(each.outcome) ?? 0) + (each.count ?? 1))
            }
          }
        })
        expect(run.state).not.toBe('running')
        // A folded run comes back as the row that it went into.
        if (run.repeats === 1) for (const outcome of OUTCOMES) expect(run[outcome]).toBe(expected.get(outcome) ?? 0)
        expect(bench.runs.allRunning()).toEqual([])
      }
      expect(countsAndItems(bench)).toEqual([])
    }),
    { numRuns: 100 },
  )
  bench.close()
})
