import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** How often connections that never sent a byte are closed, once the app closes, in ms. */
const SILENT_MS = 500

/** How long a request has to come whole and be answered, once the app closes, in ms. Less than `server.ts` waits. */
const LAST_ANSWER_MS = 4_000

/**
 * Lets `app.close()` end within seconds: requests under way are answered, and their keep-alive connections,
 * which Node would wait for, are told to close. Goes with `forceCloseConnections: 'idle'`.
 *
 * Node takes a connection that never sent a byte, as browsers keep in reserve, for one with a request under way, and
 * once it closes it no longer looks for requests that are late: https://nodejs.org/api/http.html#serverclosecallback
 * Both would hold the end up for as long as the other side likes.
 */
export function registerClosing(app: FastifyInstance): void {
  let closing = false
  let silent: NodeJS.Timeout | undefined
  let late: NodeJS.Timeout | undefined
  const connections = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  app.addHook('preClose', async () => {
    closing = true
    // Again and again: until the port is closed, new ones may come.
    silent = setInterval(() => {
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
    }, SILENT_MS)
    late = setTimeout(() => app.server.closeAllConnections(), LAST_ANSWER_MS)
  })
  // Comes after the last connection is gone.
  app.addHook('onClose', async () => {
    clearInterval(silent)
    clearTimeout(late)
  })
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('Connection', 'close')
  })
}
