import { expect, test } from 'vitest'
import { canCorrect } from '../soak/shop-life.ts'
import { exportFaultRound, tellsOfEachParcel } from './export-fault-round.ts'

// Most of it is waiting for answers that do not come: the versions wait side by side.
test.concurrent.each(['jp410', 'jp413', 'v416', 'v420'] as const)(
  '%s: whatever fails at whatever step, the next run leaves each parcel whole and once, status C, and the customer told once',
  async (profile) => {
    const { tried, failedFirst, mailed } = await exportFaultRound(profile)
    // 22 kinds at eight steps, at a write with the work done and not; two more steps where a shipment can be corrected.
    expect(tried).toBe(canCorrect(profile) ? 308 : 242)
    expect(failedFirst).toBeGreaterThan(tried * 0.45)
    expect(mailed).toBe(tried + (tellsOfEachParcel(profile) ? 66 : 0))
  },
  180_000,
)
