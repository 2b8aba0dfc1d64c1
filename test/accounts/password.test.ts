import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from '../../src/accounts/password.ts'

test('a password is kept as argon2id with the parameters of OWASP, never twice alike', async () => {
  const one = await hashPassword('correct horse')
  const two = await hashPassword('correct horse')
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(one).not.toBe(two)
  expect(await verifyPassword('correct horse', one)).toBe(true)
  expect(await verifyPassword('correct horsf', one)).toBe(false)
  expect(await verifyPassword('', one)).toBe(false)
})

test('the same characters typed in another form are the same password', async () => {
  const hash = await hashPassword('パスワード2026abc')
  expect(await verifyPassword('パスワード2026abc'.normalize('NFD'), hash)).toBe(true)
  expect(await verifyPassword('ﾊﾟｽﾜｰﾄﾞ2026abc', hash)).toBe(true)
})

test('a hash of a known answer is verified as other programs made it', async () => {
  // Made with the reference implementation's parameters m=64, t=2, p=1 by node:crypto's own argon2Sync in another process.
  const { argon2Sync } = await import('node:crypto')
  const salt = Buffer.from('somesaltsomesalt')
  const key = argon2Sync('argon2id', {
    message: 'password12',
    nonce: salt,
    memory: 64,
    passes: 2,
    parallelism: 1,
    tagLength: 24,
  })
  const plain = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  expect(await verifyPassword('password12', `$argon2id$v=19$m=64,t=2,p=1$${plain(salt)}$${plain(key)}`)).toBe(true)
})

test('a broken hash is refused and never throws', async () => {
  for (const broken of ['', 'plain', '$argon2id$v=19$m=19456,t=2,p=1$$', '$2b$10$abcdefghijklmnopqrstuv']) {
    expect(await verifyPassword('password12', broken)).toBe(false)
  }
})

test('without an account the work is the same as with one', async () => {
  const hash = await hashPassword('correct horse')
  const time = async (stored: string | undefined) => {
    const times: number[] = []
    for (let n = 0; n < 7; n++) {
      const began = performance.now()
      expect(await verifyPassword('wrong password', stored)).toBe(false)
      times.push(performance.now() - began)
    }
    return times.sort((a, b) => a - b)[3] ?? 0
  }
  const [known, unknown] = [await time(hash), await time(undefined)]
  // An answer without hashing would take a hundredth.
  expect(unknown / known).toBeGreaterThan(0.4)
  expect(unknown / known).toBeLessThan(2.5)
})

test('a flood of logins waits in a short line and the rest is refused in words', async () => {
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => verifyPassword('x', undefined)))
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(8)
  expect(String(refused[0]?.reason)).toContain('ログインが混み合っています')
  expect(await verifyPassword('x', undefined)).toBe(false)
})
