import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export type FlashKind = 'success' | 'error' | 'info'
export type Flash = { kind: FlashKind; text: string }

declare module 'fastify' {
  interface FastifyRequest {
    /** Says something on the next page that is shown: after a redirect, or on this answer's own page. */
    flash(kind: FlashKind, text: string): void
    flashes: Flash[] | null
  }
}

const COOKIE = 'tsunagi_flash'
const KINDS: readonly string[] = ['success', 'error', 'info']

/** Messages travel in a signed cookie: they reach the reader although the disk may be full. */
export function registerFlash(app: FastifyInstance): void {
  app.decorateRequest('flashes', null)
  app.decorateRequest('flash', function (this: FastifyRequest, kind: FlashKind, text: string) {
    this.flashes = [...(this.flashes ?? []), { kind, text: text.slice(0, 600) }].slice(-3)
  })
  app.addHook('onSend', async (request, reply) => {
    if (!request.flashes || request.flashes.length === 0) return
    const value = Buffer.from(JSON.stringify(request.flashes)).toString('base64url')
    reply.setCookie(COOKIE, value, { path: '/', httpOnly: true, sameSite: 'lax', secure: 'auto', signed: true })
  })
}

/** The messages that wait for a page, which is shown now: afterwards none waits. */
export function takeFlashes(reply: FastifyReply): Flash[] {
  const { request } = reply
  const cookie = request.cookies[COOKIE]
  const waiting = cookie ? readCookie(request.unsignCookie(cookie)) : []
  if (cookie) reply.clearCookie(COOKIE, { path: '/' })
  const flashes = [...waiting, ...(request.flashes ?? [])]
  request.flashes = null
  return flashes
}

function readCookie(unsigned: { valid: boolean; value: string | null }): Flash[] {
  if (!unsigned.valid || unsigned.value === null) return []
  try {
    const list: unknown = JSON.parse(Buffer.from(unsigned.value, 'base64url').toString('utf8'))
    return Array.isArray(list) ? list.filter(isFlash) : []
  } catch {
    return []
  }
}

const isFlash = (value: unknown): value is Flash =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  'text' in value &&
  typeof value.text === 'string' &&
  typeof value.kind === 'string' &&
  KINDS.includes(value.kind)
