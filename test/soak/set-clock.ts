/**
 * Loaded before the program with `--import` where faketime is not installed: `Date` goes as many seconds wrong as the file
 * CLOCK_FILE says, read once a second. Timers and `performance.now()` go on as they do in life.
 */
import { readFileSync } from 'node:fs'

const file = process.env.CLOCK_FILE ?? ''
const Real = Date
let readAt = Number.NEGATIVE_INFINITY
let wrong = 0

function now(): number {
  if (performance.now() - readAt >= 1_000) {
    readAt = performance.now()
    wrong = Number(readFileSync(file, 'utf8')) * 1_000
  }
  return Real.now() + wrong
}

globalThis.Date = new Proxy(Real, {
  // `new Date()` is now; with arguments it is what it always was.
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new Real(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
})
