import { type ClientOptions, type CsCartClient, csCartClient } from '../cscart/client.ts'
import type { ShopRepository } from './repository.ts'
import type { Shop } from './shop.ts'

/**
 * One client for each shop, shared by all who talk to it, so that `requestsAtOnce` holds over imports, exports and pages
 * together. A client is remade when the shop's settings were saved.
 */
export function shopClients(
  shops: Pick<ShopRepository, 'connectionOf'>,
  options: ClientOptions & { allowPrivate: boolean },
) {
  const { allowPrivate, ...clientOptions } = options
  const clients = new Map<number, { settingsSavedAt: number; client: CsCartClient }>()
  /** A run that began before the settings were saved goes on with the client it has; idle connections end by themselves. */
  const retired: CsCartClient[] = []

  /** Lets what is under way finish; nobody waits for it. */
  const letGo = (client: CsCartClient): void => void client.close().catch(() => {})

  return {
    /** @throws AppError('unavailable') when the shop's key was sealed under another secret */
    clientFor(shop: Shop): CsCartClient {
      const known = clients.get(shop.id)
      // A shop that was read before the last save asks with an older time: the newest settings serve it too.
      if (known && known.settingsSavedAt >= shop.settingsSavedAt) return known.client
      const connection = shops.connectionOf(shop)
      const client = csCartClient({ ...connection, requestsAtOnce: shop.requestsAtOnce, allowPrivate }, clientOptions)
      if (known) retired.push(known.client)
      clients.set(shop.id, { settingsSavedAt: shop.settingsSavedAt, client })
      return client
    },

    close(): void {
      for (const client of [...retired.splice(0), ...[...clients.values()].map((one) => one.client)]) letGo(client)
      clients.clear()
    },
  }
}
export type ShopClients = ReturnType<typeof shopClients>
