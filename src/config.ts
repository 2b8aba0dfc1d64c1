import { randomBytes } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export type Config = Readonly<{
  host: string
  port: number
  dataDir: string
  adminEmail: string | undefined
  adminPassword: string | undefined
  /** Seals API keys and signs cookies. From SECRET_KEY, else from a key file in dataDir. */
  secretKey: string
  /** IANA name. */
  timeZone: string
  /** Address under which people open the program; decides whether cookies are `secure`. */
  publicUrl: string | undefined
  trustProxy: boolean
  logLevel: (typeof LOG_LEVELS)[number]
  /** A shop at http:// or at a private, loopback or link-local address is refused without it. */
  allowPrivateStores: boolean
}>

/** All that is wrong with the environment, one sentence each. */
export class ConfigError extends Error {
  readonly faults: string[]
  constructor(faults: string[]) {
    super(`環境変数に誤りがあります:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/** A variable as text; an environment holds nothing else. */
const text = v.string()

const yes = v.pipe(
  v.optional(v.picklist(['0', '1', 'true', 'false'], '0 か 1 を指定してください'), '0'),
  v.transform((word) => word === '1' || word === 'true'),
)

/** Where nearly all users are: known without asking, 3 ms of each start. */
const TOKYO = 'Asia/Tokyo'

const isTimeZone = (name: string) => {
  if (name === TOKYO) return true
  // The list is read ten times faster than the first format is made, which no start has to wait for. It lacks second names (UTC).
  if (Intl.supportedValuesOf('timeZone').includes(name)) return true
  try {
    new Intl.DateTimeFormat('ja', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function isWebAddress(address: string): boolean {
  return /^https?:$/.test(URL.parse(address)?.protocol ?? '')
}

const NO_PORT = '0〜65535 の整数を指定してください'

const environment = v.object({
  HOST: v.optional(text, '127.0.0.1'),
  PORT: v.pipe(v.optional(text, '3000'), v.regex(/^\d+$/, NO_PORT), v.transform(Number), v.maxValue(65_535, NO_PORT)),
  DATA_DIR: v.optional(text, 'data'),
  ADMIN_EMAIL: v.optional(v.pipe(text, v.email('メールアドレスの形にしてください'))),
  ADMIN_PASSWORD: v.optional(v.pipe(text, v.minLength(10, '10文字以上にしてください'))),
  SECRET_KEY: v.optional(v.pipe(text, v.minLength(16, '16文字以上にしてください'))),
  APP_TIMEZONE: v.pipe(
    v.optional(text, TOKYO),
    v.check(isTimeZone, 'Asia/Tokyo のような時間帯の名前を指定してください'),
  ),
  PUBLIC_URL: v.optional(v.pipe(text, v.check(isWebAddress, 'https://… の形にしてください'))),
  TRUST_PROXY: yes,
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `${LOG_LEVELS.join(', ')} のどれかにしてください`), 'info'),
  ALLOW_PRIVATE_STORES: yes,
})

/**
 * Reads the environment once. Secrets may also come as `NAME_FILE`, the path of a file that holds them.
 * Makes `DATA_DIR` and, without SECRET_KEY, a key file in it.
 * @throws ConfigError with every fault at once
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const faults: string[] = []
  const values: Record<string, string | undefined> = {}
  for (const name of Object.keys(environment.entries)) {
    const given = env[name] ?? fromFile(name, env, faults)
    // An empty variable is what compose files leave behind; it means "not set".
    if (given !== undefined && given !== '') values[name] = given
  }
  const parsed = v.safeParse(environment, values)
  if (!parsed.success) {
    for (const issue of parsed.issues) faults.push(`${v.getDotPath(issue)}: ${issue.message}`)
  }
  if ((values.ADMIN_EMAIL === undefined) !== (values.ADMIN_PASSWORD === undefined)) {
    faults.push('ADMIN_EMAIL と ADMIN_PASSWORD は両方そろえて指定してください')
  }
  const dataDir = resolve(values.DATA_DIR ?? 'data')
  const fault = faults.length === 0 ? prepareDataDir(dataDir) : undefined
  if (fault) faults.push(fault)
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults)
  const e = parsed.output
  return Object.freeze({
    host: e.HOST,
    port: e.PORT,
    dataDir,
    adminEmail: e.ADMIN_EMAIL,
    adminPassword: e.ADMIN_PASSWORD,
    secretKey: e.SECRET_KEY ?? keyFile(dataDir),
    timeZone: e.APP_TIMEZONE,
    publicUrl: e.PUBLIC_URL,
    trustProxy: e.TRUST_PROXY,
    logLevel: e.LOG_LEVEL,
    allowPrivateStores: e.ALLOW_PRIVATE_STORES,
  })
}

function fromFile(name: string, env: Record<string, string | undefined>, faults: string[]): string | undefined {
  const path = env[`${name}_FILE`]
  if (!path) return undefined
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    faults.push(`${name}_FILE: ファイルを読めません（${path}）`)
    return undefined
  }
}

function prepareDataDir(dataDir: string): string | undefined {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.W_OK)
    return undefined
  } catch {
    return `DATA_DIR: フォルダーに書き込めません（${dataDir}）`
  }
}

function keyFile(dataDir: string): string {
  const path = join(dataDir, 'secret.key')
  // Empty is what a power cut left of it while it was new: nothing can have been sealed with that.
  if (existsSync(path) && statSync(path).size === 0) rmSync(path)
  if (!existsSync(path)) writeKey(path)
  const secret = readFileSync(path, 'utf8').trim()
  if (secret.length < 16) throw new ConfigError([`DATA_DIR/secret.key: 鍵ファイルの中身が短すぎます（${path}）`])
  return secret
}

/** The whole key is on the disk before the file has its name: with half of a key every API key would be lost. */
function writeKey(path: string): void {
  const fresh = `${path}.${process.pid}`
  writeFileSync(fresh, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true })
  try {
    // Two first starts at once: the first name stands, and both read what it names.
    linkSync(fresh, path)
  } catch {
    // Some file systems have no hard links.
    if (!existsSync(path)) renameSync(fresh, path)
  } finally {
    rmSync(fresh, { force: true })
  }
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
