import { inflateSync } from 'node:zlib'

/**
 * The text of a stored answer. Text is stored as it came: deflating it at import cost more than all other writes of the order
 * together. Bytes are deflated text, so that a later, unhurried step may shrink old ones.
 */
export function payloadText(body: string | Buffer): string {
  return typeof body === 'string' ? body : inflateSync(body).toString('utf8')
}
