/**
 * Loaded before the program with `--import`: its pauses take a twentieth of their time, so that a process which lives for
 * half a second gets through retries and settling. The program itself has no switch for that.
 */
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import { WAITS } from '../../src/export/deps.ts'

const FASTER = 20

WAITS.afterLostAnswer /= FASTER
WAITS.settle /= FASTER * 5

const wait = timers.setTimeout
Object.assign(timers, {
  setTimeout: (ms?: number, ...rest: [unknown?, object?]) => wait((ms ?? 0) / FASTER, ...rest),
})
// The client's pauses between retries are `import { setTimeout } from 'node:timers/promises'`.
syncBuiltinESMExports()
