import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer } from '../../src/cscart/answer.ts'
import { CS_CART_FAILURES, failureOf } from '../../src/failures.ts'
import { payloadText } from '../../src/orders/payload.ts'
import { FAULTY_ANSWERS } from '../cscart/faulty-answers.ts'
import { type Instead, inFrontOf } from '../support/in-front-of.ts'
import { DAY, type ImportWorld, importWorld } from './world.ts'

/** The number of the order in the answers; two healthy ones come behind it. */
const FAULTY = 10_234
const HEALTHY = [10_235, 10_236]
const ALL = [FAULTY, ...HEALTHY]
const READ_MS = 600
const ATTEMPTS = 2
/** No run may take longer than all that it reads, each at its own deadline, and a second for the writing. */
const LONGEST_RUN_MS = ALL.length * ATTEMPTS * READ_MS + 1_000

let world: ImportWorld
let front: Awaited<ReturnType<typeof inFrontOf>>
const unhandled: unknown[] = []
const note = (reason: unknown) => void unhandled.push(reason)

beforeEach(async () => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
  world = await importWorld({
    shop: { firstOrderId: FAULTY },
    app: {
      client: {
        timeouts: { headersMs: 400, bodyMs: 400, readMs: READ_MS },
        attempts: ATTEMPTS,
        sleep: async () => {},
        maxBodyBytes: 1_000_000,
      },
    },
    settings: { requestsAtOnce: 1 },
  })
  world.shop.addOrders(ALL.length, { from: world.ago(DAY), statuses: ['P'] })
  front = await inFrontOf(world.shop.url)
  world.db.$client.prepare('update shops set base_url = ?').run(`${front.url}/`)
})
afterEach(async () => {
  await front.close()
  await world.close()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

const headOf = (answer: Answer): Instead => ({
  status: answer.status,
  headers: {
    'content-type': answer.contentType,
    ...(answer.contentEncoding === '' ? {} : { 'content-encoding': answer.contentEncoding }),
    ...(answer.location === '' ? {} : { location: answer.location }),
  },
  body: answer.bytes,
})

/** Everything stored of the order, and the answer that it was read from. */
function stored() {
  const { $client } = world.db
  const id = $client.prepare('select id from orders where cs_cart_order_id = ?').pluck().get(FAULTY)
  const body = $client.prepare('select body from order_payloads where order_id = ?').pluck().get(id)
  return {
    row: JSON.stringify([
      $client.prepare('select * from orders where id = ?').get(id),
      $client.prepare('select * from order_lines where order_id = ? order by item_id').all(id),
    ]),
    lines: Number($client.prepare('select count(*) from order_lines where order_id = ?').pluck().get(id)),
    text: typeof body === 'string' || Buffer.isBuffer(body) ? payloadText(body) : undefined,
  }
}

async function timed(request: Parameters<ImportWorld['import']>[0]) {
  const began = performance.now()
  const run = await world.import(request)
  expect(performance.now() - began).toBeLessThan(LONGEST_RUN_MS)
  return run
}

const RUNS = { numRuns: 6, endOnFailure: true }

test.each(Object.entries(FAULTY_ANSWERS))(
  'an import that meets an answer of the kind "%s" ends in time, with the order whole or as it was and the reason named',
  async (_kind, answers) => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const before = stored()
        front.answer('GET', `/orders/${FAULTY}`, headOf(answer))
        const run = await timed({ mode: 'ids', ids: ALL, force: true })
        const failed = world.items(run).filter(({ outcome }) => outcome === 'failed')
        expect(run.failed).toBe(failed.length)
        for (const { reason } of failed) expect(Object.keys(CS_CART_FAILURES)).toContain(reason)
        if (run.reason === null) {
          expect(world.numbers()).toEqual(expect.arrayContaining(HEALTHY))
          expect(run.created + run.changed + run.unchanged + run.failed).toBe(ALL.length)
        } else expect(failureOf(run.reason).stopsRun).toBe(true)

        const after = stored()
        if (after.row === before.row) return
        // Stored anew: from exactly these bytes, and whole.
        expect(failed.map(({ csCartOrderId }) => csCartOrderId)).not.toContain(FAULTY)
        const text = new TextDecoder('utf-8', { fatal: true }).decode(answer.bytes)
        expect(after.text).toBe(text)
        expect(after.lines).toBe(Object.keys(JSON.parse(text).products).length)
      }),
      RUNS,
    )
  },
)

test.each(Object.entries(FAULTY_ANSWERS))(
  'an import that meets a list of the kind "%s" ends in time, and stores nothing of it',
  async (_kind, answers) => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        front.answer('GET', '/orders?', headOf(answer))
        const run = await timed({ mode: 'days' })
        expect(run).toMatchObject({ state: 'failed', created: 0, changed: 0 })
        expect(Object.keys(CS_CART_FAILURES)).toContain(run.reason)
        expect(world.numbers()).toEqual([])
      }),
      RUNS,
    )
    front.handOn()
    expect(await world.import()).toMatchObject({ state: 'succeeded', created: ALL.length })
  },
)
