import { CsCartError } from '../errors.ts'

/** Readers of what `JSON.parse` gave: each takes an object, a key and the object's own path, and never casts. */

export type Fields = Readonly<Record<string, unknown>>

/** The failure of one field, named by its path. */
export function wrongShape(path: string): CsCartError {
  return new CsCartError('unexpected_shape', { path })
}

/** `products` + `12` -> `products.12`; the top of an answer has the path ''. */
export function below(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object, which must be there. */
export function record(value: unknown, path: string): Fields {
  if (isFields(value)) return value
  throw wrongShape(path)
}

const NOTHING: Fields = Object.freeze({})

/** An object; empty where PHP wrote `[]`, null, false or nothing at all for an empty one. */
export function recordOrEmpty(value: unknown, path: string): Fields {
  if (isFields(value)) return value
  if (isAbsent(value) || isEmptyList(value)) return NOTHING
  throw wrongShape(path)
}

/**
 * Key and value of each element of a map or a list. PHP writes an empty map as `[]` and a list with gaps as an object, so
 * either may stand for the other.
 */
export function entries(value: unknown, path: string): [string, unknown][] {
  if (typeof value === 'object' && value !== null) return Object.entries(value)
  throw wrongShape(path)
}

/** The same, and nothing where there is nothing. */
export function entriesOrNone(value: unknown, path: string): [string, unknown][] {
  return isAbsent(value) ? [] : entries(value, path)
}

/** What PHP writes for "no value" where something else would stand. */
export function isAbsent(value: unknown): value is undefined | null | false | '' {
  return value === undefined || value === null || value === false || value === ''
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

const REPLACEMENT = '\uFFFD'

/**
 * Text that may be missing: '' then. A native number is accepted, as shops on newer PHP send some.
 * @throws CsCartError('invalid_text') for half a character or one that was already lost
 */
export function text(from: Fields, key: string, path: string): string {
  const value = from[key]
  if (typeof value === 'string') return cleanText(value, path, key)
  if (isAbsent(value)) return ''
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw wrongShape(below(path, key))
}

function cleanText(value: string, path: string, key: string): string {
  if (value === '') return value
  if (!value.isWellFormed() || value.includes(REPLACEMENT)) {
    throw new CsCartError('invalid_text', { path: below(path, key) })
  }
  return value.includes('\0') ? value.replaceAll('\0', '') : value
}

/** A whole number that must be there. */
export function integer(from: Fields, key: string, path: string): number {
  const found = integerOf(from[key])
  if (found === undefined) throw wrongShape(below(path, key))
  return found
}

/** A whole number; undefined where it is missing, null or ''. Anything else that is no whole number is a failure. */
export function integerOrNone(from: Fields, key: string, path: string): number | undefined {
  return isAbsent(from[key]) ? undefined : integer(from, key, path)
}

/** A whole number of at least `least`. */
export function integerFrom(least: number, from: Fields, key: string, path: string): number {
  const found = integer(from, key, path)
  if (found < least) throw wrongShape(below(path, key))
  return found
}

const WHOLE = /^-?\d{1,16}$/

function integerOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && WHOLE.test(value) ? Number(value) : value
  // `+ 0` turns -0 into 0.
  return typeof number === 'number' && Number.isSafeInteger(number) ? number + 0 : undefined
}

/** An amount of money in 1/100 units, which must be there. */
export function cents(from: Fields, key: string, path: string): number {
  const found = centsOf(from[key])
  if (found === undefined) throw wrongShape(below(path, key))
  return found
}

/** An amount of money in 1/100 units; undefined where it is missing, null or ''. */
export function centsOrNone(from: Fields, key: string, path: string): number | undefined {
  return isAbsent(from[key]) ? undefined : cents(from, key, path)
}

const DECIMAL = /^(-?)(\d{1,14})(?:\.(\d+))?$/

/** `"9302.00"`, `88.36` and `0.10000000000000001` in 1/100 units, half a unit away from zero; no float is ever multiplied. */
function centsOf(value: unknown): number | undefined {
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return safe(value * 100)
    if (Math.abs(value) < 0.001) return 0
  } else if (typeof value !== 'string') return undefined
  const parts = DECIMAL.exec(typeof value === 'string' ? value : String(value))
  if (!parts) return undefined
  const [, sign, whole = '', fraction = ''] = parts
  const hundredths = Number(`${whole}${fraction.slice(0, 2).padEnd(2, '0')}`)
  const up = fraction.length > 2 && fraction.charCodeAt(2) >= 0x35 ? 1 : 0
  return safe(sign === '-' ? -(hundredths + up) : hundredths + up)
}

function safe(number: number): number | undefined {
  return Number.isSafeInteger(number) ? number + 0 : undefined
}

const LAST_SECOND = 253_402_300_799

/** An instant in ms UTC from Unix seconds; undefined where it is missing or zero. */
export function instantOrNone(from: Fields, key: string, path: string): number | undefined {
  const seconds = integerOrNone(from, key, path)
  if (seconds === undefined || seconds === 0) return undefined
  if (seconds < 0 || seconds > LAST_SECOND) throw wrongShape(below(path, key))
  return seconds * 1000
}

/** An instant in ms UTC, which must be there and not be zero. */
export function instant(from: Fields, key: string, path: string): number {
  const found = instantOrNone(from, key, path)
  if (found === undefined) throw wrongShape(below(path, key))
  return found
}

/** `true` and `"Y"`: computed flags are real ones, stored ones letters. */
export function flag(value: unknown): boolean {
  return value === true || value === 'Y'
}

const LETTER = /^[A-Za-z0-9]$/

/** The letter of a status. */
export function letter(from: Fields, key: string, path: string): string {
  const found = from[key]
  if (typeof found === 'string' && LETTER.test(found)) return found
  throw wrongShape(below(path, key))
}

const DIGITS = /^\d{1,20}$/

/** An item id, decimal digits: up to 4294967295, more than a database's 32 bits but kept as text anyway. */
export function isDigits(value: string): boolean {
  return DIGITS.test(value)
}
