import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/open.ts'
import { shops } from '../../src/db/schema.ts'
import { sealer } from '../../src/db/seal.ts'
import { type PretendShop, startPretendShop } from '../../src/demo/shop/index.ts'

const ROOT = join(import.meta.dirname, '../..')
const SECRET = 'a secret key for tests only'
const run = promisify(execFile)

let dataDir: string
let shop: PretendShop
let server: ChildProcess | undefined

const env = () => ({
  PATH: process.env.PATH,
  DATA_DIR: dataDir,
  SECRET_KEY: SECRET,
  ALLOW_PRIVATE_STORES: '1',
  ADMIN_EMAIL: 'admin@example.jp',
  ADMIN_PASSWORD: 'admin-password-1',
  HOST: '127.0.0.1',
  PORT: '0',
})

/** What the command line prints, and how it ends. */
async function cli(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, ['src/cli.ts', ...words], { cwd: ROOT, env: env() })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string }
    return { code: failed.code, out: failed.stdout, err: failed.stderr }
  }
}

async function startServer(): Promise<void> {
  server = spawn(process.execPath, ['src/server.ts'], { cwd: ROOT, env: env(), stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const chunk of server.stdout ?? []) if (String(chunk).includes('開始しました')) break
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tsunagi-cli-'))
  shop = await startPretendShop({ profile: 'jp413' })
  shop.addOrder({ status: 'P' })
  const db = openDatabase(join(dataDir, 'tsunagi.db'))
  db.insert(shops)
    .values({
      name: 'うつわ工房',
      baseUrl: `${shop.url}/`,
      apiEmail: shop.email,
      apiKeySealed: sealer(SECRET).seal(shop.apiKey),
      landingStatusId: 1,
      fetchStatuses: ['O', 'P'],
      fetchDays: 7,
      kanaFields: { contact: ['36', '37'], billing: ['38', '40'], shipping: ['39', '41'] },
      carrierCodes: { yamato: 'yamato' },
      capabilities: {},
      knownStatuses: [],
      createdAt: 0,
      settingsSavedAt: 0,
    })
    .run()
  db.$client.close()
})

afterEach(async () => {
  if (server && server.exitCode === null) {
    const closed = once(server, 'exit')
    server.kill('SIGTERM')
    await closed
  }
  server = undefined
  await shop.close()
  rmSync(dataDir, { recursive: true, force: true })
})

test('where no process runs, the command line opens the database itself and leaves it free again', async () => {
  const first = await cli('import')
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(first.out).toContain('うつわ工房: 新規 1件・変更 0件・変更なし 0件（成功）')
  expect((await cli('import')).out).toContain('新規 0件・変更 0件・変更なし 1件（成功）')
  expect((await cli('doctor')).out).toContain('データベース: 正常')
}, 60_000)

test('where a process runs, the command line asks it and gets its answers and refusals', async () => {
  await startServer()
  expect((await cli('import')).out).toContain('新規 1件')
  expect((await cli('contract')).out).toContain('未契約')
  const recorded = await cli('contract', 'record', '2020-01-01', 'A-77')
  expect(recorded.out).toContain('契約中')
  expect(recorded.out).toContain('コマンドライン')
  const refused = await cli('contract', 'record', '2020-13-01', 'A-77')
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('開始日を')
  const reset = await cli('user', 'reset-password', 'ADMIN@example.jp')
  expect(reset.out).toMatch(/admin@example\.jp の新しいパスワード: \S{16}/)
  expect((await cli('user', 'reset-password', 'nobody@example.jp')).err).toContain('アカウントはありません')
  expect((await cli('import', '99')).err).toContain('その店舗はありません')
  expect((await cli('nonsense')).err).toContain('使える命令')
}, 60_000)

test('without a command it says what it can do', async () => {
  const { code, err } = await cli()
  expect(code).toBe(1)
  expect(err).toContain('使い方')
})
