import { expect, test } from 'vitest'
import { exportCrashPoints } from './export-crash-points.ts'

// Every step of every version, and kills during the recovery, are part of `npm run soak`.
test.each([
  { profile: 'v420' as const, every: 1, killedAtLeast: 50 },
  { profile: 'jp413' as const, every: 5, killedAtLeast: 10 },
])(
  '$profile: killed at any step, the next start leaves no parcel twice, none unsent, none confirmed that the shop lacks',
  async ({ profile, every, killedAtLeast }) => {
    const { killed, faults } = await exportCrashPoints(profile, { every })
    expect(faults).toEqual([])
    expect(killed).toBeGreaterThan(killedAtLeast)
  },
  // Half a minute on two free cores; each of the kills starts a process.
  900_000,
)
