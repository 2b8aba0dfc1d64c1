import { createHash } from 'node:crypto'
import cookie from '@fastify/cookie'
import session, { type FastifySessionOptions } from '@fastify/session'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface Session {
    accountId?: number
  }
}

/** How long a login lasts. Fixed at login: a session that every page prolonged would write to disk on every page. */
export const SESSION_MS = 7 * 24 * 3_600_000

type SessionStore = NonNullable<FastifySessionOptions['store']>

/** A secret for one purpose, so that no two uses of SECRET_KEY share their bytes. */
export const secretFor = (purpose: string, secretKey: string) =>
  createHash('sha256').update(`tsunagi-${purpose}\0`).update(secretKey).digest('hex')

/** Cookies and sessions. Nothing is stored before somebody logs in, and nothing is written while they only look. */
export async function registerSession(
  app: FastifyInstance,
  options: { store: SessionStore; secretKey: string },
): Promise<void> {
  await app.register(cookie, { secret: secretFor('cookie', options.secretKey) })
  await app.register(session, {
    secret: secretFor('session', options.secretKey),
    store: options.store,
    cookieName: 'tsunagi_session',
    cookie: { httpOnly: true, sameSite: 'lax', path: '/', secure: 'auto', maxAge: SESSION_MS },
    rolling: false,
    saveUninitialized: false,
  })
}

/** Marks every cookie `Secure`; registered last, because each hook before it may still set one. */
export function secureAllCookies(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    const cookies = reply.getHeader('set-cookie')
    if (cookies === undefined) return
    const list = (Array.isArray(cookies) ? cookies : [String(cookies)]).map((one) =>
      /;\s*secure/i.test(one) ? one : `${one}; Secure`,
    )
    reply.removeHeader('set-cookie')
    reply.header('set-cookie', list)
  })
}
