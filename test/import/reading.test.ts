import { createHash } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { parseOrder } from '../../src/cscart/payloads.ts'
import { importedOrder, READING, readingOf } from '../../src/import/from-cscart.ts'
import { contentHashOf, jsonColumns } from '../../src/orders/content-hash.ts'
import { example, withLine } from '../cscart/example-order.ts'
import { DAY, type ImportWorld, importWorld, PROFILES } from './world.ts'

const SETTINGS = {
  id: 1,
  nameOrder: 'family_first',
  kanaFields: { contact: ['1', '2'], billing: ['36', '37'], shipping: ['38', '39'] },
  carrierCodes: {},
} as const satisfies Parameters<typeof importedOrder>[1]

test('what reading an answer gives has changed only where READING was counted up', () => {
  const answers = [
    example(),
    example({ fields: { 1: 'ヤマダ', 2: 'タロウ', 36: 'スズキ', 37: 'ハナコ', 38: 'サトウ', 39: 'ジロウ' } }),
    example({ shipping: [], taxes: [], notes: '急ぎ &amp; 丁寧に', phone: '03-1', b_phone: '', s_phone: '' }),
    example({ s_firstname: '', s_lastname: '', company: '株式会社つなぎ', updated_at: '1700000000', discount: 12.5 }),
    withLine({ price: '99.995', amount: '3', subtotal: undefined, shipped_amount: '2' }),
    withLine({
      extra: { product_options_value: [{ option_name: '色', variant_name: '', value: '青' }], group_key: 1 },
    }),
  ]
  const told = answers.flatMap((answer) =>
    (['family_first', 'given_first'] as const).map((nameOrder) => {
      const order = importedOrder(parseOrder(answer), { ...SETTINGS, nameOrder }, '')
      return [contentHashOf(order, jsonColumns(order)), { ...order, raw: '', readBy: '' }]
    }),
  )
  const digest = createHash('sha1').update(JSON.stringify(told)).digest('base64')
  // Where the digest differs, count READING up with it: stored orders are then read anew by the next import.
  expect({ READING, digest }).toEqual({ READING: 1, digest: 'i9JErMwclle9YcOoX2QbQiNvs4Q=' })
})

test('other settings read otherwise; the carriers, which say only what is proposed, do not', () => {
  const reading = readingOf(SETTINGS)
  expect(readingOf({ ...SETTINGS })).toBe(reading)
  expect(readingOf({ ...SETTINGS, carrierCodes: { yamato: 'yamato' } })).toBe(reading)
  expect(readingOf({ ...SETTINGS, nameOrder: 'given_first' })).not.toBe(reading)
  expect(readingOf({ ...SETTINGS, kanaFields: { ...SETTINGS.kanaFields, shipping: ['38', ''] } })).not.toBe(reading)
})

let world: ImportWorld | undefined
afterEach(async () => {
  vi.restoreAllMocks()
  await world?.close()
  world = undefined
})

/** How many orders' details were parsed during `work`; lists begin otherwise. */
async function parsedDuring(work: () => Promise<unknown>): Promise<number> {
  const parse = vi.spyOn(JSON, 'parse')
  await work()
  const count = parse.mock.calls.filter(([text]) => String(text).startsWith('{"order_id"')).length
  parse.mockRestore()
  return count
}

test.each(PROFILES)('of a shop like %s only answers that have changed are read again', async (profile) => {
  const here = await importWorld({ profile })
  world = here
  here.shop.addOrders(60, { from: here.ago(6 * DAY), statuses: ['O', 'P'] })
  await here.import()
  const [first = 0] = here.numbers()
  expect(await parsedDuring(async () => expect(await here.import()).toMatchObject({ unchanged: 60 }))).toBe(0)

  here.shop.editOrder(first, { notes: '急ぎでお願いします' })
  expect(
    await parsedDuring(async () => expect(await here.import()).toMatchObject({ changed: 1, unchanged: 59 })),
  ).toBeGreaterThan(0)
  expect(here.stored(first)?.customerNotes).toBe('急ぎでお願いします')
})

test('after the order of names was changed in the settings the same answers give other names', async () => {
  const here = await importWorld()
  world = here
  here.shop.addOrders(5, { from: here.ago(6 * DAY), statuses: ['O', 'P'] })
  await here.import()
  const [first = 0] = here.numbers()
  const before = here.stored(first)?.buyerName ?? ''
  here.db.$client.exec("update shops set name_order = 'given_first'")
  expect(await here.import()).toMatchObject({ changed: 5 })
  expect(here.stored(first)?.buyerName).toBe(before.split(' ').reverse().join(' '))
  // Nobody changed anything in the shop, so there is nothing there that somebody would have to look at.
  const { id = 0, changedInCsCartAt } = here.stored(first) ?? {}
  expect(changedInCsCartAt).toBeNull()
  expect(here.services.orders.historyOf(id)[0]).toMatchObject({ event: 'reread', changes: expect.any(Array) })
  expect(await here.import()).toMatchObject({ unchanged: 5 })

  // A change in the shop that comes with another reading is the shop's all the same.
  here.db.$client.exec("update shops set name_order = 'family_first'")
  here.shop.editOrder(first, { notes: '急ぎでお願いします' })
  expect(await here.import()).toMatchObject({ changed: 5 })
  expect(here.stored(first)?.changedInCsCartAt).not.toBeNull()
  expect(here.services.orders.historyOf(id)[0]).toMatchObject({ event: 'changed_in_cs_cart' })
})
