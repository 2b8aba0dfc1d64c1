import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tsunagi-key-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const keyPath = () => join(dataDir, 'secret.key')
const secretKey = () => readConfig({ DATA_DIR: dataDir }).secretKey

test('without SECRET_KEY a key is made once, whole and for its owner only', () => {
  const made = secretKey()
  expect(made).toMatch(/^[\w-]{43}$/)
  expect(secretKey()).toBe(made)
  expect(readFileSync(keyPath(), 'utf8')).toBe(made)
  expect(statSync(keyPath()).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir)).toEqual(['secret.key'])
})

test('an empty key file, as a power cut leaves one, does not keep the program from starting', () => {
  writeFileSync(keyPath(), '')
  expect(secretKey()).toMatch(/^[\w-]{43}$/)
})

test('a key that was cut is refused in words and left as it is', () => {
  writeFileSync(keyPath(), 'short')
  expect(secretKey).toThrow(/短すぎます/)
  expect(readFileSync(keyPath(), 'utf8')).toBe('short')
})
