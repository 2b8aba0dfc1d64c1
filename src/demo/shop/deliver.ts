import type { ServerResponse } from 'node:http'
import { JSON_TYPE } from './answers.ts'
import type { Firing } from './faults.ts'
import type { Rules } from './profiles.ts'
import type { Answer } from './shop.ts'
import { spoil } from './spoil.ts'

/** Timers that end with the shop and keep no process alive. */
export function shopTimers() {
  const waiting = new Set<NodeJS.Timeout>()
  return {
    after(ms: number, run: () => void): void {
      const timer = setTimeout(() => {
        waiting.delete(timer)
        run()
      }, ms)
      waiting.add(timer.unref())
    },
    clear(): void {
      for (const timer of waiting) clearTimeout(timer)
      waiting.clear()
    },
  }
}
export type Timers = ReturnType<typeof shopTimers>

/** Sends an answer as it is. */
export function send(response: ServerResponse, answer: Answer, date: Date): void {
  response.writeHead(answer.status, headersOf(answer, date)).end(answer.body)
}

/**
 * Sends what the fault makes of an answer.
 * @param answer the real answer; null where the fault kept the shop from doing its work
 */
export function sendFault(
  response: ServerResponse,
  fault: Firing,
  answer: Answer | null,
  context: { rules: Rules; url: string; now: () => Date; timers: Timers },
): void {
  const { rules, url, now, timers } = context
  const real = answer ?? { status: 200, contentType: JSON_TYPE, body: '{}' }
  switch (fault.kind) {
    case 'late':
      timers.after(fault.ms ?? 1000, () => send(response, real, now()))
      break
    case 'slow':
      send(response, real, now())
      break
    case 'never':
      break
    case 'half-body':
      sendHalf(response, real, now())
      break
    case 'reset-before':
    case 'reset-after':
      response.socket?.resetAndDestroy()
      break
    case 'huge-body':
      sendHuge(response, fault.bytes ?? 300_000_000, now())
      break
    case 'invalid-utf8':
      sendBytes(response, real, now())
      break
    case 'dribble':
      response.writeHead(real.status, headersOf(real, now()))
      dribble(response, Buffer.from(real.body), 0, fault.ms ?? 300, timers)
      break
    default:
      send(response, spoil(fault, real, rules, url), now())
  }
}

function headersOf(answer: Answer, date: Date): Record<string, string | number> {
  return {
    Date: date.toUTCString(),
    ...(answer.contentType === '' ? {} : { 'Content-Type': answer.contentType }),
    ...(answer.status === 204 ? {} : { 'Content-Length': Buffer.byteLength(answer.body) }),
    ...answer.headers,
  }
}

function sendHalf(response: ServerResponse, answer: Answer, date: Date): void {
  response.writeHead(answer.status, headersOf(answer, date))
  const half = answer.body.slice(0, Math.max(1, Math.floor(answer.body.length / 2)))
  response.write(half, () => response.socket?.destroy())
}

/** 受注 in Shift_JIS, inside otherwise good JSON: some text of the shop was stored in the wrong encoding. */
function sendBytes(response: ServerResponse, answer: Answer, date: Date): void {
  const cut = answer.body.indexOf('"') + 1
  const body = Buffer.concat([
    Buffer.from(answer.body.slice(0, cut)),
    Buffer.from([0x8e, 0xf3, 0x92, 0x8d]),
    Buffer.from(answer.body.slice(cut)),
  ])
  response.writeHead(answer.status, { ...headersOf(answer, date), 'Content-Length': body.length }).end(body)
}

function sendHuge(response: ServerResponse, bytes: number, date: Date): void {
  response.writeHead(200, { Date: date.toUTCString(), 'Content-Type': JSON_TYPE })
  response.write('{"orders":[],"junk":"')
  const chunk = 'x'.repeat(64 * 1024)
  let left = bytes
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length
      if (!response.write(chunk)) {
        response.once('drain', more)
        return
      }
    }
    if (!response.destroyed) response.end('"}')
  }
  more()
}

function dribble(response: ServerResponse, body: Buffer, at: number, ms: number, timers: Timers): void {
  if (response.destroyed) return
  if (at >= body.length) {
    response.end()
    return
  }
  response.write(body.subarray(at, at + 1))
  timers.after(ms, () => dribble(response, body, at + 1, ms, timers))
}
