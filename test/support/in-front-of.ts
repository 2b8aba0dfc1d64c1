import { createServer } from 'node:http'

/** An answer that the shop behind did not give. */
export type Instead = { status: number; headers: Record<string, string>; body: string | Uint8Array }

/**
 * Stands between the program and a pretend shop and hands everything on, but for requests that are answered here instead.
 * @param url the shop's address without a slash at the end
 */
export async function inFrontOf(url: string) {
  let instead: { method: string; path: string; answer: Instead } | undefined
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const asked = request.url ?? '/'
    if (instead && request.method === instead.method && asked.includes(instead.path)) {
      response.writeHead(instead.answer.status, instead.answer.headers).end(instead.answer.body)
      return
    }
    const { authorization = '', 'content-type': type } = request.headers
    const answer = await fetch(`${url}${asked}`, {
      method: request.method ?? 'GET',
      headers: { authorization, ...(type ? { 'content-type': type } : {}) },
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    /** Answers requests of this method with `path` in their address so from now on, instead of those before. */
    answer(method: 'GET' | 'PUT', path: string, answer: Instead) {
      instead = { method, path, answer }
    },
    /** Hands everything on again. */
    handOn() {
      instead = undefined
    },
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** A refusal in CS-Cart's own form. */
export const refusal = (message: string): Instead => ({
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message: `Bad Request: ${message}`, status: 400 }),
})
