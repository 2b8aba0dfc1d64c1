import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../errors.ts'

/** OWASP's password storage cheat sheet: argon2id with 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
const HASH_BYTES = 32

/** Each hash takes 19 MiB and a thread of libuv's four; a flood of logins must not take them all. */
const AT_ONCE = 2
const MAX_WAITING = 40

const derive = promisify((parameters: Argon2Parameters, done: (error: Error | null, key: Buffer) => void) =>
  argon2('argon2id', parameters, done),
)

let running = 0
const waiting: (() => void)[] = []

/** Hashes two at a time; the others wait, and too many are refused. */
async function bounded(parameters: Argon2Parameters): Promise<Buffer> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      throw new AppError('unavailable', 'ログインが混み合っています。しばらく待ってから、もう一度お試しください。')
    }
    await new Promise<void>((resume) => waiting.push(resume))
  } else {
    running++
  }
  try {
    return await derive(parameters)
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

const plain64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

/** The same characters typed in another way (composed or not, wide or not) are the same password. */
const normal = (password: string) => password.normalize('NFKC')

/** @returns the hash in PHC form, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash` */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await bounded({
    message: normal(password),
    nonce: salt,
    memory: MEMORY_KIB,
    passes: PASSES,
    parallelism: LANES,
    tagLength: HASH_BYTES,
  })
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${plain64(salt)}$${plain64(hash)}`
}

/** A hash that no password has: verifying against it takes as long as against a real one. */
const NOBODY = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${plain64(Buffer.alloc(16, 7))}$${plain64(Buffer.alloc(HASH_BYTES))}`

/**
 * true when `password` is the one that `stored` (PHC form) was made from. Without a stored hash (no such account)
 * the answer is false and takes the same time.
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/]{11,86})\$([\w+/]{22,86})$/.exec(
    stored ?? NOBODY,
  )
  if (!parts) return false
  const [, memory, passes, lanes, salt = '', hash = ''] = parts
  const expected = Buffer.from(hash, 'base64')
  const found = await bounded({
    message: normal(password),
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(lanes),
    tagLength: expected.length,
  })
  return timingSafeEqual(found, expected) && stored !== undefined
}
