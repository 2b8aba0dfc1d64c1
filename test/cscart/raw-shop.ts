import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { type ClientOptions, type CsCartConnection, csCartClient } from '../../src/cscart/client.ts'

export const EMAIL = 'api-user@merchant.example'
export const KEY = 'SecretKey0123456789abcdefghijKLM'

/** Starts a server on a free port of 127.0.0.1 that ends with the test. */
export async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

export type Received = { method: string; url: string; headers: IncomingMessage['headers']; body: string }

/** An HTTP server that answers each request with the next of `answers`, the last one for good, and remembers what came. */
export async function httpShop(...answers: ((response: ServerResponse, request: Received) => void)[]) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const got = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
      received.push(got)
      answers[Math.min(received.length, answers.length) - 1]?.(response, got)
    })
  })
  const port = await listening(server)
  return { url: `http://127.0.0.1:${port}`, received }
}

/** A server below HTTP: `talk` gets the connection once the request is there. */
export async function tcpShop(talk: (socket: Socket) => void) {
  let requests = 0
  const server = createTcpServer((socket) => {
    socket.once('data', () => {
      requests += 1
      talk(socket)
    })
  })
  const port = await listening(server)
  return { url: `http://127.0.0.1:${port}`, requests: () => requests }
}

/** A client whose pauses take no time; `pauses` tells how long they would have been. */
export function clientOf(url: string, options: ClientOptions = {}, connection: Partial<CsCartConnection> = {}) {
  const pauses: number[] = []
  const client = csCartClient(
    { baseUrl: url, email: EMAIL, apiKey: KEY, allowPrivate: true, requestsAtOnce: 2, ...connection },
    {
      random: () => 0.5,
      sleep: async (ms) => {
        pauses.push(ms)
      },
      ...options,
    },
  )
  onTestFinished(() => client.close())
  return Object.assign(client, { pauses })
}

export function json(body: string | object, status = 200, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(text)
  }
}

export function html(body: string | Uint8Array, status = 200, headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', ...headers }).end(body)
  }
}
