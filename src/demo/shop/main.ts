/**
 * The pretend shop as a process of its own:
 *
 *     node src/demo/shop/main.ts --profile jp413 --orders 5000 --seed 7 --latency 50 --port 0 --controls --warm
 *
 * `--warm` renders all orders before the shop says that it listens, for benchmarks. Every option can come from the
 * environment too: PRETEND_SHOP_PROFILE and so on. Prints one line of JSON with `url`, `email` and `apiKey` once it listens.
 * Ends on SIGTERM and SIGINT, and when whoever started it is gone.
 */
import { fstatSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startPretendShop } from './index.ts'
import { PROFILES } from './profiles.ts'
import type { Profile } from './types.ts'

const PARENT_CHECK_MS = 500

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a whole number, not ${text}`)
  return value
}

function profileOf(text: string): Profile {
  const known = Object.values(PROFILES).find((rules) => rules.profile === text)
  if (!known) throw new Error(`--profile must be one of ${Object.keys(PROFILES).join(', ')}, not ${text}`)
  return known.profile
}

/** Calls back once when the starter's end of our stdin closes, or when another process became our parent. */
function whenParentIsGone(gone: () => void): void {
  const stdin = fstatSync(0, { throwIfNoEntry: false })
  if (stdin?.isFIFO() || stdin?.isSocket()) {
    process.stdin.on('end', gone).on('close', gone).on('error', gone).resume()
  }
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) gone()
  }, PARENT_CHECK_MS).unref()
}

const environment = (name: string, fallback: string): string =>
  process.env[`PRETEND_SHOP_${name.toUpperCase()}`] ?? fallback

const { values } = parseArgs({
  options: {
    profile: { type: 'string', default: environment('profile', 'jp413') },
    port: { type: 'string', default: environment('port', '0') },
    host: { type: 'string', default: environment('host', '127.0.0.1') },
    subdirectory: { type: 'string', default: environment('subdirectory', '') },
    orders: { type: 'string', default: environment('orders', '0') },
    statuses: { type: 'string', default: environment('statuses', '') },
    seed: { type: 'string', default: environment('seed', '1') },
    latency: { type: 'string', default: environment('latency', '0') },
    warm: { type: 'boolean', default: environment('warm', '') !== '' },
    controls: { type: 'boolean', default: environment('controls', '') !== '' },
  },
})

const shop = await startPretendShop({
  profile: profileOf(values.profile),
  port: wholeNumber('port', values.port),
  host: values.host,
  subdirectory: values.subdirectory,
  seed: wholeNumber('seed', values.seed),
  latencyMs: wholeNumber('latency', values.latency),
  controls: values.controls,
})
shop.addOrders(wholeNumber('orders', values.orders), {
  statuses: values.statuses === '' ? [] : values.statuses.split(','),
})
if (values.warm) shop.warm()

const end = (): void => {
  shop.close().then(() => process.exit(0))
}
process.once('SIGTERM', end)
process.once('SIGINT', end)
whenParentIsGone(end)
console.log(JSON.stringify({ url: shop.url, email: shop.email, apiKey: shop.apiKey }))
