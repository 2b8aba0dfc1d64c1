/** お荷物伝票番号: how people type slip numbers, and how they are kept. */

export type TrackingNumbers = { ok: true; numbers: string[] } | { ok: false; message: string }

const LENGTH = { min: 4, max: 30 } as const
const MOST = 10
/** Hyphens, dashes, minus signs and the long vowel mark that an IME leaves between digits. */
const DASHES = /[\u002d\u2010-\u2015\u2212\u30fc\uff70]/g
/** What a copy from a mail, a PDF or a spreadsheet brings along and nobody sees: zero-width spaces, soft hyphens, marks of direction. */
const INVISIBLE = /\p{Cf}/gu

/**
 * Reads what was typed or pasted: full-width, hyphens, several numbers parted by comma, 、, space or line break.
 * Groups as printed on a slip (`4912 3456 7890`) are one number.
 * @returns the numbers, half-width and upper case, without hyphens and spaces, each once; or what is wrong, in Japanese
 */
export function parseTrackingNumbers(text: string): TrackingNumbers {
  const pieces = text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .toUpperCase()
    .split(/[,、;\r\n\t]+/)
    .flatMap(numbersOfPiece)
    .map((number) => withoutScannerLetters(number.replace(DASHES, '')))
    .filter((number) => number !== '')
  const numbers = [...new Set(pieces)]
  if (numbers.length === 0 && text.replace(INVISIBLE, '').trim() !== '') {
    // A stray 「ー」 must not empty the box without a word.
    return refused(
      `お荷物伝票番号に番号がありません（${cut(text.trim())}）。番号を入力してください。消すときは空にしてください。`,
    )
  }
  for (const number of numbers) {
    if (!/^[0-9A-Z]+$/.test(number)) {
      return refused(`お荷物伝票番号に使えない文字があります（${cut(number)}）。数字と英字で入力してください。`)
    }
    if (number.length < LENGTH.min || number.length > LENGTH.max) {
      return refused(
        `お荷物伝票番号は${LENGTH.min}〜${LENGTH.max}文字で入力してください（${cut(number)} は${number.length}文字です）。`,
      )
    }
  }
  if (numbers.length > MOST)
    return refused(`お荷物伝票番号は1件の受注に${MOST}個までです（${numbers.length}個あります）。`)
  return { ok: true, numbers }
}

/** The numbers of a stored `trackingNumber` (parted by one space, '' for none). */
export function numbersOf(trackingNumber: string): string[] {
  return trackingNumber === '' ? [] : trackingNumber.split(' ')
}

/**
 * Whether the last digit fits the others: 12 or 11 digits, the rest modulo 7 (ヤマト, 佐川, 日本郵便; carriers.md 4).
 * Anything else has nothing to check and is true; so are the numbers of carriers with other rules.
 * @param carrier our carrier id; null: not chosen yet, so that the common rule applies
 */
export function checkDigitOk(number: string, carrier: string | null = null): boolean {
  if (carrier !== null && !Object.hasOwn(DIGITS, carrier)) return true
  if (!/^\d{11,12}$/.test(number)) return true
  return Number(number.slice(0, -1)) % 7 === Number(number.slice(-1))
}

/** How many digits a number has, for the carriers whose last digit is checked (carriers.md 4). */
const DIGITS: Readonly<Record<string, readonly number[]>> = { yamato: [12], sagawa: [12], jpost: [11, 12] }

export type NumberFault = 'length' | 'check_digit'

/**
 * What stands against a number that may be right all the same; undefined when nothing does.
 * Of a number with letters (国際郵便 among them) and before a carrier is chosen nobody knows the length.
 */
export function numberFault(number: string, carrier: string | null): NumberFault | undefined {
  const lengths = carrier === null ? undefined : DIGITS[carrier]
  if (lengths && /^\d+$/.test(number) && !lengths.includes(number.length)) return 'length'
  return checkDigitOk(number, carrier) ? undefined : 'check_digit'
}

/** `12桁`, `11桁か12桁`; '' for a carrier whose numbers have no known length. */
export function digitsInWords(carrier: string | null): string {
  return (carrier === null ? [] : (DIGITS[carrier] ?? [])).map((length) => `${length}桁`).join('か')
}

/** Splits at spaces, unless the parts are the printed groups of one number (or of several in a row). */
function numbersOfPiece(piece: string): string[] {
  const parts = piece.split(/\s+/).filter((part) => part !== '')
  if (parts.length === 3 && parts.every((part) => /^\d{2,5}$/.test(part))) return [parts.join('')]
  if (parts.length > 3 && parts.length % 3 === 0 && parts.every((part) => /^\d{4}$/.test(part))) {
    return Array.from({ length: parts.length / 3 }, (_, at) => parts.slice(at * 3, at * 3 + 3).join(''))
  }
  return parts
}

/** A slip's NW-7 barcode begins and ends with a letter from A to D, which some scanners send along. */
function withoutScannerLetters(number: string): string {
  return /^[A-D]\d{10,}[A-D]$/.test(number) ? number.slice(1, -1) : number
}

const refused = (message: string): TrackingNumbers => ({ ok: false, message })
const cut = (text: string) => (text.length > 20 ? `${text.slice(0, 20)}…` : text)
