/**
 * `npm run demo`: the program beside a complete pretend shop, with an account, a connected shop and orders in it.
 * Everything lives in a folder of its own that is gone afterwards; nothing reaches a real shop.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../app.ts'
import { ConfigError, readConfig } from '../config.ts'
import { CARRIERS } from '../orders/carriers.ts'
import { NEW_SHOP } from '../shops/shop.ts'
import { startPretendShop } from './shop/index.ts'

const EMAIL = 'demo@example.jp'
const PASSWORD = 'tsunagi-demo'
const DAY = 86_400_000

const dataDir = mkdtempSync(join(tmpdir(), 'tsunagi-demo-'))
process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))

function configuration() {
  try {
    return readConfig({
      LOG_LEVEL: 'warn',
      ...process.env,
      DATA_DIR: dataDir,
      ADMIN_EMAIL: EMAIL,
      ADMIN_PASSWORD: PASSWORD,
      ALLOW_PRIVATE_STORES: '1',
    })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

const config = configuration()
const pretend = await startPretendShop({ profile: 'jp413', seed: 20_261_124, controls: true })
const now = Date.now()
pretend.addOrders(60, { from: new Date(now - 6 * DAY), to: new Date(now - 3_600_000), statuses: ['O', 'P', 'P'] })

const app = await buildApp(config)
const { shops, importing } = app.tsunagi
const shop = shops.create(
  {
    ...NEW_SHOP,
    name: '練習ショップ',
    baseUrl: `${pretend.url}/`,
    apiEmail: pretend.email,
    apiKey: pretend.apiKey,
    landingStatusId: 1,
    fetchStatuses: [...NEW_SHOP.fetchStatuses],
    autoImport: true,
    carrierCodes: Object.fromEntries(CARRIERS.map(({ id, code }) => [id, code])),
  },
  new Date(),
)
shops.remember(shop.id, { connectionState: 'ok', connectionCheckedAt: now })
const first = importing.start(shop, { mode: 'days' }, { trigger: 'manual' })
if (first.started) await first.done

// New orders keep coming, as in a real shop: one in every two minutes.
const customers = setInterval(() => pretend.addOrder({ status: 'P' }), 120_000)

async function close(): Promise<void> {
  clearInterval(customers)
  await app.close()
  await pretend.close()
  process.exit(0)
}
process.once('SIGTERM', close)
process.once('SIGINT', close)

const address = await app.listen({ host: config.host, port: config.port })
app.tsunagi.automation.start()
console.log(`つなぎ（練習用）を開始しました。
  アドレス        ${address}/
  メールアドレス  ${EMAIL}
  パスワード      ${PASSWORD}
  練習用ショップ  ${pretend.url}/__shop/ （エラーを起こしたり、注文を足したりできます）
Ctrl+C で終わります。データは残りません。`)
