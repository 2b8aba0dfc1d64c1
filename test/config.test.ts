import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'tsunagi-config-'))

/** What is said about an environment, one sentence each. */
function faultsOf(env: Record<string, string>): string[] {
  try {
    readConfig({ DATA_DIR: folder(), ...env })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

test('An empty environment is a whole configuration; empty variables count as not set', () => {
  const config = readConfig({ DATA_DIR: folder(), PORT: '', ADMIN_EMAIL: '', TRUST_PROXY: '' })
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    adminEmail: undefined,
    adminPassword: undefined,
    timeZone: 'Asia/Tokyo',
    publicUrl: undefined,
    trustProxy: false,
    logLevel: 'info',
    allowPrivateStores: false,
  })
  expect(config.secretKey.length).toBeGreaterThanOrEqual(32)
})

test('What is set is taken over', () => {
  const env = {
    HOST: '0.0.0.0',
    PORT: '0',
    ADMIN_EMAIL: 'tencho@example.jp',
    ADMIN_PASSWORD: 'ten-letters-or-more',
    SECRET_KEY: 'sixteen letters or more',
    APP_TIMEZONE: 'Asia/Seoul',
    PUBLIC_URL: 'https://tsunagi.example.jp/',
    TRUST_PROXY: 'true',
    LOG_LEVEL: 'debug',
    ALLOW_PRIVATE_STORES: '1',
  }
  expect(readConfig({ DATA_DIR: folder(), ...env })).toMatchObject({
    host: '0.0.0.0',
    port: 0,
    adminEmail: 'tencho@example.jp',
    adminPassword: 'ten-letters-or-more',
    secretKey: 'sixteen letters or more',
    timeZone: 'Asia/Seoul',
    publicUrl: 'https://tsunagi.example.jp/',
    trustProxy: true,
    logLevel: 'debug',
    allowPrivateStores: true,
  })
})

test('Every fault is said at once, each under the name of its variable', () => {
  const faults = faultsOf({
    PORT: '80a',
    ADMIN_EMAIL: 'tencho',
    SECRET_KEY: 'short',
    APP_TIMEZONE: 'Tokyo',
    PUBLIC_URL: 'tsunagi.example.jp',
    TRUST_PROXY: 'maybe',
    LOG_LEVEL: 'loud',
    ADMIN_PASSWORD_FILE: '/nowhere/password',
  })
  expect(faults.map((fault) => fault.split(':', 1)[0]).sort()).toEqual([
    'ADMIN_EMAIL',
    'ADMIN_EMAIL と ADMIN_PASSWORD は両方そろえて指定してください',
    'ADMIN_PASSWORD_FILE',
    'APP_TIMEZONE',
    'LOG_LEVEL',
    'PORT',
    'PUBLIC_URL',
    'SECRET_KEY',
    'TRUST_PROXY',
  ])
})

test.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '3000.5'],
  ['PORT', '1e3'],
  ['PUBLIC_URL', 'ftp://tsunagi.example.jp'],
  ['PUBLIC_URL', 'javascript:alert(1)'],
  ['LOG_LEVEL', 'INFO'],
])('%s=%s is refused', (name, value) => {
  expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}: .+ください`)])
})

test.each(['UTC', 'Asia/Tokyo', 'Asia/Calcutta'])('%s is a time zone, also where it is a second name', (name) => {
  expect(readConfig({ DATA_DIR: folder(), APP_TIMEZONE: name }).timeZone).toBe(name)
})

test('A secret may come as the path of a file', () => {
  const file = join(folder(), 'secret')
  writeFileSync(file, 'sixteen letters or more\n')
  expect(readConfig({ DATA_DIR: folder(), SECRET_KEY_FILE: file }).secretKey).toBe('sixteen letters or more')
})
