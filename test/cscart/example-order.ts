import { readFileSync } from 'node:fs'
import { parseOrder } from '../../src/cscart/payloads.ts'
import { CsCartError } from '../../src/errors.ts'

export type Body = Record<string, unknown>

/** The example order with some of its keys replaced; `undefined` takes a key away. */
export function example(changes: Body = {}): Body {
  const body = JSON.parse(readFileSync(new URL('examples/order.json', import.meta.url), 'utf8'))
  return JSON.parse(JSON.stringify({ ...body, ...changes }))
}

/** The same with keys of the line 3456278195 replaced. */
export function withLine(changes: Body): Body {
  const body = JSON.parse(readFileSync(new URL('examples/order.json', import.meta.url), 'utf8'))
  const line = { ...body.products['3456278195'], ...changes }
  return JSON.parse(JSON.stringify({ ...body, products: { ...body.products, 3456278195: line } }))
}

/** The failure of an order that must not be accepted. */
export function fault(raw: unknown): CsCartError {
  try {
    parseOrder(raw)
  } catch (error) {
    if (error instanceof CsCartError) return error
    throw error
  }
  throw new Error('the order was accepted')
}
