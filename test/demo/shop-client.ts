import type { PretendShop } from '../../src/demo/shop/index.ts'

export type Said = { status: number; type: string; headers: Headers; text: string }

export type Ask = {
  body?: unknown
  /** Sent as it stands instead of `body`. */
  raw?: string
  headers?: Record<string, string | null>
}

/** A plain client without any wisdom: what it gets is what the shop said. */
export function shopClient(
  shop: Pick<PretendShop, 'url' | 'email' | 'apiKey'>,
  login?: { email: string; apiKey: string },
) {
  const { email, apiKey } = login ?? shop
  const basic = `Basic ${Buffer.from(`${email}:${apiKey}`).toString('base64')}`
  async function ask(method: string, path: string, { body, raw, headers = {} }: Ask = {}): Promise<Said> {
    const sent = new Headers({ authorization: basic, accept: 'application/json' })
    if (body !== undefined) sent.set('content-type', 'application/json')
    for (const [name, value] of Object.entries(headers)) {
      if (value === null) sent.delete(name)
      else sent.set(name, value)
    }
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${shop.url}${path}`, {
      method,
      headers: sent,
      redirect: 'manual',
      ...(text === undefined ? {} : { body: Buffer.from(text) }),
    })
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      headers: response.headers,
      text: await response.text(),
    }
  }
  const api = (path: string): string => `/api/2.0/${path}`
  return {
    ask,
    get: (path: string, options?: Ask) => ask('GET', api(path), options),
    post: (path: string, body: unknown, options?: Ask) => ask('POST', api(path), { body, ...options }),
    put: (path: string, body: unknown, options?: Ask) => ask('PUT', api(path), { body, ...options }),
    delete: (path: string, options?: Ask) => ask('DELETE', api(path), options),
    /** The ids of GET /orders with this query, in the order of the list. */
    ids: async (query: string): Promise<number[]> => listed(await ask('GET', api(`orders?${query}`))).map(Number),
    /** `params` of GET /orders with this query. */
    params: async (query: string): Promise<Record<string, unknown>> =>
      JSON.parse((await ask('GET', api(`orders?${query}`))).text).params,
  }
}
export type ShopClient = ReturnType<typeof shopClient>

/** The body as JSON. */
export function json(said: Said) {
  return JSON.parse(said.text)
}

function listed(said: Said): string[] {
  return JSON.parse(said.text).orders.map((row: { order_id: string }) => row.order_id)
}
