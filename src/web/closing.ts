import type { FastifyInstance } from 'fastify'

/**
 * Lets `app.close()` end within seconds: requests under way are answered, and their keep-alive connections,
 * which Node would wait for, are told to close. Goes with `forceCloseConnections: 'idle'`.
 */
export function registerClosing(app: FastifyInstance): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('Connection', 'close')
  })
}
