import { expect, test } from 'vitest'
import { recoverFromCuts } from '../soak/power-cut-recovery.ts'

test.each(['jp413', 'v420'] as const)(
  '%s: after a power cut anywhere in an export the next start adopts what the shop has and writes nothing twice',
  async (profile) => {
    const { interrupted, faults } = await recoverFromCuts(profile, 12)
    expect(faults).toEqual([])
    expect(interrupted).toBeGreaterThan(8)
  },
  120_000,
)
