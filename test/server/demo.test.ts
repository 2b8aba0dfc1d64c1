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
  const child = spawn('npm', ['run', 'demo'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, as at a terminal: Ctrl+C reaches npm and what it runs.
    detached: true,
  })
  const signal = (name: NodeJS.Signals) => child.pid !== undefined && process.kill(-child.pid, name)
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
    signal('SIGINT')
    await ended
    await expect(fetch(address)).rejects.toThrow()
  } finally {
    if (child.exitCode === null && child.signalCode === null) signal('SIGKILL')
  }
}, 120_000)
