import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { judge } from '../../src/cscart/answer.ts'
import { parseOrdersPage } from '../../src/cscart/lists.ts'
import { maskValue } from '../../src/cscart/mask.ts'
import { parseOrder } from '../../src/cscart/payloads.ts'
import { CsCartError } from '../../src/errors.ts'
import { CS_CART_FAILURES } from '../../src/failures.ts'
import { FAULTY_ANSWERS } from './faulty-answers.ts'

const text = v.pipe(
  v.string(),
  v.check((value) => value.isWellFormed() && !/[\0\ufffd]/.test(value)),
)
const whole = v.pipe(
  v.number(),
  v.safeInteger(),
  v.check((value) => !Object.is(value, -0)),
)
const id = v.pipe(whole, v.minValue(1))
const count = v.pipe(whole, v.minValue(0))
const digits = v.pipe(v.string(), v.regex(/^\d{1,20}$/))
const instant = v.pipe(whole, v.minValue(1000), v.maxValue(253_402_300_799_000))
const letter = v.pipe(v.string(), v.regex(/^[A-Za-z0-9]$/))
const address = v.strictObject({
  firstname: text,
  lastname: text,
  postalCode: text,
  country: text,
  state: text,
  city: text,
  address1: text,
  address2: text,
  phone: text,
})

/** What a stored order may look like, written down a second time and independently of the parser. */
const ORDER = v.strictObject({
  orderId: id,
  status: letter,
  orderedAt: instant,
  updatedAt: v.optional(instant),
  knowsUpdatedAt: v.boolean(),
  isParent: v.boolean(),
  firstname: text,
  lastname: text,
  company: text,
  email: text,
  phone: text,
  billing: address,
  shippingAddress: address,
  fields: v.record(digits, text),
  notes: text,
  details: text,
  paymentMethod: text,
  totalCents: whole,
  subtotalCents: whole,
  shippingCents: whole,
  discountCents: whole,
  surchargeCents: whole,
  taxes: v.array(v.strictObject({ name: text, rate: text, included: v.boolean(), cents: whole })),
  lines: v.array(
    v.strictObject({
      itemId: digits,
      productId: text,
      productCode: text,
      name: text,
      options: v.array(v.strictObject({ name: text, value: text })),
      amount: count,
      unitPriceCents: whole,
      subtotalCents: whole,
      groupKey: count,
      downloadable: v.boolean(),
      shippedAmount: count,
      remainingAmount: count,
    }),
  ),
  groups: v.array(
    v.strictObject({
      groupKey: count,
      shippingId: v.optional(id),
      name: text,
      carrierModule: v.optional(text),
      deliveryDate: text,
      deliverySlot: text,
    }),
  ),
  shipmentIds: v.array(id),
})

const NAMED = new Set(Object.keys(CS_CART_FAILURES))

/** Every text and number of a value, keys included: nothing else may be stored of it. */
function said(value: unknown): Set<string> {
  const texts = new Set(['', 'Y', '0'])
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'number') texts.add(String(next))
    else if (typeof next === 'string') texts.add(next.replaceAll('\0', ''))
    else if (typeof next === 'object' && next !== null) left.push(...Object.keys(next), ...Object.values(next))
  }
  return texts
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

function namedFailure(error: unknown): void {
  if (!(error instanceof CsCartError)) throw error
  expect(NAMED).toContain(error.reason)
  expect(error.said?.length ?? 0).toBeLessThanOrEqual(200)
  expect(error.said?.isWellFormed() ?? true).toBe(true)
}

test.each(Object.entries(FAULTY_ANSWERS))(
  'an answer of the kind "%s" is a whole order or one named failure',
  (_kind, answers) => {
    fc.assert(
      fc.property(answers, fc.boolean(), (answer, write) => {
        try {
          const { value } = judge(answer, { write, one: true, now: new Date(0), secrets: ['SecretKey'] })
          const order = parseOrder(value)
          expect(() => v.parse(ORDER, order)).not.toThrow()
          const known = said(value)
          for (const stored of textsOf(order)) expect(known).toContain(stored)
        } catch (error) {
          namedFailure(error)
        }
      }),
      { numRuns: 100 },
    )
  },
)

test('whatever a list holds, each row is a whole one or one fault, and masking never fails', () => {
  const row = fc.record({
    order_id: fc.oneof(fc.integer(), fc.string(), fc.constant('10234')),
    status: fc.oneof(fc.constantFrom('P', 'O'), fc.jsonValue()),
    timestamp: fc.oneof(fc.constant('1795137300'), fc.jsonValue()),
    total: fc.oneof(fc.constant('1.00'), fc.double(), fc.string()),
    firstname: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
  })
  fc.assert(
    fc.property(fc.array(fc.oneof(row, fc.jsonValue())), fc.jsonValue(), (orders, params) => {
      try {
        const page = parseOrdersPage({ orders, params }, { page: 1, itemsPerPage: 10 })
        expect(page.rows.length + page.faults.length).toBeLessThanOrEqual(orders.length)
        expect(
          page.rows.every((found) => Number.isSafeInteger(found.totalCents) && found.firstname.isWellFormed()),
        ).toBe(true)
        for (const { error } of page.faults) namedFailure(error)
      } catch (error) {
        namedFailure(error)
        expect(error).toMatchObject({ path: expect.stringMatching(/^params/) })
      }
      expect(JSON.stringify(maskValue({ orders, params }))).toEqual(expect.any(String))
    }),
    { numRuns: 500 },
  )
})

test('an amount in a text is exact to the cent, whatever its size', () => {
  fc.assert(
    fc.property(fc.integer({ min: -9_999_999_999_999, max: 9_999_999_999_999 }), (cents) => {
      const sign = cents < 0 ? '-' : ''
      const digitsOf = String(Math.abs(cents)).padStart(3, '0')
      const total = `${sign}${digitsOf.slice(0, -2)}.${digitsOf.slice(-2)}`
      const order = { order_id: 1, status: 'P', timestamp: 5, products: [] }
      expect(parseOrder({ ...order, total }).totalCents).toBe(cents + 0)
      expect(parseOrder({ ...order, total: Number(total) }).totalCents).toBe(cents + 0)
    }),
  )
})
