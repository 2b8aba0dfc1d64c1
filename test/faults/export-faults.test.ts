import { expect, test } from 'vitest'
import { exportFaultRound } from './export-fault-round.ts'

// Most of it is waiting for answers that do not come: the versions wait side by side.
test.concurrent.each(['jp410', 'jp413', 'v416', 'v420'] as const)(
  '%s: whatever fails at whatever step, the next run leaves one whole shipment, status C, and one mail',
  async (profile) => {
    const { tried, failedFirst, mailed } = await exportFaultRound(profile)
    expect(tried).toBe(176)
    expect(failedFirst).toBeGreaterThan(80)
    expect(mailed).toBe(tried)
  },
  180_000,
)
