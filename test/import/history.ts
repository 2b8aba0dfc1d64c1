import fc from 'fast-check'
import type { Profile } from '../../src/demo/shop/types.ts'

/** What happens in the shop. `at` picks one of its orders. */
export type Change =
  | { kind: 'create'; status: string; daysLate: number }
  | { kind: 'status'; at: number; to: string }
  /** Staff edit the order: its total differs, `updated_at` moves. */
  | { kind: 'edit'; at: number }
  /** Staff write a note: neither total nor `updated_at` moves. */
  | { kind: 'note'; at: number }
  | { kind: 'remove'; at: number }

export type Meanwhile = { afterList: number; change: Change }

export type Step =
  | { do: 'wait'; minutes: number }
  | { do: 'change'; change: Change }
  /** Our own staff type into a stored order. */
  | { do: 'type'; at: number }
  /** Changes come after the n-th list was answered: pages shift while they are read. */
  | { do: 'import'; mode: 'days' | 'scheduled'; meanwhile: Meanwhile[] }

export type History = {
  profile: Profile
  /** The shop's clock minus ours. */
  offsetSeconds: number
  fetchStatuses: string[]
  /** 「この日時より後の注文だけ」, so many days before the start. */
  fenceDays: number | null
  requestsAtOnce: number
  pageSize: number
  /** Orders that the shop has before it is connected, placed so many days ago. */
  before: { status: string; daysAgo: number }[]
  steps: Step[]
}

const LETTERS = ['O', 'P', 'P', 'B', 'N', 'C', 'I', 'D', 'H'] as const
const letter = fc.constantFrom(...LETTERS)
const index = fc.nat({ max: 40 })

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      status: letter,
      daysLate: fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) },
      ),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('status' as const), at: index, to: letter }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), at: index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('note' as const), at: index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: index }) },
)

const daysAgo = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 }) },
)

const minutes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 2, arbitrary: fc.integer({ min: 31, max: 24 * 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 24 * 60, max: 20 * 24 * 60 }) },
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), change }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('type' as const), at: index }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('import' as const),
      mode: fc.constantFrom('days' as const, 'scheduled' as const, 'scheduled' as const),
      meanwhile: fc.oneof(
        { weight: 1, arbitrary: fc.constant<Meanwhile[]>([]) },
        {
          weight: 1,
          arbitrary: fc.array(fc.record({ afterList: fc.integer({ min: 1, max: 6 }), change }), {
            minLength: 1,
            maxLength: 6,
          }),
        },
      ),
    }),
  },
)

/** Any history of a shop that has been connected. */
export const history: fc.Arbitrary<History> = fc.record({
  profile: fc.constantFrom<Profile>('jp410', 'jp410', 'jp413', 'v416', 'v420'),
  offsetSeconds: fc.integer({ min: -300, max: 300 }),
  fetchStatuses: fc.constantFrom<string[][]>(['O', 'P'], ['P'], ['O', 'P', 'C'], ['O', 'B', 'P']),
  fenceDays: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 }) },
  ),
  requestsAtOnce: fc.integer({ min: 1, max: 3 }),
  pageSize: fc.constantFrom(2, 3, 5, 100),
  before: fc.array(fc.record({ status: letter, daysAgo }), { maxLength: 16 }),
  steps: fc.array(step, { maxLength: 25 }),
})
