import { expect, test } from 'vitest'
import { exportCrashPoints } from './export-crash-points.ts'

// The other two versions, and kills during the recovery, are part of `npm run soak`.
test.each(['jp413', 'v420'] as const)(
  '%s: killed at any step, the next start leaves no parcel twice, none unsent, and none confirmed that the shop lacks',
  async (profile) => {
    const { steps, faults } = await exportCrashPoints(profile)
    expect(faults).toEqual([])
    expect(steps).toBeGreaterThan(40)
  },
  180_000,
)
