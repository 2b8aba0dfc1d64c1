import type { Shop } from './shop.ts'
import type { FieldErrors } from './shop-form.ts'

export type ShopUse = { hasOrders: boolean; isWorking: boolean }

/** `sameShop`: the person says that the address is a new one of the same shop. `savedAt`: of the settings that the form was made from. */
export type AskedChange = { baseUrl: string; sameShop: boolean; savedAt: string; differences: readonly string[] }

/** A shop that is connected already stands for its orders: a second time they would all come in twice. */
export function faultOfTwice(
  shop: Shop | undefined,
  asked: { baseUrl: string; apiEmail: string },
  all: readonly Shop[],
): FieldErrors {
  const isSame = (one: { baseUrl: string; apiEmail: string }) =>
    one.apiEmail.toLowerCase() === asked.apiEmail.toLowerCase() && isAtSamePlace(one.baseUrl, asked.baseUrl)
  // Two that are there already must not keep each other from being saved.
  if (shop && isSame(shop)) return {}
  const other = all.find(isSame)
  if (!other) return {}
  return {
    url: `このショップは、同じメールアドレスですでに「${other.name}」としてつながっています。同じ注文が2回入らないよう、保存しませんでした。`,
  }
}

/**
 * What of a form must not be saved over a stored shop just now, as a message per field.
 * Behind another address there may be another shop, whose orders have the same numbers: its order 10001 would be taken for ours, and
 * get the slip number that was typed for ours.
 */
export function faultsOfChange(shop: Shop, asked: AskedChange, use: ShopUse): FieldErrors {
  const faults: FieldErrors = {}
  if (asked.savedAt !== '' && asked.savedAt !== String(shop.settingsSavedAt)) {
    faults.savedAt =
      'この画面を開いた後に、ほかの人が設定を保存しました。もう一度保存すると、いまの画面の内容に置き換わります。' +
      (asked.differences.length === 0 ? '' : `違うところ: ${asked.differences.join('、')}`)
  }
  if (isAtSamePlace(shop.baseUrl, asked.baseUrl)) return faults
  if (use.isWorking) {
    faults.url = '取込または書出の実行中は、URLを変えられません。終わってから保存してください。'
  } else if (use.hasOrders && !asked.sameShop) {
    faults.url =
      'このショップからはすでに注文を取り込んでいます。別のショップをつなぐときは「店舗を追加」を使ってください。同じショップの新しいアドレスのときは、下の「同じショップの新しいアドレスです」にチェックを付けて保存してください。'
  }
  return faults
}

/** http or https, it is the same place. */
export function isAtSamePlace(storedUrl: string, newUrl: string): boolean {
  const place = (address: string) => {
    const { hostname, port, pathname } = new URL(address)
    return `${hostname}:${port}${pathname}`
  }
  return place(storedUrl) === place(newUrl)
}
