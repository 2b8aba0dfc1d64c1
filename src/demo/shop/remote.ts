/**
 * A pretend shop in a process of its own, driven from here over its control path: for kill loops and benchmarks, where the
 * shop must not share our process.
 *
 *     const shop = await spawnPretendShop({ profile: 'jp413', orders: 5000, latencyMs: 50 })
 *     await shop.call('setStatus', 10001, 'I')
 *     const { orders } = await shop.ledger()
 *     await shop.close()
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CONTROL_PATH, type HelperName } from './controls.ts'
import type { Fault, FaultKind, LedgerSnapshot, PretendShop, PretendShopOptions, RouteName } from './index.ts'

/** What has passed through JSON: dates have become ISO text. */
export type Sent<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Sent<T[K]> } : T

export type SpawnOptions = Omit<PretendShopOptions, 'now' | 'controls' | 'firstOrderId'> & {
  /** How many orders it starts with. */
  orders?: number
  statuses?: readonly string[]
  /** Renders all orders first, so that a benchmark does not wait for that. */
  warm?: boolean
}

export type RemoteShop = ReturnType<typeof remoteShop>

/** Drives a shop that listens elsewhere and was started with its controls on. */
export function remoteShop(start: { url: string; email: string; apiKey: string }) {
  const control = `${new URL(start.url).origin}${CONTROL_PATH}`
  async function ask<T>(method: string, name: string, body?: unknown): Promise<T> {
    const response = await fetch(`${control}${name}`, {
      method,
      // A connection kept for later may be closed by the shop at the moment in which it is used again.
      headers: { connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`the pretend shop refused ${method} ${name}: ${text}`)
    return JSON.parse(text)
  }
  return {
    ...start,
    /** The whole ledger, or that of some orders. */
    ledger: (orderIds?: readonly number[]): Promise<Sent<LedgerSnapshot>> =>
      ask('GET', orderIds ? `ledger?orders=${orderIds.join(',')}` : 'ledger'),
    clearLedger: (): Promise<null> => ask('DELETE', 'ledger'),
    requests: (): Promise<Sent<PretendShop['ledger']['requests']>> => ask('GET', 'requests'),
    addFault: async (fault: Fault): Promise<number> => (await ask<{ id: number }>('POST', 'faults', fault)).id,
    faults: (): Promise<{ fired: { id: number; kind: FaultKind; route: RouteName }[]; waiting: Fault[] }> =>
      ask('GET', 'faults'),
    clearFaults: (): Promise<null> => ask('DELETE', 'faults'),
    /** Calls any helper of the shop by its name. Times are given as Unix seconds (`addOrders` also takes ISO text). */
    call: <N extends HelperName>(
      name: N,
      ...args: Parameters<PretendShop[N]>
    ): Promise<Sent<ReturnType<PretendShop[N]>>> => ask('POST', name, args),
  }
}

/** Starts a shop as a child process and waits until it listens. It ends with this process, whatever ends that. */
export async function spawnPretendShop(
  options: SpawnOptions,
): Promise<RemoteShop & { pid: number; close: () => Promise<void> }> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const given = {
    profile: options.profile,
    port: options.port,
    host: options.host,
    subdirectory: options.subdirectory,
    orders: options.orders,
    statuses: options.statuses?.join(','),
    seed: options.seed,
    latency: options.latencyMs,
  }
  const flags = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
  const child = spawn(process.execPath, [main, ...flags, '--controls', ...(options.warm ? ['--warm'] : [])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const firstLine = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the pretend shop ended with ${code} before it listened`)))
  })
  return {
    ...remoteShop(JSON.parse(firstLine)),
    pid: child.pid ?? 0,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
