/** 「検索」: the text of an order that can be searched, and what a query asks for. */
import { foldNameCharacters } from './name-characters.ts'
import type { ImportedOrder, Order, OrderLine } from './order.ts'

type Searched = Pick<
  ImportedOrder,
  'csCartOrderId' | 'buyerName' | 'buyerKana' | 'company' | 'email' | 'phone' | 'billing' | 'shipping' | 'staffNotes'
> & { lines: readonly Pick<OrderLine, 'name' | 'productCode'>[] }

type Typed = Pick<Order, 'trackingNumber' | 'memo'>

/** All the words of an order in one text, normalised; parted by line breaks, which no query can hold. */
export function searchTextOf(order: Searched, typed: Typed): string {
  const [sentTo, billedTo] = [addressText(order.shipping), addressText(order.billing)]
  let text = `${order.csCartOrderId}\n${name(order.buyerName)}\n${name(order.buyerKana)}\n${order.company}\n${order.email}\n${digits(order.phone)}\n${sentTo}`
  // Mostly the same; each search goes through all of these texts.
  if (billedTo !== sentTo) text += `\n${billedTo}`
  for (const line of order.lines) text += `\n${line.name}\n${line.productCode}`
  return normalized(`${text}\n${order.staffNotes}\n${typed.trackingNumber}\n${typed.memo}`)
}

/** Full-width to half-width, lower case, hiragana to katakana, one form of 髙 and 高: the same for text and query. */
export function normalized(text: string): string {
  return foldNameCharacters(text.normalize('NFKC').toLowerCase().replace(HIRAGANA, toKatakana))
}

/**
 * The words of a query; an order must hold all of them. Each word is a list of spellings, one of which must be there:
 * a number with hyphens is also looked for without them.
 */
export function queryWords(query: string): string[][] {
  return normalized(query)
    .split(/\s+/)
    .map((word) => word.replace(/^#(?=\d)/, ''))
    .filter((word) => word !== '')
    .slice(0, 8)
    .map((word) => (/^[\d-]*\d-[\d-]*$/.test(word) ? [word, word.replaceAll('-', '')] : [word]))
}

const HIRAGANA = /[\u3041-\u3096]+/g
const toKatakana = (kana: string): string => {
  let out = ''
  for (let at = 0; at < kana.length; at++) out += String.fromCharCode(kana.charCodeAt(at) + 0x60)
  return out
}

type Address = Searched['shipping']

const addressText = (a: Address): string =>
  `${name(a.name)}\n${name(a.kana)}\n${digits(a.postalCode)}\n${a.prefecture}${a.city}${a.address1}${a.address2}\n${digits(a.phone)}`

/** A value as it was written and, where that differs, without the characters that people leave out. */
const alsoWithout = (left: RegExp) => (text: string) => {
  const bare = text.replace(left, '')
  return bare === text ? text : `${text}\n${bare}`
}
const digits = alsoWithout(/[-\u2010-\u2015\u2212\uff0d\u30fc() ]/g)
const name = alsoWithout(/[ \u3000]/g)
