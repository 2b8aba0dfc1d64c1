/** What happens in the pretend shop during a kill loop: its faults, and the hands of customers and of the shop's own staff. */
import type { Random } from '../../src/demo/shop/generate/random.ts'
import type { Fault, FaultKind, Profile, RouteName, ShopOrder } from '../../src/demo/shop/index.ts'
import type { RemoteShop } from '../../src/demo/shop/remote.ts'

export const PROFILES: readonly [Profile, ...Profile[]] = ['jp413', 'v420', 'jp410', 'v416']

/** Shops of these versions take PUT /shipments, so a slip number that was sent can be corrected. */
export const canCorrect = (profile: Profile): boolean => profile === 'v416' || profile === 'v420'

/** What strikes writes: three in ten answers are lost after the work was done, and others where it was not done at all. */
const WRITE_FAULTS: readonly [FaultKind, number][] = [
  ['reset-after', 0.3],
  ['reset-before', 0.08],
  ['error-html', 0.06],
]

/** So often each of these strikes any request. */
const OTHERS: readonly [FaultKind, number, Partial<Fault>?][] = [
  ['error-html', 0.02],
  ['unavailable', 0.02, { retryAfter: 1 }],
  ['too-many', 0.02],
  ['half-body', 0.02],
  ['late', 0.04, { ms: 120 }],
  ['reset-before', 0.02],
  ['reset-after', 0.02],
  ['broken-json', 0.01],
  ['html-200', 0.004],
  ['never', 0.002],
]

/** Three in ten answers to writes are lost after the work was done, and other faults are mixed into everything. */
export async function makeUnreliable(shop: RemoteShop, seed: number): Promise<void> {
  const writes: readonly RouteName[] = ['shipments.post', 'shipments.put', 'orders.put']
  for (const [index, on] of writes.entries()) {
    for (const [turn, [kind, probability]] of WRITE_FAULTS.entries()) {
      await shop.addFault({ kind, on, probability, seed: seed + index * 10 + turn })
    }
  }
  for (const [index, [kind, probability, more]] of OTHERS.entries()) {
    await shop.addFault({ kind, on: 'any', probability, seed: seed + 100 + index, ...more })
  }
}

/** What the harness knows of the shop's orders beyond the shop itself. */
export type ShopBook = {
  /** Cancelled or removed by the shop's staff. */
  ended: Set<number>
}

/** One turn of customers and shop staff: orders come in, are paid, edited, cancelled, removed. */
export async function liveOn(
  shop: RemoteShop,
  chance: Random,
  book: ShopBook,
  isTyped: (orderId: number) => boolean,
): Promise<void> {
  const now = Math.floor(Date.now() / 1000)
  if (chance.chance(0.6)) {
    // Some turn up late: placed days ago, or not paid yet and paid at a later turn.
    const timestamp = chance.chance(0.25) ? now - chance.int(3_600, 3 * 86_400) : now
    await shop.call('addOrder', { timestamp, status: chance.pick(['P', 'P', 'O', 'N']) })
  }
  const orders: readonly ShopOrder[] = await shop.call('orders')
  const open = orders.filter((order) => ['N', 'O', 'P'].includes(order.status) && !book.ended.has(order.id))
  const [first, ...others] = open
  if (!first) return
  const order = chance.pick([first, ...others])
  const what = chance.next()
  if (order.status !== 'P' && what < 0.5) await shop.call('setStatus', order.id, 'P')
  else if (what < 0.2) await shop.call('editOrder', order.id, { notes: `ご連絡 ${chance.digits(6)}` })
  else if (isTyped(order.id)) return
  // What is written to the shop rests on the lines: they change only before staff have typed anything.
  else if (what < 0.35) await shop.call('editOrder', order.id, { lines: withMore(order, chance) })
  else if (what < 0.41) {
    book.ended.add(order.id)
    await shop.call('cancel', order.id)
  } else if (what < 0.43) {
    book.ended.add(order.id)
    await shop.call('removeOrder', order.id)
  }
}

function withMore(order: ShopOrder, chance: Random): ShopOrder['lines'] {
  return order.lines.map((line, index) =>
    index === 0 && !line.downloadable ? { ...line, amount: chance.int(1, 5) } : line,
  )
}

/** How many parcels an order makes: its shipping groups, without what is only downloaded. */
export function parcelsOf(order: ShopOrder): number {
  return new Set(order.lines.filter((line) => !line.downloadable).map((line) => line.groupKey)).size
}
