import { afterEach, beforeEach, expect, test } from 'vitest'
import { newDataDir, removeDataDir } from '../soak/data-dir.ts'
import { startServer } from '../soak/processes.ts'
import { triggerRound } from '../soak/triggers.ts'

let dataDir: string
beforeEach(() => {
  dataDir = newDataDir()
})
afterEach(() => removeDataDir(dataDir))

test('of 2,000 triggers within a second by button, clock and command line no two work at once, and whoever is skipped is told so', async () => {
  const round = await triggerRound(2_000)
  expect(round.faults).toEqual([])
  const { sentMs, button, commandLine, manual, scheduled, ticks } = round
  expect(sentMs).toBeLessThan(1_000)
  expect([...button.other, ...commandLine.other]).toEqual([])
  expect(button.started + button.skipped).toBe(667)
  expect(commandLine.started + commandLine.skipped).toBe(666)
  expect(ticks).toBe(667)
  // Every run that was made was announced to whoever asked for it (and one import came before the others).
  expect(manual).toBe(button.started + commandLine.started + 1)
  expect(manual + scheduled).toBeGreaterThanOrEqual(3)
  expect(button.skipped).toBeGreaterThan(100)
  expect(commandLine.skipped).toBeGreaterThan(100)
}, 120_000)

test('a second process on the same folder is refused in words, and after kill -9 of the first one it starts at once', async () => {
  const first = startServer({ dataDir })
  const second = async () => {
    const refused = startServer({ dataDir })
    const { code } = await refused.exited
    return { code, said: refused.said() }
  }
  try {
    const { ms: startMs } = await first.ready
    const began = performance.now()
    const refused = await second()
    const tookMs = performance.now() - began
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.said).toContain('先に動いているほうを止めてください')
    // Within a second on a machine that starts the program in half of one; told against its own start where that is slower.
    expect(tookMs).toBeLessThan(Math.max(1_000, startMs))

    await first.kill()
    const next = startServer({ dataDir })
    await next.ready
    expect((await next.stop()).code).toBe(0)
  } finally {
    await first.kill()
  }
}, 120_000)
