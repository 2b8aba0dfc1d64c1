/** README's first command, as a newcomer types it: what it prints is true. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../soak/processes.ts'
import { visitor } from '../soak/visitor.ts'
import { freePort } from '../support/free-port.ts'

test('npm run demo prints an address and a login that work, with orders to look at and the shop beside it', async () => {
  const port = await freePort()
  const child = spawn(process.execPath, ['src/demo/main.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  const printed = (label: string) => new RegExp(`${label}\\s+(\\S+)`).exec(said)?.[1]
  try {
    await until('it says where it is', () => printed('練習用ショップ'), 90_000)
    const address = printed('アドレス') ?? ''
    const email = printed('メールアドレス') ?? ''
    expect(address).toBe(`http://127.0.0.1:${port}/`)
    const merchant = visitor(address.replace(/\/$/, ''))
    await merchant.login({ email, password: printed('パスワード') ?? '' })
    expect((await merchant.get('/')).text).toContain(email)
    expect((await merchant.get('/orders')).html.match(/data-order-row/g)?.length).toBe(50)
    merchant.leave()
    const shop = await fetch(printed('練習用ショップ') ?? '')
    expect(shop.status).toBe(200)

    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect((await ended)[0]).toBe(0)
  } finally {
    child.kill('SIGKILL')
  }
}, 120_000)
