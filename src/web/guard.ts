import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

/** Whoever is logged in. */
export type Visitor = { id: number; email: string; role: 'admin' | 'staff' }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** true: also for people who are not logged in. */
    public?: boolean
    /** Only for accounts with this role. */
    role?: 'admin'
  }
  interface FastifyRequest {
    /** The logged-in account, absent on public pages before login. */
    visitor: Visitor | null
    /** The logged-in account of a page that needs one; on a public page asking for it is a bug and throws. */
    readonly account: Visitor
    /** true: htmx asks for a part of a page, not for a page. */
    readonly isPartial: boolean
  }
}

export type Door = {
  /** The account of a session, undefined where it has been deleted. */
  accountOf: (id: number) => Visitor | undefined
  /** false on the very first start. */
  hasAccounts: () => boolean
}

/** Nobody passes without a login, except to routes that say `config: { public: true }`. */
export function registerGuard(app: FastifyInstance, door: Door): void {
  app.decorateRequest('visitor', null)
  app.decorateRequest('account', {
    getter(this: FastifyRequest) {
      if (!this.visitor) throw new Error('this page is public: there may be no account')
      return this.visitor
    },
  })
  app.decorateRequest('isPartial', {
    getter(this: FastifyRequest) {
      return this.headers['hx-request-type'] === 'partial'
    },
  })
  app.addHook('onRequest', async (request, reply) => {
    const id = request.session.accountId
    if (id !== undefined) request.visitor = door.accountOf(id) ?? null
    const { config } = request.routeOptions
    if (config.public) return
    if (!request.visitor) return sendAway(request, reply, door.hasAccounts() ? loginFor(request) : '/setup')
    if (config.role === 'admin' && request.visitor.role !== 'admin') {
      throw new AppError('forbidden', 'このページは管理者だけが開けます。必要なときは管理者に頼んでください。')
    }
  })
}

/** htmx would put a login page into the middle of the old one; it is told to go there instead. */
function sendAway(request: FastifyRequest, reply: FastifyReply, to: string): FastifyReply {
  if (request.headers['hx-request']) return reply.header('HX-Redirect', to).code(401).send('')
  return reply.redirect(to, 303)
}

function loginFor(request: FastifyRequest): string {
  // What was sent is lost, and must not be taken for done.
  if (request.method !== 'GET') return '/login?unsaved=1'
  if (request.headers['hx-request'] || request.url === '/') return '/login'
  return `/login?next=${encodeURIComponent(request.url)}`
}

/**
 * Where to go after login: a path of this program only, whatever the address bar said.
 * @returns `/` for anything that leads elsewhere
 */
export function localPath(next: string): string {
  // Browsers read `/\` like `//`, and drop tabs and line ends inside addresses.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are to be refused
  if (!next.startsWith('/') || /^\/[/\\]|[\u0000-\u001f\u007f\\]/.test(next)) return '/'
  const url = URL.parse(next, 'http://here.invalid')
  return url?.origin === 'http://here.invalid' && !url.pathname.startsWith('//') ? url.pathname + url.search : '/'
}
