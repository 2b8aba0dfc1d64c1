import csrfProtection from '@fastify/csrf-protection'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { field } from './forms.ts'
import { secretFor } from './session.ts'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A token is good for one login only: it is bound to the session, or to being nobody. */
const holder = (request: FastifyRequest) =>
  request.visitor ? `${request.visitor.id}:${request.session.sessionId}` : 'nobody'

/** Every request that is not a read must carry the token of the page it came from. */
export async function registerCsrf(app: FastifyInstance, secretKey: string): Promise<void> {
  await app.register(csrfProtection, {
    // The secret lives in a cookie of its own, so that an anonymous page writes nothing to disk.
    sessionPlugin: '@fastify/cookie',
    cookieKey: 'tsunagi_csrf',
    cookieOpts: { path: '/', sameSite: 'lax', httpOnly: true, secure: 'auto' },
    csrfOpts: { hmacKey: secretFor('csrf', secretKey), userInfo: true },
    getUserInfo: holder,
    getToken: (request) => field(request.body, '_csrf'),
    logLevel: 'info',
  })
  app.addHook('preHandler', (request, reply, done) => {
    if (READS.has(request.method) || request.is404) return done()
    app.csrfProtection(request, reply, done)
  })
}

/** The token for the forms of one page. */
export function csrfToken(reply: FastifyReply): string {
  return reply.generateCsrf({ userInfo: holder(reply.request) })
}
