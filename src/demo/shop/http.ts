import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { page } from './answers.ts'
import { answerControl, CONTROL_PATH, type Controls } from './controls.ts'
import { send, sendFault, shopTimers } from './deliver.ts'
import type { RequestRecord } from './ledger.ts'
import { type PhpParams, parsePhpQuery, phpText } from './quirks.ts'
import { answerApi, answerStorefront, routeOf, type Target, targetOf } from './router.ts'
import type { Answer, Shop } from './shop.ts'

export type HttpOptions = {
  shop: Shop
  /** '' or '/sub'. */
  subdirectory: string
  latencyMs: () => number
  /** null where nobody may drive the shop over HTTP. */
  controls: Controls | null
}

/** Where a request goes: the API with its target, or a page of the storefront. */
type Destination = { target: Target } | { path: string } | null

/** The shop's web server. Ends its connections and timers with `close()`. */
export function shopServer(options: HttpOptions) {
  const { shop, subdirectory, controls } = options
  const timers = shopTimers()
  const server: Server = createServer((request, response) => {
    const url = request.url ?? '/'
    const cut = url.indexOf('?')
    const path = cut < 0 ? url : url.slice(0, cut)
    const query = parsePhpQuery(cut < 0 ? '' : url.slice(cut + 1))
    if (controls && path.startsWith(CONTROL_PATH)) {
      readAll(request, (body) =>
        send(response, answerControl(controls, request.method ?? 'GET', path, query, body), new Date()),
      )
      return
    }
    serve(request, response, path, query)
  })
  // A keep-alive connection must outlast the pauses of a slow test.
  server.keepAliveTimeout = 60_000

  function serve(request: IncomingMessage, response: ServerResponse, path: string, query: PhpParams): void {
    const method = request.method ?? 'GET'
    const destination = destinationOf(shop, subdirectory, method, path, query)
    const route = destination && 'target' in destination ? routeOf(destination.target) : 'storefront'
    const record = shop.ledger.write.arrived({ method, path, query, headers: request.headers, route })
    response.once('close', () => shop.ledger.write.left())
    const fault = shop.faults.take(route, orderOf(destination, query))
    record.fault = fault?.kind ?? null
    if (fault?.kind === 'reset-before' && !fault.applied) {
      request.socket.resetAndDestroy()
      return
    }
    const go = (): void => {
      const answer = fault && !fault.applied ? null : answerTo(request, record, destination)
      response.sendDate = false
      if (!fault) {
        record.status = answer?.status ?? 0
        if (answer) send(response, answer, shop.clock.now())
        return
      }
      sendFault(response, fault, answer, { rules: shop.rules, url: shop.url(), now: shop.clock.now, timers })
      record.status = response.headersSent ? response.statusCode : 0
    }
    const latency = options.latencyMs() + (fault?.kind === 'slow' ? (fault.ms ?? 1000) : 0)
    const afterLatency = latency > 0 ? () => timers.after(latency, go) : go
    if (method === 'GET' && !hasBody(request)) {
      request.resume()
      afterLatency()
      return
    }
    readAll(request, (body) => {
      record.body = body
      afterLatency()
    })
  }

  function answerTo(request: IncomingMessage, record: RequestRecord, destination: Destination): Answer {
    if (destination === null) return page(404, '404 Not Found', '')
    if ('path' in destination) return answerStorefront(shop, destination.path)
    const headers = {
      accept: request.headers.accept,
      authorization: request.headers.authorization,
      type: request.headers['content-type'],
      language: request.headers['accept-language'],
    }
    const { _d, ...query } = record.query
    const incoming = { number: record.number, method: record.method, headers, query, body: record.body }
    return answerApi(shop, incoming, destination.target)
  }

  return {
    listen: (port: number, host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          const address = server.address()
          resolve(typeof address === 'object' && address ? address.port : port)
        })
      }),
    close: (): Promise<void> =>
      new Promise((resolve) => {
        timers.clear()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The shipped rewrite rule takes `…/api/…` at any depth below the shop's folder. */
function destinationOf(shop: Shop, base: string, method: string, path: string, query: PhpParams): Destination {
  if (base !== '' && path !== base && !path.startsWith(`${base}/`)) return null
  const local = path.slice(base.length) || '/'
  if (local === '/api.php') return { target: targetOf(shop, method, phpText(query._d), query) }
  const rest = shop.settings.rewriting ? /^\/(?:.*\/)?api\/(.*)$/.exec(local)?.[1] : undefined
  return rest === undefined ? { path: local } : { target: targetOf(shop, method, rest, query) }
}

/** The order that an address names. */
function orderOf(destination: Destination, query: PhpParams): number | undefined {
  if (!destination || !('target' in destination)) return undefined
  const { entity, id } = destination.target
  const named = entity === 'orders' ? (id ?? '') : entity === 'shipments' ? phpText(query.order_id) : ''
  return /^\d+$/.test(named) ? Number(named) : undefined
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
}

function readAll(request: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => done(Buffer.concat(chunks).toString('utf8')))
}
