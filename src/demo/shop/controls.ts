import { answerForm, controlPage, PAGE_ACTION } from './control-page.ts'
import type { PretendShop } from './index.ts'
import type { PhpParams } from './quirks.ts'
import type { Answer } from './shop.ts'

/** Below this path another process drives and reads the shop. */
export const CONTROL_PATH = '/__shop/'

/** The helpers that go over HTTP too: what they take and give is plain JSON. */
const HELPERS = [
  'addOrder',
  'addOrders',
  'order',
  'orders',
  'warm',
  'setStatus',
  'editOrder',
  'cancel',
  'removeOrder',
  'addShipment',
  'editShipment',
  'removeShipment',
  'shipments',
  'setStockShort',
  'blockStatusChange',
  'setUsers',
  'setPrivileges',
  'setNotifications',
  'configure',
  'addStatus',
  'setClockOffset',
  'setLatency',
] as const satisfies readonly (keyof PretendShop)[]

export type HelperName = (typeof HELPERS)[number]

export type Controls = Pick<PretendShop, HelperName | 'ledger' | 'faults' | 'url' | 'email' | 'apiKey' | 'profile'>

/**
 * Answers a control request: `GET /__shop/` is a page for people, the rest is JSON for harnesses:
 * `GET /__shop/ledger` (`?orders=1,2`), `GET /__shop/requests`, `GET /__shop/info`, `DELETE /__shop/ledger`,
 * `POST /__shop/faults` with a fault, `DELETE /__shop/faults`, `POST /__shop/<helper>` with a JSON list of its arguments.
 */
export function answerControl(
  controls: Controls,
  method: string,
  path: string,
  query: PhpParams,
  body: string,
): Answer {
  const name = path.slice(CONTROL_PATH.length)
  try {
    if (name === '' && method === 'GET') return controlPage(controls)
    if (name === PAGE_ACTION && method === 'POST') return answerForm(controls, body)
    const value = run(controls, `${method} ${name}`, query, body)
    if (value !== NOTHING) return json(200, value ?? null)
    const helper = HELPERS.find((candidate) => candidate === name)
    if (helper === undefined || method !== 'POST') return json(404, { error: `no such control: ${method} ${name}` })
    return json(200, call(controls, helper, body) ?? null)
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) })
  }
}

const NOTHING = Symbol('no such control')

function run(controls: Controls, what: string, query: PhpParams, body: string): unknown {
  const { ledger, faults } = controls
  switch (what) {
    case 'GET info':
      return { url: controls.url, email: controls.email, apiKey: controls.apiKey, profile: controls.profile }
    case 'GET ledger':
      return ledger.snapshot(typeof query.orders === 'string' ? query.orders.split(',').map(Number) : undefined)
    case 'DELETE ledger':
      return ledger.clear()
    case 'GET requests':
      return ledger.requests
    case 'POST faults':
      return { id: faults.add(parse(body)) }
    case 'GET faults':
      return { fired: faults.fired(), waiting: faults.waiting() }
    case 'DELETE faults':
      return faults.clear()
    default:
      return NOTHING
  }
}

function call(controls: Controls, helper: HelperName, body: string): unknown {
  const args = parse<never[]>(body || '[]')
  const method: (...args: never[]) => unknown = controls[helper]
  return method(...args)
}

/** The callers are our own harnesses, typed where they write: what they send is taken as it is. */
function parse<T>(body: string): T {
  return JSON.parse(body)
}

function json(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) }
}
