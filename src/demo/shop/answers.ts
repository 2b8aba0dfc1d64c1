import type { Rules } from './profiles.ts'
import { phpJson } from './quirks.ts'
import type { Answer } from './shop.ts'

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type',
}

export const JSON_TYPE = 'application/json'
export const HTML_TYPE = 'text/html; charset=utf-8'

/** A success. */
export function ok(value: unknown, status = 200): Answer {
  return ready(phpJson(value), status)
}

/** A success whose body is JSON already. */
export function ready(body: string, status = 200): Answer {
  return { status, contentType: JSON_TYPE, body }
}

/**
 * CS-Cart's error body. From 4.13 on it repeats the texts in `messages` (said by the API) and `errors` (raised in the shop).
 */
export function refusal(
  rules: Rules,
  status: number,
  texts: { messages?: readonly string[]; errors?: readonly string[] } = {},
): Answer {
  const said = [...(texts.messages ?? []), ...(texts.errors ?? [])]
  const reason = REASONS[status] ?? 'Error'
  return ok(
    {
      message: said.length === 0 ? reason : `${reason}: ${said.join('. ')}`,
      ...(rules.errorLists && texts.messages?.length ? { messages: texts.messages } : {}),
      ...(rules.errorLists && texts.errors?.length ? { errors: texts.errors } : {}),
      status,
    },
    status,
  )
}

/** 401, the same for a missing, a wrong and a disabled user. */
export function unauthorized(rules: Rules): Answer {
  return { ...refusal(rules, 401), headers: { 'WWW-Authenticate': 'Basic realm="User email/API key"' } }
}

/** A page. */
export function page(status: number, title: string, text: string, headers?: Record<string, string>): Answer {
  const body = `<!DOCTYPE html>\n<html lang="ja"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`
  return { status, contentType: HTML_TYPE, body, ...(headers ? { headers } : {}) }
}

/** What the access_restrictions add-on says to a blocked address that knows the right key. */
export const ipBlocked: Answer = {
  status: 200,
  contentType: HTML_TYPE,
  body: 'あなたのIPアドレスはブロックされました。',
}
