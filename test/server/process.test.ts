import { connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runServer, type ServerProcess, startServer, tempDataDir } from '../support/process.ts'

// Each test starts a process or two, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

let dataDir: string
let remove: () => void
const started: ServerProcess[] = []
beforeEach(() => {
  ;({ dataDir, remove } = tempDataDir())
})
afterEach(async () => {
  for (const server of started.splice(0)) if (server.child.exitCode === null) await server.stop('SIGKILL')
  remove()
})

async function start(env: Record<string, string> = {}) {
  const server = await startServer({ DATA_DIR: dataDir, ...env })
  started.push(server)
  return server
}

const ADMIN = { ADMIN_EMAIL: 'admin@example.jp', ADMIN_PASSWORD: 'admin-password' }

/** A keep-alive connection that collects what it is sent. */
function open(port: number): Promise<{ socket: Socket; received: () => string; ended: Promise<void> }> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  socket.on('error', () => {})
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  return new Promise((resolve) => socket.on('connect', () => resolve({ socket, received: () => text, ended })))
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('the first start prints the address and the code that makes the first account', async () => {
  const server = await start()
  await until(() => /初期設定コード: \S+\n/.test(server.stdout()))
  const code = /初期設定コード: (\S+)/.exec(server.stdout())?.[1] ?? ''
  expect(server.stdout()).toContain('つなぎ を開始しました: http://127.0.0.1:')
  const page = await fetch(`${server.origin}/setup`)
  const cookie = (page.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  const done = await fetch(`${server.origin}/setup`, {
    method: 'POST',
    headers: { cookie },
    body: new URLSearchParams({ _csrf, code, email: 'a@example.jp', password: 'a good password' }),
    redirect: 'manual',
  })
  expect([done.status, done.headers.get('location')]).toEqual([303, '/'])
  expect((await server.stop()).code).toBe(0)
  const again = await start()
  expect(again.stdout()).not.toContain('初期設定コード')
})

test('with keep-alive connections and a slow request under way it ends within five seconds and answers the request', async () => {
  const server = await start(ADMIN)
  const idle = await Promise.all(Array.from({ length: 20 }, () => open(server.port)))
  for (const { socket } of idle) socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => idle.every((one) => one.received().includes('{"status":"ok"}')))
  const slow = await open(server.port)
  const body = '_csrf=x&email=a'
  const head = `POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`
  slow.socket.write(head + body.slice(0, 5))
  await new Promise((resolve) => setTimeout(resolve, 200))
  const stopped = server.stop()
  await until(() => server.stdout().includes('"closing"'))
  await new Promise((resolve) => setTimeout(resolve, 700))
  slow.socket.write(body.slice(5))
  const { code, ms } = await stopped
  expect(code).toBe(0)
  expect(ms).toBeLessThan(5_000)
  await slow.ended
  expect(slow.received()).toMatch(/^HTTP\/1\.1 403 /)
  expect(slow.received().toLowerCase()).toContain('connection: close')
  expect(slow.received()).toContain('Cookieを許可し')
  await Promise.all(idle.map((one) => one.ended))
})

test('a connection on which nothing was ever asked, as browsers keep in reserve, holds up no end', async () => {
  const server = await start(ADMIN)
  const reserve = await open(server.port)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const { code, ms } = await server.stop()
  expect(code).toBe(0)
  expect(ms).toBeLessThan(3_000)
  await reserve.ended
})

test('requests that never come whole are given up in time to end in order', async () => {
  const server = await start(ADMIN)
  const head = await open(server.port)
  head.socket.write('GET / HTTP/1.1\r\nHost')
  const body = await open(server.port)
  body.socket.write(
    'POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n_csr',
  )
  await new Promise((resolve) => setTimeout(resolve, 200))
  const { code } = await server.stop()
  expect(code).toBe(0)
  expect(server.stdout()).not.toContain('closing took too long')
  await Promise.all([head.ended, body.ended])
})

test('a sender that dribbles is cut off', async () => {
  const server = await start(ADMIN)
  const dribble = await open(server.port)
  dribble.socket.write('GET / HTTP/1.1\r\nHost')
  const began = Date.now()
  await dribble.ended
  expect(Date.now() - began).toBeLessThan(12_000)
  expect(dribble.received()).toMatch(/408/)
})

test('a second process on the same folder is refused in words, at once', async () => {
  await start(ADMIN)
  const second = await runServer({ DATA_DIR: dataDir })
  expect(second.code).toBe(1)
  expect(second.output).toContain('別の Tsunagi がすでにこのデータフォルダー')
  expect(second.output).not.toContain('    at ')
})

test('the folder is free again after a kill', async () => {
  const first = await start(ADMIN)
  await first.stop('SIGKILL')
  const second = await start()
  expect((await fetch(`${second.origin}/readyz`)).status).toBe(200)
})

test('every fault of the environment is told at once', async () => {
  const refused = await runServer({
    DATA_DIR: dataDir,
    PORT: 'web',
    APP_TIMEZONE: 'Tokyo',
    ADMIN_EMAIL: 'nobody',
    LOG_LEVEL: 'loud',
    SECRET_KEY_FILE: '/no/such/file',
  })
  expect(refused.code).toBe(1)
  for (const name of ['PORT', 'APP_TIMEZONE', 'ADMIN_EMAIL', 'ADMIN_PASSWORD', 'LOG_LEVEL', 'SECRET_KEY_FILE']) {
    expect(refused.output).toContain(name)
  }
})

test('a port that is taken is told in words', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const refused = await runServer({ DATA_DIR: dataDir, PORT: String(port), ...ADMIN })
  taken.close()
  expect(refused.code).toBe(1)
  expect(refused.output).toContain('で待ち受けできません（EADDRINUSE）')
})

test('an error that nobody caught is logged, and the process ends in order', async () => {
  const fault = `data:text/javascript,process.on('SIGUSR2', () => { throw new Error('nobody caught me') })`
  const server = await startServer({ DATA_DIR: dataDir, ...ADMIN }, ['--import', fault])
  started.push(server)
  const { code } = await server.stop('SIGUSR2')
  expect(code).toBe(1)
  expect(server.stdout()).toContain('nobody caught me')
  expect(server.stdout()).toContain('"why":"uncaughtException"')
  const again = await start()
  expect((await fetch(`${again.origin}/healthz`)).status).toBe(200)
})

test('neither the password nor the keys reach the log or the console', async () => {
  const server = await start({ ...ADMIN, SECRET_KEY: 'a secret key of the test', LOG_LEVEL: 'trace' })
  await fetch(`${server.origin}/login`)
  await server.stop()
  for (const secret of ['admin-password', 'a secret key of the test']) {
    expect(server.stdout() + server.stderr()).not.toContain(secret)
  }
})
