export type Taken = { ms: number; cpuMs: number }

/** How long a piece of work took on the wall, and how much CPU time this process spent meanwhile. */
export async function taking(work: () => Promise<unknown>): Promise<Taken> {
  const cpu = process.cpuUsage()
  const began = performance.now()
  await work()
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpuMs: (user + system) / 1000 }
}

/** Runs the sides of a comparison in turn, round by round, so that a busy moment of the machine meets them all. */
export async function interleaved<T, S extends string>(
  rounds: number,
  sides: Record<S, (round: number) => Promise<T>>,
): Promise<Record<S, T[]>> {
  const names = Object.keys(sides) as S[]
  const taken = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<S, T[]>
  for (let round = 0; round < rounds; round += 1) {
    // Turned around in every other round: whoever comes second finds a warmer machine.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      globalThis.gc?.()
      taken[name].push(await sides[name](round))
    }
  }
  return taken
}
