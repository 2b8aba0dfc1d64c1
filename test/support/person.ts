import type { FastifyInstance } from 'fastify'
import { fieldOf, labelsOf, rowsOf, tags, textOf } from './html.ts'

/** One answer, as a person sees it. */
export type Page = {
  status: number
  headers: Record<string, number | string | string[] | undefined>
  /** Where a redirect leads to; '' where it is none. */
  location: string
  html: string
  /** All words of the page. */
  text: string
  title: string
  field: (label: string) => ReturnType<typeof fieldOf>
  labels: () => string[]
  rows: (table?: number) => string[][]
  /** Addresses by the words of their links. */
  links: () => Map<string, string>
}

type Fields = Record<string, string | number | boolean | undefined | readonly (string | number)[]>

export type Person = ReturnType<typeof person>

/** Somebody at a browser without JavaScript: keeps cookies, sends the token of the last page, follows nothing. */
export function person(app: FastifyInstance, login?: { email: string; password: string }) {
  const cookies = new Map<string, string>()
  let token = ''
  let loggedIn: Promise<void> | undefined

  async function send(method: 'GET' | 'POST', url: string, payload?: string, headers: Record<string, string> = {}) {
    const response = await app.inject({
      method,
      url,
      headers: {
        ...(cookies.size > 0 ? { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
        ...(payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { payload }),
    })
    for (const cookie of response.cookies) {
      if (cookie.value === '' || (cookie.expires && cookie.expires.getTime() <= Date.now())) cookies.delete(cookie.name)
      else cookies.set(cookie.name, cookie.value)
    }
    const page = pageOf(response.statusCode, response.headers, response.body)
    const fresh = tags(page.html, 'input').find((input) => input.attributes.name === '_csrf')
    if (fresh) token = fresh.attributes.value ?? ''
    return page
  }

  async function ensureLogin() {
    if (!login) return
    loggedIn ??= (async () => {
      await send('GET', '/login')
      const page = await send('POST', '/login', form({ ...login, _csrf: token }))
      if (page.status !== 303) throw new Error(`${login.email} cannot log in: ${page.status} ${page.text}`)
      token = ''
    })()
    await loggedIn
  }

  return {
    cookies,
    async get(path: string, headers?: Record<string, string>): Promise<Page> {
      await ensureLogin()
      return send('GET', path, undefined, headers)
    },
    /** As htmx asks for a part of a page. */
    async part(path: string): Promise<Page> {
      await ensureLogin()
      return send('GET', path, undefined, { 'hx-request': 'true', 'hx-request-type': 'partial' })
    },
    /** Sends a form; the token is that of the last page seen. `true` is a ticked box (`1`), `undefined` is left out. */
    async post(path: string, fields: Fields = {}, headers?: Record<string, string>): Promise<Page> {
      await ensureLogin()
      if (token === '') {
        const page = await send('GET', login ? '/' : '/login')
        if (page.location !== '') await send('GET', page.location)
      }
      return send('POST', path, form({ _csrf: token, ...fields }), headers)
    },
    /** Sends a form and opens the page that the answer leads to. */
    async submit(path: string, fields: Fields = {}): Promise<Page> {
      const answer = await this.post(path, fields)
      return answer.location === '' ? answer : this.get(answer.location)
    },
  }
}

function form(fields: Fields): string {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === false) continue
    for (const one of Array.isArray(value) ? value : [value]) body.append(name, one === true ? '1' : String(one))
  }
  return body.toString()
}

function pageOf(status: number, headers: Page['headers'], html: string): Page {
  return {
    status,
    headers,
    location: String(headers.location ?? ''),
    html,
    text: textOf(html),
    title: textOf(/<title>([\s\S]*?)<\/title>/.exec(html)?.[1] ?? ''),
    field: (label) => fieldOf(html, label),
    labels: () => labelsOf(html).map((label) => label.text),
    rows: (table) => rowsOf(html, table),
    links: () =>
      new Map(
        tags(html, 'a').map(({ tag, attributes, at }) => [
          textOf(html.slice(at + tag.length, html.indexOf('</a>', at))),
          attributes.href ?? '',
        ]),
      ),
  }
}
