import { expect, test } from 'vitest'
import { canCorrect } from '../soak/shop-life.ts'
import { exportFaultRound, exportOfLateWork } from './export-fault-round.ts'

const PROFILES = ['jp410', 'jp413', 'v416', 'v420'] as const

// Most of it is waiting for answers that do not come: the versions wait side by side.
test.concurrent.each(PROFILES)(
  '%s: whatever fails at whatever step, the next run leaves each parcel whole and once, status C, and the customer told once',
  async (profile) => {
    const { tried, failedFirst, parcels, mails } = await exportFaultRound(profile)
    // 22 kinds at each step, where a write is lost with the work done and not; five more steps where a shipment can be corrected.
    expect(tried).toBe(22 * (canCorrect(profile) ? 30 : 22))
    expect(failedFirst).toBeGreaterThan(tried * 0.45)
    // jp413 and v416 write to the customer of each parcel.
    expect(mails).toBe(profile === 'jp413' || profile === 'v416' ? parcels : tried)
  },
  180_000,
)

test.concurrent.each(PROFILES)(
  '%s: work that the shop ends after we gave up waiting for it is waited for, and not asked for again',
  async (profile) => {
    expect(await exportOfLateWork(profile)).toBe(canCorrect(profile) ? 3 : 2)
  },
  60_000,
)
