import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { guardedLookup, guardRoot, isPrivateAddress } from '../../src/cscart/address-guard.ts'
import { guardedPool } from '../../src/cscart/guarded-pool.ts'
import { transfer } from '../../src/cscart/transfer.ts'

test.each([
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '[::1]',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '64:ff9b::7f00:1',
  '64:ff9b::10.0.0.1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

test.each([
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.0.1',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2001:200::1',
  '2001:4860:4860::8888',
  '::ffff:1.1.1.1',
  'shop.example',
])('%s is not', (address) => {
  expect(isPrivateAddress(address)).toBe(false)
})

test.each([
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://0/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[0:0:0:0:0:ffff:7f00:1]/',
  'https://１２７。０。０。１/',
  'https://169.254.169.254/latest/meta-data/',
  'https://localhost/',
  'https://localhost./',
  'http://10.0.0.5/',
  'https://[fe80::1]/',
  'https://[fd00::1]:8443/',
])('%s is refused before anything is sent', (url) => {
  expect(() => guardRoot(new URL(url), false)).toThrow(expect.objectContaining({ reason: 'private_address' }))
  expect(() => guardRoot(new URL(url), true)).not.toThrow()
})

test('http is refused unless private shops are allowed', () => {
  expect(() => guardRoot(new URL('http://shop.example/'), false)).toThrow(
    expect.objectContaining({ reason: 'not_https' }),
  )
  expect(() => guardRoot(new URL('http://shop.example/'), true)).not.toThrow()
  expect(() => guardRoot(new URL('https://shop.example/'), false)).not.toThrow()
})

function answering(...addresses: string[]): LookupFunction {
  const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  return (_hostname, _options, callback) => callback(null, found)
}

function lookedUp(lookup: LookupFunction, all: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    guardedLookup(lookup)('shop.example', { all }, (error, address) => (error ? reject(error) : resolve(address)))
  })
}

test('a name is refused when any of its addresses is private, whatever the order', async () => {
  for (const addresses of [['127.0.0.1'], ['203.0.114.1', '10.0.0.1'], ['::ffff:192.168.0.1', '203.0.114.1']]) {
    await expect(lookedUp(answering(...addresses), true)).rejects.toMatchObject({ reason: 'private_address' })
    await expect(lookedUp(answering(...addresses), false)).rejects.toMatchObject({ reason: 'private_address' })
  }
})

test('a name with public addresses is looked up as ever', async () => {
  expect(await lookedUp(answering('203.0.114.1', '2606:4700::1'), true)).toEqual([
    { address: '203.0.114.1', family: 4 },
    { address: '2606:4700::1', family: 6 },
  ])
  expect(await lookedUp(answering('203.0.114.1'), false)).toBe('203.0.114.1')
})

test.each(['127.0.0.1', '[::1]', '[::ffff:10.0.0.1]', '169.254.169.254'])(
  'the pool itself refuses the literal %s',
  async (host) => {
    const pool = await guardedPool(`https://${host}:9`, {
      allowPrivate: false,
      connections: 1,
      connectMs: 1000,
      headersMs: 1000,
      bodyMs: 1000,
      maxBodyBytes: 1000,
      lookup: undefined,
    })
    onTestFinished(() => pool.destroy())
    await expect(transfer(pool, { method: 'GET', path: '/', headers: {}, body: null }, 5_000)).rejects.toMatchObject({
      name: 'ConnectFailure',
      cause: { reason: 'private_address' },
    })
  },
)
