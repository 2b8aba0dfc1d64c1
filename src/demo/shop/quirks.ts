/** How PHP says things: its JSON, its idea of empty, its numbers out of text. */

/** PHP's json_encode with its default flags: ASCII only, `/` escaped. */
export function phpJson(value: unknown): string {
  return JSON.stringify(value).replace(/[/\u0080-\uffff]/g, (char) =>
    char === '/' ? '\\/' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** PHP has one array: an empty map leaves as `[]`. */
export function phpMap<T>(map: Record<string, T>): Record<string, T> | [] {
  return Object.keys(map).length === 0 ? [] : map
}

/** An array whose keys run 0, 1, 2 … leaves as a list, any other as an object. */
export function phpArray<T>(entries: ReadonlyMap<number, T>): T[] | Record<string, T> {
  const keys = [...entries.keys()]
  return keys.every((key, index) => key === index) ? [...entries.values()] : Object.fromEntries(entries)
}

/** PHP's empty(): missing, null, false, 0, "", "0" and []. The text "N" is not empty. */
export function phpEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '' || value === '0')
    return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** PHP's intval(): the leading integer of a text, else 0. */
export function phpInt(value: unknown): number {
  if (typeof value === 'number') return Math.trunc(value)
  if (value === true) return 1
  const digits = typeof value === 'string' ? /^\s*[+-]?\d+/.exec(value) : null
  return digits ? Number(digits[0]) : 0
}

/** PHP's is_numeric() for what comes over the wire. */
export function phpNumeric(value: unknown): boolean {
  if (typeof value === 'number') return true
  return typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)
}

/** A scalar as PHP would print it; "" for everything else. */
export function phpText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return value === true ? '1' : ''
}

/** (array) $value: the elements of a list or map, a scalar as the only one. */
export function phpList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'object' && value !== null) return Object.values(value)
  return value === undefined || value === null ? [] : [value]
}

/** A decimal(12,2) column: "9302.00". */
export function decimal(yen: number): string {
  return yen.toFixed(2)
}

export type PhpParams = Record<string, unknown>

/** Reads a query string or form body like PHP: `a[]=1&a[]=2` is a list, `a[k]=v` a map, the last of two scalars wins. */
export function parsePhpQuery(text: string): PhpParams {
  const params: PhpParams = {}
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const cut = pair.indexOf('=')
    const name = decode(cut < 0 ? pair : pair.slice(0, cut))
    put(params, name, cut < 0 ? '' : decode(pair.slice(cut + 1)))
  }
  return params
}

function put(params: PhpParams, name: string, value: string): void {
  const open = name.indexOf('[')
  const close = name.indexOf(']', open)
  const key = (open > 0 && close > 0 ? name.slice(0, open) : name).replace(/[ .]/g, '_')
  if (key === '__proto__' || key === '') return
  if (open <= 0 || close < 0) {
    params[key] = value
    return
  }
  const inner = name.slice(open + 1, close)
  const before = params[key]
  if (inner === '') {
    params[key] = Array.isArray(before) ? [...before, value] : [value]
  } else if (inner !== '__proto__') {
    const map = typeof before === 'object' && before !== null ? { ...before } : {}
    params[key] = { ...map, [inner]: value }
  }
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
