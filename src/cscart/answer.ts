import { CsCartError, type CsCartErrorDetail } from '../errors.ts'
import type { CsCartReason } from '../failures.ts'
import { excerpt, maskPage, maskWords, withoutSecrets } from './mask.ts'
import { retryAfterSeconds } from './retry.ts'

/** What came back over the wire, before anybody believes it. */
export type Answer = {
  status: number
  contentType: string
  contentEncoding: string
  location: string
  retryAfter: string
  bytes: Uint8Array
}

export type Asked = {
  /** POST or PUT: a bad answer does not say that nothing was done. */
  write: boolean
  /** The request names one thing by its id, so a 404 may mean just that. */
  one: boolean
  now: Date
  /** What must not be in anything that is shown. */
  secrets: readonly string[]
}

const SAID_LENGTH = 200

/**
 * Judges an answer (cs-cart-api.md 3, 11, 15): JSON under a good status comes through, everything else is one reason.
 * @param isKnown whether a text was read before and needs no reading now
 * @returns the body's text, and parsed where it is not known
 * @throws CsCartError
 */
export function judge(
  answer: Answer,
  asked: Asked,
  isKnown: (text: string) => boolean = () => false,
): { value: unknown; text: string; isKnown: boolean } {
  const { text, broken } = decode(answer.bytes)
  const fail = (reason: CsCartReason, said: string, more: CsCartErrorDetail = {}): CsCartError => {
    const words = excerpt(withoutSecrets(said, asked.secrets), SAID_LENGTH)
    return new CsCartError(reason, {
      status: answer.status,
      mayHaveBeenApplied: asked.write,
      ...(words === '' ? {} : { said: words }),
      ...more,
    })
  }

  if (answer.status < 200 || answer.status > 299) throw refusal(answer, asked, text, fail)
  if (answer.status === 204 || answer.status === 205 || text.trim() === '') throw fail('empty_answer', '')
  if (!/json/i.test(answer.contentType)) throw noJson(text, fail)
  if (answer.contentEncoding !== '' && answer.contentEncoding !== 'identity') {
    throw fail('not_json', `Content-Encoding: ${answer.contentEncoding}`)
  }
  if (!/^\s*[[{]/.test(text)) throw noJson(text, fail)
  if (broken) throw fail('invalid_text', '')
  if (isKnown(text)) return { value: undefined, text, isKnown: true }
  const parsed = tooDeep(answer.bytes) ? undefined : parsedJson(text)
  if (!parsed) throw fail('not_json', '')
  return { value: parsed.value, text, isKnown: false }
}

type Fail = (reason: CsCartReason, said: string, more?: CsCartErrorDetail) => CsCartError

function refusal(answer: Answer, asked: Asked, text: string, fail: Fail): CsCartError {
  const { status } = answer
  const message = csCartMessage(text)
  const said = message === undefined ? maskPage(text) : maskWords(message)
  const waited = retryAfterSeconds(answer.retryAfter, asked.now)
  const patience = waited === undefined ? {} : { retryAfterSeconds: waited }
  const refused = { mayHaveBeenApplied: false }
  if (status < 400) return fail('redirected', redirectTarget(answer.location))
  if (status >= 500) return fail('unavailable', said, patience)
  if (status === 401) return fail('unauthorized', said, refused)
  if (status === 429) return fail('rate_limited', said, { ...patience, ...refused })
  if (status === 408) return fail('timeout', said)
  if (message === undefined) return fail(pageReason(status, text), said)
  if (status === 403) return fail('forbidden', said, refused)
  if (status === 404) return fail(asked.one && isNotFound(message) ? 'not_found' : 'not_an_api', said, refused)
  return fail('rejected', said, refused)
}

/** A refusal that CS-Cart itself did not write. */
function pageReason(status: number, text: string): CsCartReason {
  if (status === 404 || status === 410) return 'not_an_api'
  if (/plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL/i.test(text)) return 'not_https'
  return 'blocked'
}

/** The `message` of CS-Cart's error body; undefined for anything that is none. */
function csCartMessage(text: string): string | undefined {
  if (!/^\s*\{/.test(text) || text.length > 1_000_000) return undefined
  const value = parsedJson(text)?.value
  if (typeof value !== 'object' || value === null || !('message' in value)) return undefined
  return typeof value.message === 'string' ? value.message : undefined
}

/** "Not Found" about one thing; the same status with a text about an entity or a version means another address. */
function isNotFound(message: string): boolean {
  return /^Not Found\b/i.test(message) && !/entity|エンティティ/i.test(message)
}

const BLOCKED =
  /ブロックされ|アクセスできません|アクセスが拒否|遮断|access denied|forbidden|request (?:was )?blocked|are blocked|captcha|just a moment|firewall/i

/** A good status over something that is no JSON: the storefront, a block, or PHP talking in between. */
function noJson(text: string, fail: Fail): CsCartError {
  const start = text.slice(0, 4000)
  if (/<html|<!doctype/i.test(start)) {
    return fail(text.length < 20_000 && BLOCKED.test(start) ? 'blocked' : 'storefront', maskPage(text))
  }
  // The access_restrictions add-on says its one line and nothing else.
  if (BLOCKED.test(start) && text.length < 500) return fail('blocked', maskPage(text))
  return fail('not_json', maskPage(text))
}

/** Where to, without what a query may carry. */
function redirectTarget(location: string): string {
  return maskWords(location.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//'))
}

const strict = new TextDecoder('utf-8', { fatal: true })
const lenient = new TextDecoder('utf-8')

function decode(bytes: Uint8Array): { text: string; broken: boolean } {
  try {
    return { text: strict.decode(bytes), broken: false }
  } catch {
    return { text: lenient.decode(bytes), broken: true }
  }
}

const DEEPEST = 500
/** JSON.parse takes the brackets that fit into this in its stride; of the largest answer's it would make a gigabyte. */
const HARMLESS_SIZE = 65_536

function tooDeep(bytes: Uint8Array): boolean {
  if (bytes.length <= HARMLESS_SIZE) return false
  let depth = 0
  let inText = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (inText) {
      if (byte === 0x5c) at += 1
      else if (byte === 0x22) inText = false
    } else if (byte === 0x22) inText = true
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1
      if (depth > DEEPEST) return true
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1
  }
  return false
}

function parsedJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
