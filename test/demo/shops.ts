import { afterEach } from 'vitest'
import { type PretendShop, type PretendShopOptions, startPretendShop } from '../../src/demo/shop/index.ts'
import { type ShopClient, shopClient } from './shop-client.ts'

/** Tuesday, 24 November 2026, 12:00 in Tokyo. */
export const NOON = new Date('2026-11-24T12:00:00+09:00')

/** Starts shops that end with their test. Call it once at the top of a test file. */
export function shopsOfTest() {
  const shops: PretendShop[] = []
  afterEach(async () => {
    await Promise.all(shops.splice(0).map((shop) => shop.close()))
  })
  return async (options: Partial<PretendShopOptions> = {}): Promise<{ shop: PretendShop; client: ShopClient }> => {
    const shop = await startPretendShop({ profile: 'jp413', now: () => NOON, ...options })
    shops.push(shop)
    return { shop, client: shopClient(shop) }
  }
}

/** Unix seconds of a moment in Tokyo. */
export function tokyo(text: string): number {
  return Date.parse(`${text}+09:00`) / 1000
}
