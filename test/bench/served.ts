/**
 * The real server with a watch over its event loop, for the benchmarks: reports to whoever started it over the IPC channel.
 * Asked with 'reset' it begins to watch anew, with 'report' it tells the longest stall since then and its memory.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** The monitor sees the time between two of its own ticks: this much of it is no stall, ms. */
const RESOLUTION = 5

export type Report = { longestStallMs: number; rssMb: number; peakRssMb: number; cpuMs: number }

const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
delay.enable()
let cpu = process.cpuUsage()

process.on('message', (asked) => {
  if (asked === 'reset') {
    delay.reset()
    cpu = process.cpuUsage()
    process.send?.('reset')
    return
  }
  const { user, system } = process.cpuUsage(cpu)
  const report: Report = {
    longestStallMs: Math.max(0, delay.max / 1e6 - RESOLUTION),
    rssMb: process.memoryUsage.rss() / 1_048_576,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    cpuMs: (user + system) / 1000,
  }
  process.send?.(report)
})

await import('../../src/server.ts')
