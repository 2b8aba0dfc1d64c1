/** The carriers that an order can be shipped with. `code` is what the Japanese edition of CS-Cart calls them (cs-cart-api.md 6). */
export const CARRIERS = [
  { id: 'yamato', name: 'ヤマト運輸', code: 'yamato' },
  { id: 'sagawa', name: '佐川急便', code: 'sagawa' },
  { id: 'jpost', name: '日本郵便', code: 'jpost' },
  { id: 'seino', name: '西濃運輸', code: 'seino' },
  { id: 'fukutsu', name: '福山通運', code: 'fukutsu' },
  { id: 'other', name: 'その他', code: 'other' },
] as const

export type CarrierId = (typeof CARRIERS)[number]['id']

export function isCarrier(id: string): id is CarrierId {
  return CARRIERS.some((carrier) => carrier.id === id)
}

/** 配送業者 as people read it; '' for none, the id itself for one that this version does not know. */
export function carrierName(id: string | null): string {
  if (id === null) return ''
  return CARRIERS.find((carrier) => carrier.id === id)?.name ?? id
}

/**
 * 配送業者 as people read it, of a code that was written to a shop; the code itself where nobody knows it.
 * @param shopCodes the shop's own codes by our carrier id
 */
export function carrierNameOfCode(code: string, shopCodes: Readonly<Record<string, string>>): string {
  const own = CARRIERS.find(({ id }) => shopCodes[id] === code)
  return (own ?? CARRIERS.find((carrier) => carrier.code === code))?.name ?? code
}

/** The carrier that a CS-Cart shipping method's module names, undefined where it names none of ours. */
export function carrierOfModule(module: string | undefined): CarrierId | undefined {
  if (module === 'jpems') return 'jpost'
  return CARRIERS.find((carrier) => carrier.code === module)?.id
}
