import { afterEach, beforeEach, expect, test } from 'vitest'
import { accountRepository } from '../../src/accounts/repository.ts'
import { openDatabase } from '../../src/db/open.ts'
import { AppError } from '../../src/errors.ts'
import { MERCHANT, type TestApp, testApp } from '../support/app.ts'
import { person } from '../support/person.ts'

let t: TestApp
beforeEach(async () => {
  t = await testApp()
})
afterEach(() => t.close())

const newcomer = { email: 'new@example.jp', role: 'staff', password: 'new-password' }
const idOf = (email: string) => t.services.accounts.list().find((account) => account.email === email)?.id

test('ユーザー管理 lists the accounts with their roles', async () => {
  const page = await t.merchant.get('/accounts')
  expect(page.rows()).toEqual([
    ['メールアドレス', '役割', '登録日'],
    ['merchant@example.jp 自分', '管理者', '2026/11/24'],
    ['staff@example.jp', '担当者', '2026/11/24'],
  ])
  expect(page.field('役割').value).toBe('staff')
})

test('担当者 can neither open nor use it, and do not see it in the menu', async () => {
  for (const answer of [
    await t.staff.get('/accounts'),
    await t.staff.get('/accounts/1'),
    await t.staff.post('/accounts', newcomer),
    await t.staff.post('/accounts/2/role', { role: 'admin' }),
    await t.staff.post('/accounts/1/password', { password: 'taken over now' }),
    await t.staff.post('/accounts/1/delete'),
  ]) {
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('管理者だけが開けます')
    expect(answer.links().has('ユーザー管理')).toBe(false)
  }
  expect(t.services.accounts.list().map((account) => account.role)).toEqual(['admin', 'staff'])
  expect((await t.merchant.get('/accounts')).links().get('ユーザー管理')).toBe('/accounts')
})

test('a new account can log in at once', async () => {
  const page = await t.merchant.submit('/accounts', newcomer)
  expect(page.text).toContain('new@example.jp を担当者として追加しました。')
  const anew = person(t.app, newcomer)
  expect((await anew.get('/accounts')).status).toBe(403)
})

test('a new account with faults is refused beside each field, and what was typed stays', async () => {
  const page = await t.merchant.post('/accounts', { email: 'no address', role: 'king', password: 'short' })
  expect(page.status).toBe(422)
  expect(page.field('メールアドレス').value).toBe('no address')
  expect(page.field('メールアドレス').error).toContain('name@example.jp の形')
  expect(page.field('役割').error).toBe('役割を選んでください。')
  expect(page.field('パスワード').error).toBe('パスワードは10文字以上にしてください。')
  expect(page.field('パスワード').value).toBe('')
})

test('an address cannot have two accounts, whatever its case', async () => {
  const page = await t.merchant.post('/accounts', { ...newcomer, email: 'STAFF@example.jp' })
  expect(page.field('メールアドレス').error).toBe('このメールアドレスのアカウントはすでにあります。')
  const twice = await Promise.all([t.merchant.post('/accounts', newcomer), t.merchant.post('/accounts', newcomer)])
  expect(twice.map((answer) => answer.status).sort()).toEqual([303, 409])
})

test('a new password ends the sessions of that account and works from then on', async () => {
  await t.staff.get('/accounts')
  const refused = await t.merchant.post('/accounts/2/password', { password: 'short' })
  expect(refused.field('パスワード').error).toBe('パスワードは10文字以上にしてください。')
  expect((await t.staff.get('/accounts')).status).toBe(403)
  const page = await t.merchant.submit('/accounts/2/password', { password: 'brand new password' })
  expect(page.text).toContain('パスワードを変更しました。')
  expect((await t.staff.get('/accounts')).location).toMatch(/^\/login/)
  const anew = person(t.app, { email: 'staff@example.jp', password: 'brand new password' })
  expect((await anew.get('/accounts')).status).toBe(403)
})

test('a new role ends the sessions of that account and counts from then on', async () => {
  await t.staff.get('/accounts')
  await t.merchant.post('/accounts/2/role', { role: 'admin' })
  expect((await t.staff.get('/accounts')).location).toMatch(/^\/login/)
  const anew = person(t.app, { email: 'staff@example.jp', password: 'staff-password-1' })
  expect((await anew.get('/accounts')).status).toBe(200)
})

test('a deleted account is out at once', async () => {
  await t.staff.get('/accounts')
  const page = await t.merchant.submit('/accounts/2/delete')
  expect(page.text).toContain('staff@example.jp を削除しました。')
  expect((await t.staff.get('/accounts')).location).toMatch(/^\/login/)
  expect((await t.merchant.get('/accounts/2')).status).toBe(404)
  expect((await t.merchant.get('/accounts/abc')).status).toBe(404)
})

test('what a deleted account did keeps its name, the address is free again, and nothing opens with the old password', async () => {
  const { accounts } = t.services
  await t.merchant.post('/accounts/2/delete')
  expect(accounts.nameOf(2)).toBe('staff@example.jp（削除済み）')
  expect(accounts.nameOf(1)).toBe('merchant@example.jp')
  expect(accounts.nameOf(99)).toBeUndefined()
  expect(t.db.$client.prepare('select password_hash from accounts where id = 2').pluck().get()).toBe('')
  const gone = person(t.app, { email: 'staff@example.jp', password: 'staff-password-1' })
  await expect(gone.get('/')).rejects.toThrow('メールアドレスまたはパスワードが正しくありません')
  await t.merchant.post('/accounts', { email: 'Staff@example.jp', role: 'staff', password: 'another-password-1' })
  expect(accounts.list()).toMatchObject([{ id: 1 }, { email: 'staff@example.jp', role: 'staff' }])
  expect(accounts.nameOf(2)).toBe('staff@example.jp（削除済み）')
})

test('the last 管理者 cannot be demoted or deleted', async () => {
  const demoted = await t.merchant.post('/accounts/1/role', { role: 'staff' })
  expect(demoted.status).toBe(409)
  expect(demoted.field('役割').error).toContain('管理者が一人もいなくなる')
  const deleted = await t.merchant.post('/accounts/1/delete')
  expect([deleted.status, deleted.text.includes('管理者が一人もいなくなる')]).toEqual([409, true])
  expect((await t.merchant.get('/accounts')).status).toBe(200)
})

test('two 管理者 who remove each other at once leave one', async () => {
  await t.merchant.post('/accounts', { ...newcomer, role: 'admin' })
  const other = person(t.app, newcomer)
  await other.get('/accounts')
  const answers = await Promise.all([
    t.merchant.post(`/accounts/${idOf(newcomer.email)}/delete`),
    other.post('/accounts/1/delete'),
  ])
  expect(answers.map((answer) => answer.status).sort()[0]).toBe(303)
  expect(t.services.accounts.list().filter((account) => account.role === 'admin')).toHaveLength(1)
})

test('also through two connections only one of two last 管理者 can go', () => {
  const { accounts } = t.services
  accounts.changeRole(2, 'admin')
  const db = openDatabase(t.db.$client.name)
  const elsewhere = accountRepository(db)
  accounts.changeRole(1, 'staff')
  expect(() => elsewhere.remove(2, 0)).toThrow(AppError)
  expect(() => elsewhere.changeRole(2, 'staff')).toThrow(/管理者が一人もいなくなる/)
  db.$client.close()
})

test('no page and no answer ever carries a hash or a password', async () => {
  const pages = [await t.merchant.get('/accounts'), await t.merchant.get('/accounts/1')]
  for (const page of pages) {
    expect(page.html).not.toContain('argon2id')
    expect(page.html).not.toContain(MERCHANT.password)
  }
})
