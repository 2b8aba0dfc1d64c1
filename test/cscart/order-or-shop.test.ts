import { expect, test } from 'vitest'
import { mayBeOneOrder, orderOrShop } from '../../src/cscart/order-or-shop.ts'
import { CsCartError } from '../../src/errors.ts'

const phpError = new CsCartError('unavailable', { status: 500 })

/** A shop whose version can be asked for, as long as it is well. */
function shop() {
  const state = { well: true, asked: 0 }
  const apiVersion = async (): Promise<string> => {
    state.asked += 1
    if (!state.well) throw phpError
    return '2.0'
  }
  return { state, client: { apiVersion } }
}

test.each([
  ['unavailable', 500, true],
  ['unavailable', 502, true],
  ['unavailable', 504, true],
  ['unavailable', 503, false],
  ['timeout', undefined, true],
  ['unauthorized', 401, false],
  ['rate_limited', 429, false],
  ['blocked', 403, false],
  ['redirected', 302, false],
] as const)('%s with %s may be one order alone: %s', (reason, status, may) => {
  expect(mayBeOneOrder(new CsCartError(reason, status === undefined ? {} : { status }))).toBe(may)
})

test('a failure that never ends a run does not either here, and one that every order meets ends it without a question', async () => {
  const { state, client } = shop()
  const judge = orderOrShop(client)
  expect(await judge.endsRun(new CsCartError('unexpected_shape'))).toBe(false)
  expect(await judge.endsRun(new CsCartError('unauthorized'))).toBe(true)
  expect(state.asked).toBe(0)
})

test('the third order in a row that fails ends the run, and one that is read in between begins the count anew', async () => {
  const { client } = shop()
  const judge = orderOrShop(client)
  expect([await judge.endsRun(phpError), await judge.endsRun(phpError)]).toEqual([false, false])
  judge.orderAnswered()
  expect([await judge.endsRun(phpError), await judge.endsRun(phpError)]).toEqual([false, false])
  expect(await judge.endsRun(phpError)).toBe(true)
})

test('a shop that does not answer at all ends the run with the first order', async () => {
  const { state, client } = shop()
  state.well = false
  expect(await orderOrShop(client).endsRun(phpError)).toBe(true)
})

test('orders that failed before may fail in a row once more, up to a bound', async () => {
  const inARow = async (known: number): Promise<number> => {
    const judge = orderOrShop(shop().client, known)
    for (let count = 1; ; count += 1) if (await judge.endsRun(phpError)) return count
  }
  expect([await inARow(0), await inARow(4), await inARow(1_000)]).toEqual([3, 7, 13])
})

test('a stop during the question is a stop, not an answer', async () => {
  const stop = new AbortController()
  const apiVersion = async (): Promise<string> => {
    stop.abort(new Error('stopped'))
    throw phpError
  }
  await expect(orderOrShop({ apiVersion }).endsRun(phpError, stop.signal)).rejects.toThrow('stopped')
})
