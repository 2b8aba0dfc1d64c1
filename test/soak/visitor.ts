/** Somebody at a browser, over real HTTP: keeps cookies, sends the token of the last page, follows nothing. */
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { textOf } from '../support/html.ts'

export type Answer = {
  status: number
  location: string
  html: string
  text: string
  /** What the next page would say at its top. */
  flash: string
  ms: number
}
export type Visitor = ReturnType<typeof visitor>

/** @param connections how many requests may be under way at once; keep-alive, as browsers do */
export function visitor(url: string, connections = 6) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const cookies = new Map<string, string>()
  let token = ''

  const cookie = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')

  function send(method: string, path: string, fields?: Record<string, string>): Promise<Answer> {
    const body = fields && new URLSearchParams(fields).toString()
    const began = performance.now()
    return new Promise((resolve, reject) => {
      const asking = request(
        `${url}${path}`,
        {
          method,
          agent,
          headers: {
            cookie: cookie(),
            ...(body === undefined
              ? {}
              : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
          },
        },
        (answer) => {
          let flash = ''
          for (const line of answer.headers['set-cookie'] ?? []) {
            const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2)
            if (name === FLASH) flash = flashOf(value)
            else if (value === '') cookies.delete(name)
            else cookies.set(name, value)
          }
          text(answer).then((html) => {
            token = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? token
            const { statusCode: status = 0, headers } = answer
            const ms = performance.now() - began
            resolve({ status, location: headers.location ?? '', html, text: textOf(html), flash, ms })
          }, reject)
        },
      )
      asking.on('error', reject)
      asking.end(body)
    })
  }

  return {
    get: (path: string): Promise<Answer> => send('GET', path),
    post: (path: string, fields: Record<string, string> = {}): Promise<Answer> =>
      send('POST', path, { _csrf: token, ...fields }),
    /** @returns the answer to the login form: 303 where it let us in */
    async login({ email, password }: { email: string; password: string }): Promise<Answer> {
      await send('GET', '/login')
      const answer = await send('POST', '/login', { _csrf: token, email, password })
      if (answer.status === 303) await send('GET', '/shops')
      return answer
    },
    /** A form as it goes over the wire, for whoever sends it himself. */
    formAsBytes(path: string, fields: Record<string, string> = {}): string {
      const body = new URLSearchParams({ _csrf: token, ...fields }).toString()
      const type = 'Content-Type: application/x-www-form-urlencoded'
      const head = `POST ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nCookie: ${cookie()}\r\n${type}`
      return `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    },
    leave: (): void => agent.destroy(),
  }
}

/** The cookie in which the next page's word waits. */
export const FLASH = 'tsunagi_flash'

/** The words in a flash cookie, which is signed and not secret. */
export function flashOf(cookie: string): string {
  const [said = ''] = decodeURIComponent(cookie).split('.')
  return Buffer.from(said, 'base64url').toString('utf8')
}
