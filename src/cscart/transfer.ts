import type { IncomingHttpHeaders } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { ShopPool } from './guarded-pool.ts'

export type Outgoing = {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  headers: Record<string, string>
  body: string | null
}
export type Incoming = { status: number; headers: IncomingHttpHeaders; bytes: Uint8Array }

/** The request took longer than it may, from its place in the queue to the last byte of its answer. */
export class TookTooLong extends Error {
  constructor() {
    super('the request took too long')
    this.name = 'TookTooLong'
  }
}

/**
 * One request over the pool, and its whole answer. By undici's `dispatch`: the streams and signals of its `request` take a quarter
 * of the time that an order of a fast shop takes in all.
 * @param withinMs headers, body and all: a body that dribbles never pauses for long
 * @param signal the caller's patience
 * @returns of a refusal (300 and above) whose body breaks off, its status and an empty body: that is enough
 * @throws TookTooLong, the signal's reason, undici's and node's errors
 */
export async function transfer(
  pool: ShopPool,
  outgoing: Outgoing,
  withinMs: number,
  signal?: AbortSignal,
): Promise<Incoming> {
  const incoming = await dispatched(pool, outgoing, withinMs, signal)
  // undici frees a connection one turn of the event loop after its answer. Whoever goes on before that has the next request wait
  // in the pool until all that was answered in this turn has been worked on: eight answers at once would go on in step for ever.
  await turn()
  return incoming
}

function dispatched(
  pool: ShopPool,
  outgoing: Outgoing,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    let answer: Omit<Incoming, 'bytes'> | undefined
    let chunks: Buffer[] = []
    let abort: ((reason: Error) => void) | undefined
    let given: Error | undefined

    const giveUp = (reason: Error): void => {
      given = reason
      chunks = []
      abort?.(reason)
      settle(() => reject(reason))
    }
    const timer = setTimeout(() => giveUp(new TookTooLong()), withinMs)
    const follow = (): void => giveUp(reasonOf(signal))
    function settle(how: () => void): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', follow)
      how()
    }

    if (signal?.aborted) {
      settle(() => reject(reasonOf(signal)))
      return
    }
    signal?.addEventListener('abort', follow, { once: true })
    pool.dispatch(outgoing, {
      onRequestStart(controller) {
        // Given up while it waited for a connection: it is not sent at all.
        if (given) controller.abort(given)
        else abort = (reason) => controller.abort(reason)
      },
      onResponseStart(_, status, headers) {
        // 1xx is no answer yet.
        if (status >= 200) answer = { status, headers }
      },
      onResponseData(_, chunk) {
        chunks.push(chunk)
      },
      onResponseEnd() {
        const [bytes = Buffer.alloc(0), ...more] = chunks
        const whole = more.length === 0 ? bytes : Buffer.concat(chunks)
        settle(() => (answer ? resolve({ ...answer, bytes: whole }) : reject(new Error('an answer without its head'))))
      },
      onResponseError(_, error) {
        const refusal = answer && answer.status >= 300 && !given ? { ...answer, bytes: new Uint8Array() } : undefined
        settle(() => (refusal ? resolve(refusal) : reject(error)))
      },
    })
  })
}

/** An aborted signal's reason, which is an Error unless somebody gave another one. */
function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason })
}
