import { createHash } from 'node:crypto'
import type { ShopMemory } from './repository.ts'
import type { ShopConnection } from './shop.ts'

const KEPT = 20

/**
 * What the latest 「接続テスト」 runs learnt, so that a tested connection that is then saved stands as 接続OK at once.
 * In memory only, by a hash of the connection: the key itself is not kept.
 */
export function recentTests() {
  const learnt = new Map<string, ShopMemory>()
  const idOf = ({ baseUrl, email, apiKey }: ShopConnection) =>
    createHash('sha256')
      .update(JSON.stringify([baseUrl, email, apiKey]))
      .digest('base64url')
  return {
    note(connection: ShopConnection, seen: ShopMemory): void {
      learnt.delete(idOf(connection))
      learnt.set(idOf(connection), seen)
      for (const oldest of learnt.keys()) if (learnt.size > KEPT) learnt.delete(oldest)
    },
    of: (connection: ShopConnection): ShopMemory | undefined => learnt.get(idOf(connection)),
  }
}
export type RecentTests = ReturnType<typeof recentTests>
