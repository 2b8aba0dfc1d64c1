import { createServer } from 'node:http'

/**
 * Stands between the program and a pretend shop and hands everything on, but refuses PUT of one path in the shop's own form.
 * @param url the shop's address without a slash at the end
 */
export async function inFrontOf(url: string) {
  let refused = { path: '', message: '' }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const asked = request.url ?? '/'
    if (request.method === 'PUT' && refused.path !== '' && asked.includes(refused.path)) {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ message: `Bad Request: ${refused.message}`, status: 400 }))
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
    /** Refuses PUT of addresses with `path` in them from now on; '' refuses none. */
    refuse(path: string, message: string) {
      refused = { path, message }
    },
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
