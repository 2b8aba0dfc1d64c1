import { afterEach, beforeEach, expect, test } from 'vitest'
import { MERCHANT, type TestApp, testApp } from '../support/app.ts'

let t: TestApp
beforeEach(async () => {
  t = await testApp()
})
afterEach(() => t.close())

test('without a login every page leads to ログイン, and after it to the page that was asked for', async () => {
  const first = await t.anonymous.get('/accounts?x=1')
  expect(first.status).toBe(303)
  expect(first.location).toBe('/login?next=%2Faccounts%3Fx%3D1')
  const login = await t.anonymous.get(first.location)
  expect(login.field('メールアドレス').name).toBe('email')
  const next = /name="next" value="([^"]*)"/.exec(login.html)?.[1] ?? ''
  const done = await t.anonymous.post('/login', { ...MERCHANT, next })
  expect(done.location).toBe('/accounts?x=1')
  const page = await t.anonymous.get(done.location)
  expect(page.status).toBe(200)
  expect(page.title).toBe('ユーザー管理 - つなぎ')
})
