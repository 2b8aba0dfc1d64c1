import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { Answer } from '../../src/cscart/answer.ts'
import { example } from './example-order.ts'

/** Ways in which an answer about an order can be wrong, each from good bytes and random numbers. */

type Path = (string | number)[]
type Change = (value: unknown) => unknown

/** Every place in a JSON value. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))]
}

const REMOVED = Symbol('removed')

function changed(value: unknown, [key, ...rest]: Path, change: Change): unknown {
  if (key === undefined) return change(value)
  const entries = Object.entries(Object(value)).map(([name, inner]) => [
    name,
    name === String(key) ? changed(inner, rest, change) : inner,
  ])
  const kept = entries.filter(([, inner]) => inner !== REMOVED)
  return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept)
}

const ORDER = example()
const PATHS = pathsOf(ORDER)
const TEXT = JSON.stringify(ORDER)
const BYTES = Buffer.from(TEXT)

const place = fc.constantFrom(...PATHS.slice(1))
const at = fc.nat(BYTES.length - 1)

/** One to four changes somewhere inside the order. */
function edits(change: fc.Arbitrary<Change>): fc.Arbitrary<Buffer> {
  return fc
    .array(fc.tuple(place, change), { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce<unknown>((body, [path, apply]) => changed(body, path, apply), ORDER))
    .map((body) => Buffer.from(JSON.stringify(body) ?? ''))
}

function swapType(value: unknown): unknown {
  if (typeof value === 'string') return value !== '' && Number.isFinite(Number(value)) ? Number(value) : [value]
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return value ? 'Y' : 'N'
  if (Array.isArray(value)) return { ...value }
  return value === null ? '' : Object.values(Object(value))
}

const strange = fc.constantFrom<unknown>(
  null,
  true,
  false,
  '',
  ' ',
  '0',
  '-1',
  '1.5',
  '1e5',
  'NaN',
  'Infinity',
  '指定なし',
  0,
  -0,
  -1,
  0.1,
  1e-9,
  1e21,
  1e308,
  -1e308,
  2 ** 53 + 2,
  '99999999999999999999',
  '0x10',
  [],
  {},
  [[]],
  [null],
  { 0: null },
  { need_shipment: true },
)
const brokenText = fc.constantFrom(
  '佐\ud842',
  '\udfb7野',
  '文\ufffd字',
  'a\0b',
  '\u0000',
  '\u202e逆',
  '𠮷野家',
  'か\u3099',
  '\ud800\ud800',
)

function spliced(insert: fc.Arbitrary<Uint8Array>, cut = 0): fc.Arbitrary<Buffer> {
  return fc
    .tuple(at, insert)
    .map(([index, bytes]) => Buffer.concat([BYTES.subarray(0, index), bytes, BYTES.subarray(index + cut)]))
}

/** JSON text with raw escapes that JSON.stringify would not write. */
function escaped(...escapes: string[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom('"firstname":"', '"notes":"', '"s_city":"', '"product":"'), fc.constantFrom(...escapes))
    .map(([before, half]) => Buffer.from(TEXT.replaceAll(before, before + half)))
}

const nested = fc.tuple(
  fc.constantFrom(10, 600, 20_000, 100_000),
  fc.constantFrom<[string, string]>(['[', ']'], ['{"a":', '}']),
)

const GOOD = { status: 200, contentType: 'application/json', contentEncoding: '', location: '', retryAfter: '' }
/** A counterexample is shown by its first lines, not by 6,000 numbers. */
const shown = (answer: Answer): Answer =>
  Object.assign(answer, {
    [fc.toStringMethod]: () => JSON.stringify({ ...answer, bytes: answer.bytes.length }) + start(answer),
  })
const start = ({ bytes }: Answer) => new TextDecoder().decode(bytes.subarray(0, 2000))

const ofBody = (bytes: fc.Arbitrary<Uint8Array>) => bytes.map((body) => shown({ ...GOOD, bytes: body }))
const ofHead = (head: fc.Arbitrary<Partial<Answer>>) => head.map((given) => shown({ ...GOOD, bytes: BYTES, ...given }))

const NOTICE = '<br />\n<b>Notice</b>: Undefined index: x in <b>/y.php</b> on line <b>1</b><br />\n'

/** By name, so that a failing one says what it was. */
export const FAULTY_ANSWERS: Readonly<Record<string, fc.Arbitrary<Answer>>> = {
  'as it should be': ofBody(fc.constant(BYTES)),
  'cut off': ofBody(at.map((length) => BYTES.subarray(0, length))),
  'without its start': ofBody(at.map((start) => BYTES.subarray(start))),
  'a byte changed': ofBody(spliced(fc.uint8Array({ minLength: 1, maxLength: 1 }), 1)),
  'random bytes inside': ofBody(spliced(fc.uint8Array({ minLength: 1, maxLength: 40 }))),
  'a piece missing': ofBody(fc.nat(200).chain((cut) => spliced(fc.constant(new Uint8Array()), cut + 1))),
  'Shift_JIS inside': ofBody(spliced(fc.constant(Buffer.from([0x8e, 0xf3, 0x92, 0x8d])))),
  'half a UTF-8 character': ofBody(
    spliced(fc.constantFrom(...[[0xe4], [0xf0, 0x9f], [0xed, 0xa0, 0x80], [0xc0, 0x80]].map(Buffer.from))),
  ),
  'random bytes only': ofBody(fc.uint8Array({ maxLength: 300 })),
  'random JSON': ofBody(fc.json().map((text) => Buffer.from(text))),
  'keys dropped': ofBody(edits(fc.constant(() => REMOVED))),
  'types swapped': ofBody(edits(fc.constant(swapType))),
  'strange values': ofBody(edits(strange.map((value) => () => value))),
  'random values': ofBody(edits(fc.jsonValue({ maxDepth: 3 }).map((value) => () => value))),
  'broken text': ofBody(edits(brokenText.map((text) => (value) => (typeof value === 'string' ? value + text : text)))),
  'junk keys': ofBody(
    edits(
      fc.tuple(fc.string(), fc.jsonValue({ maxDepth: 1 })).map(
        ([key, junk]) =>
          (value) =>
            typeof value === 'object' && value !== null ? { ...value, [key]: junk } : value,
      ),
    ),
  ),
  'keys of the prototype': ofBody(
    fc
      .constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty')
      .map((key) => Buffer.from(TEXT.replaceAll('{', `{"${key}":{"order_id":"666","amount":"9"},`))),
  ),
  'the same key twice': ofBody(
    fc
      .tuple(fc.constantFrom('order_id', 'status', 'total', 'products'), strange)
      .map(([key, value]) => Buffer.from(`${TEXT.slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(value)}}`)),
  ),
  'half escapes': ofBody(escaped('\\ud842', '\\udfb7', '\\ufffd', '\\u0000', '\\ud800\\u0041', '\\uD83D\\uDE00')),
  'numbers beyond all bounds': ofBody(
    fc
      .constantFrom('1e400', '-1e400', '123456789012345678901234567890', '0.1e-300', '1E5', '-0', '00', '+1', '.5')
      .map((number) => Buffer.from(TEXT.replaceAll(/"(?:9302\.00|2|1296\.00|10234)"/g, number))),
  ),
  'nested deeply': ofBody(
    nested.map(([depth, [open, close]]) =>
      Buffer.from(TEXT.replace('"fields":', `"extra":${open.repeat(depth)}1${close.repeat(depth)},"fields":`)),
    ),
  ),
  'a list around it': ofBody(fc.constant(Buffer.from(`[${TEXT}]`))),
  'a notice before it': ofBody(fc.constant(Buffer.from(NOTICE + TEXT))),
  'words behind it': ofBody(fc.string({ minLength: 1 }).map((words) => Buffer.from(TEXT + words))),
  'a byte order mark': ofBody(fc.constant(Buffer.from(`\ufeff${TEXT}`))),
  'nothing at all': ofBody(fc.constantFrom('', ' ', '\n\r\t', '\0').map((text) => Buffer.from(text))),
  'an HTML page': ofBody(
    fc.constantFrom('<html>', '<!DOCTYPE html><html></html>', '<p>').map((text) => Buffer.from(text)),
  ),
  'another content type': ofHead(
    fc
      .constantFrom('text/html', 'text/plain', '', 'image/png', 'application/x-json')
      .map((contentType) => ({ contentType })),
  ),
  'another status': ofHead(fc.integer({ min: 200, max: 599 }).map((status) => ({ status }))),
  'a redirect': ofHead(fc.webUrl().map((location) => ({ status: 302, location }))),
  compressed: ofHead(fc.constant({ contentEncoding: 'gzip', bytes: gzipSync(BYTES) })),
}
