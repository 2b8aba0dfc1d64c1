import querystring from 'node:querystring'
import formbody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors.ts'

/** Enough for a bulk action on ten thousand ticked rows. */
const MAX_FIELDS = 20_000
const MAX_BODY_BYTES = 1_048_576

/** Forms are the only bodies that are read, within limits: no JSON and no plain text. */
export async function registerForms(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  await app.register(formbody, { bodyLimit: MAX_BODY_BYTES, parser: parseForm })
}

function parseForm(text: string): Record<string, unknown> {
  // Counted by the pairs that were sent: hundreds of ticked rows are one name, and `maxKeys` would silently drop the last of them.
  const sent = text.split('&').length
  if (sent > MAX_FIELDS) {
    throw new AppError(
      'invalid',
      `一度に送れる項目の数（${MAX_FIELDS}個）を超えています（${sent}個あります）。何も変更していません。件数を減らしてください。`,
    )
  }
  return querystring.parse(text, '&', '=', { maxKeys: 0 })
}

/** One field of a posted form as typed; '' when it is absent. Of a field sent several times the last one counts. */
export function field(body: unknown, name: string): string {
  return fieldList(body, name).at(-1) ?? ''
}

/** All values of a field that may be sent several times (checkboxes, selected rows). */
export function fieldList(body: unknown, name: string): string[] {
  if (typeof body !== 'object' || body === null) return []
  const value: unknown = Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
