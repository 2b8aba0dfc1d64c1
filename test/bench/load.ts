import { setTimeout as wait } from 'node:timers/promises'
import type { Browser } from './server.ts'
import { sockets } from './sockets.ts'

/** ホーム, 受注一覧 with and without filters, one order, データ取込, データ書出, 自動処理ログ. */
export const PAGES = [
  '/',
  '/orders',
  '/orders?q=%E7%94%B0%E4%B8%AD',
  '/orders?tab=1',
  '/orders?todo=number',
  '/orders?export=waiting',
  '/orders/1',
  '/import',
  '/export',
  '/runs',
] as const

/** What came of a load: ms from the moment at which each request was due, in the order of the answers. */
export type Load = { latencies: number[]; byPage: Map<string, number[]>; failed: number }

/**
 * Asks for pages at a fixed rate, whether the earlier ones were answered or not, until `until` settles.
 * A request that could not be sent in time counts from when it was due, so that a stalled server cannot hide.
 */
export async function load(person: Browser, perSecond: number, until: Promise<unknown>): Promise<Load> {
  const told: Load = { latencies: [], byPage: new Map(PAGES.map((page) => [page, []])), failed: 0 }
  const open = new Set<Promise<void>>()
  let over = false
  const end = () => {
    over = true
  }
  until.then(end, end)
  const connections = sockets(person.origin)
  const cookie = person.cookie()
  const began = performance.now()
  const ask = async (page: string, due: number) => {
    const status = await connections.get(page, cookie)
    const ms = performance.now() - due
    if (status !== 200) told.failed += 1
    told.latencies.push(ms)
    told.byPage.get(page)?.push(ms)
  }
  for (let sent = 0; !over; ) {
    const now = performance.now()
    for (let due = began + (sent * 1000) / perSecond; due <= now; due = began + (sent * 1000) / perSecond) {
      const asked = ask(PAGES[sent % PAGES.length] ?? '/', due).finally(() => open.delete(asked))
      open.add(asked)
      sent += 1
    }
    await wait(1)
  }
  await Promise.all(open)
  connections.close()
  return told
}

/** @param share 0.99 for p99 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
