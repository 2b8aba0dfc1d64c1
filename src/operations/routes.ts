import type { FastifyInstance } from 'fastify'
import { type Check, type Readiness, readiness } from './health.ts'

/** Answers are reused this long, so that a stranger who asks all the time makes no writes. */
const REUSE_MS = 1_000

/** `/healthz`: the process answers. `/readyz`: it can also do its work; 503 with the reasons where it cannot. */
export async function operationRoutes(
  app: FastifyInstance,
  { checks, now }: { checks: readonly Check[]; now: () => Date },
) {
  const open = { config: { public: true }, logLevel: 'warn' } as const
  let last: { at: number; result: Readiness } | undefined

  app.get('/healthz', open, async (_request, reply) => {
    return reply.header('Cache-Control', 'no-store').send({ status: 'ok' })
  })

  app.get('/readyz', open, async (_request, reply) => {
    const at = now()
    const age = last ? at.getTime() - last.at : REUSE_MS
    if (!last || age < 0 || age >= REUSE_MS) last = { at: at.getTime(), result: readiness(checks, at) }
    const { ready, reasons } = last.result
    reply.header('Cache-Control', 'no-store').code(ready ? 200 : 503)
    return reply.send({ status: ready ? 'ready' : 'not_ready', reasons })
  })
}
