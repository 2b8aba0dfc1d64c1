import { type CsCartRequest, csCartCalls } from '../../src/cscart/calls.ts'
import type { CsCartClient } from '../../src/cscart/client.ts'
import { shopClock } from '../../src/demo/shop/clock.ts'
import { shopFaults } from '../../src/demo/shop/faults.ts'
import { shopHelpers } from '../../src/demo/shop/helpers.ts'
import { shopLedger } from '../../src/demo/shop/ledger.ts'
import { shopMemory } from '../../src/demo/shop/memory.ts'
import { PROFILES } from '../../src/demo/shop/profiles.ts'
import { type PhpParams, parsePhpQuery } from '../../src/demo/shop/quirks.ts'
import { answerApi, targetOf } from '../../src/demo/shop/router.ts'
import type { Shop } from '../../src/demo/shop/shop.ts'
import { SHIPPED_STATUSES } from '../../src/demo/shop/statuses.ts'
import type { Profile } from '../../src/demo/shop/types.ts'
import { CsCartError } from '../../src/errors.ts'

const EMAIL = 'admin@shop.example.jp'
const KEY = 'PretendShopKey0123456789ABCDEFGH'

/**
 * The pretend shop and a client of it in one process without a socket between them, so that ten thousand histories take
 * minutes: same handlers, same parsers.
 * @param onList called after each list was answered and before it arrives, as if somebody worked in the shop just then
 */
export function directShop(options: { profile: Profile; now: () => Date; clockOffsetMs: number; onList: () => void }) {
  const clock = shopClock(options.now, options.clockOffsetMs)
  const memory = shopMemory(10_001)
  const shop: Shop = {
    rules: PROFILES[options.profile],
    clock,
    memory,
    ledger: shopLedger(clock.now, {
      orderIds: memory.orderIds,
      statusOf: (id) => memory.order(id)?.status ?? null,
      shipmentsOf: () => [],
    }),
    faults: shopFaults(),
    settings: {
      itemsPerPage: 10,
      rewriting: true,
      closed: false,
      ipBlocked: false,
      httpsOnly: false,
      displayErrors: false,
      newShipmentStatus: null,
      notifications: { shipment: true, orderStatus: true },
    },
    statuses: [...SHIPPED_STATUSES],
    users: [{ email: EMAIL, apiKey: KEY, status: 'A', privileges: 'all' }],
    url: () => 'http://127.0.0.1',
  }
  const authorization = `Basic ${Buffer.from(`${EMAIL}:${KEY}`).toString('base64')}`
  let number = 0

  async function ask<T>(request: CsCartRequest<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    number += 1
    const query = queryOf(request.query)
    const headers = { accept: 'application/json', authorization }
    const target = targetOf(shop, request.method, `2.0/${request.path}`, query)
    const answer = answerApi(shop, { number, method: request.method, headers, query, body: '' }, target)
    if (answer.status === 404) throw new CsCartError('not_found')
    if (answer.status !== 200) throw new Error(`the shop answered ${answer.status} to ${request.path}`)
    if (request.path === 'orders') options.onList()
    await Promise.resolve()
    return request.read(JSON.parse(answer.body), answer.body)
  }

  const client: CsCartClient = {
    ...csCartCalls(ask),
    recorded: () => client,
    shopClock: () => ({ offsetMs: clock.seconds() * 1000 - options.now().getTime() }),
    close: async () => {},
  }
  return { ...shopHelpers(shop, 1), client, seconds: clock.seconds }
}
export type DirectShop = ReturnType<typeof directShop>

function queryOf(query: CsCartRequest<unknown>['query']): PhpParams {
  const params = new URLSearchParams({ sl: 'ja' })
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const each of typeof value === 'string' ? [value] : value) params.append(key, each)
  }
  return parsePhpQuery(params.toString())
}
