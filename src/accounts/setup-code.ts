import { createHash, randomInt, timingSafeEqual } from 'node:crypto'

/** No letters that look like digits: the code is read off a console and typed by hand. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'

/** A new set-up code, `ABCD-EFGH-JKLM` (59 bits). */
export function newSetupCode(): string {
  const letters = Array.from({ length: 12 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  return letters.replace(/(.{4})(?!$)/g, '$1-')
}

const digest = (code: string) =>
  createHash('sha256')
    .update(
      code
        .normalize('NFKC')
        .toUpperCase()
        .replace(/[^A-Z0-9]/g, ''),
    )
    .digest()

/** true when both are the same code; hyphens, blanks, case and width do not matter. Takes the same time for any code. */
export const sameCode = (typed: string, code: string) => timingSafeEqual(digest(typed), digest(code))
