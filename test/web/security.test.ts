import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { tags } from '../support/html.ts'
import { person } from '../support/person.ts'

let t: TestApp
beforeAll(async () => {
  t = await testApp()
})
afterAll(() => t.close())

test('every page forbids foreign and inline code, frames and foreign form targets', async () => {
  for (const page of [await t.anonymous.get('/login'), await t.merchant.get('/accounts'), await t.merchant.get('/x')]) {
    const policy = String(page.headers['content-security-policy']).split(';')
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("style-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'self'")
    expect(policy).toContain("base-uri 'none'")
    expect(String(policy)).not.toMatch(/unsafe|\*|https?:/)
    expect(page.headers['x-content-type-options']).toBe('nosniff')
    expect(page.headers['cache-control']).toBe('no-store')
  }
})

const TOKENS: [string, (token: string) => Record<string, string>][] = [
  ['no token', () => ({ _csrf: '' })],
  ['a made-up token', () => ({ _csrf: 'abc-def' })],
  ['a changed token', (token) => ({ _csrf: `${token.slice(0, -2)}xx` })],
]

test.each(TOKENS)('a form with %s is refused and changes nothing', async (_, fields) => {
  const page = await t.merchant.get('/accounts')
  const token = tags(page.html, 'input').find((input) => input.attributes.name === '_csrf')?.attributes.value ?? ''
  const answer = await t.merchant.post('/accounts', {
    email: 'x@example.jp',
    role: 'admin',
    password: 'x-password-x',
    ...fields(token),
  })
  expect(answer.status).toBe(403)
  expect(answer.text).toContain('ページを開き直して')
  expect(t.services.accounts.list()).toHaveLength(2)
})

/** The addresses of all forms, from Fastify's own tree of routes: four characters a level. */
function formAddresses(tree: string): string[] {
  const above: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*[├└]── )(\S*) ?(?:\((.*)\))?/.exec(line) ?? []
    if (indent === '') return []
    const depth = indent.length / 4
    above.splice(depth - 1)
    above.push(part)
    return methods.split(', ').includes('POST') ? [above.join('').replaceAll(/:\w+/g, '1')] : []
  })
}

test('no form at all is taken without a token', async () => {
  const addresses = formAddresses(t.app.printRoutes({ commonPrefix: false }))
  expect(addresses).toEqual(
    expect.arrayContaining(['/login', '/accounts/1/role', '/import/1/period', '/export/plans/1/run', '/orders/1/row']),
  )
  expect(addresses.length).toBeGreaterThan(30)
  for (const address of addresses) {
    const { status } = await t.merchant.post(address, { _csrf: '' })
    expect([address, status]).toEqual([address, 403])
  }
})

test('the address of a form, loaded anew, leads to the page that it belongs to', async () => {
  const page = async (address: string) => {
    const { status, location } = await t.merchant.get(address)
    return `${status} ${location}`
  }
  expect(await page('/import/1/period')).toBe('303 /import')
  expect(await page('/export/1/window?days=7')).toBe('303 /export')
  expect(await page('/export/plans/1/run')).toBe('303 /export/plans/1')
  expect(await page('/orders/statuses/1/move/')).toBe('303 /orders/statuses')
  expect(await page('/accounts/2/role')).toBe('303 /accounts/2')
  expect(await page('/logout')).toBe('303 /')
  expect(await page('//evil.example/1/period')).toBe('404 ')
  expect((await t.anonymous.get('/import/1/period')).location).toBe('/login?next=%2Fimport%2F1%2Fperiod')
  for (const address of formAddresses(t.app.printRoutes({ commonPrefix: false }))) {
    expect((await t.merchant.get(address)).text, address).not.toContain('このアドレスのページはありません。')
  }
})

test('the token of one person is no good for another, nor one from before the login for after it', async () => {
  const tokenOf = (html: string) => tags(html, 'input').find((one) => one.attributes.name === '_csrf')?.attributes.value
  const before = tokenOf((await t.anonymous.get('/login')).html)
  const staffs = tokenOf((await t.staff.get('/accounts')).html)
  for (const _csrf of [before, staffs]) {
    expect((await t.merchant.post('/accounts/2/role', { _csrf, role: 'admin' })).status).toBe(403)
  }
})

test('a form without any cookie says what to do, and names the address where there is one', async () => {
  const answer = await t.app.inject({
    method: 'POST',
    url: '/login',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: '_csrf=x&email=a',
  })
  expect(answer.statusCode).toBe(403)
  expect(answer.body).toContain('Cookieを許可し')
})

test('cookies are for this site only and out of reach of scripts; Secure where PUBLIC_URL says https', async () => {
  const cookiesOf = async (app: TestApp) => {
    const visitor = person(app.app)
    const first = await visitor.get('/login')
    const login = await visitor.post('/login', { email: 'merchant@example.jp', password: 'merchant-password' })
    return [first, login].flatMap((page) => [page.headers['set-cookie'] ?? []].flat()) as string[]
  }
  const plain = await cookiesOf(t)
  expect(plain).toHaveLength(2)
  for (const cookie of plain) {
    expect(cookie).toMatch(/; HttpOnly/)
    expect(cookie).toMatch(/; SameSite=Lax/)
    expect(cookie).not.toMatch(/; Secure/)
  }
  const secure = await testApp({ config: { publicUrl: 'https://tsunagi.example.jp' } })
  for (const cookie of await cookiesOf(secure)) expect(cookie).toMatch(/; Secure/)
  await secure.close()
  const proxied = await testApp({ config: { trustProxy: true } })
  const answer = await proxied.app.inject({ url: '/login', headers: { 'x-forwarded-proto': 'https' } })
  expect(answer.headers['set-cookie']).toMatch(/; Secure/)
  await proxied.close()
})

test('behind a proxy the address that counts is the one that the proxy saw, not one that the caller wrote', async () => {
  const proxied = await testApp({ config: { trustProxy: true } })
  const first = await proxied.app.inject('/login')
  const token = /name="_csrf" value="([^"]*)"/.exec(first.body)?.[1] ?? ''
  const cookie = first.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const statuses = []
  for (let n = 0; n < 40; n += 1) {
    const answer = await proxied.app.inject({
      method: 'POST',
      url: '/login',
      headers: {
        cookie,
        'content-type': 'application/x-www-form-urlencoded',
        'x-forwarded-for': `10.0.${n}.1, 203.0.113.9`,
      },
      payload: new URLSearchParams({ _csrf: token, email: `a${n}@example.jp`, password: 'wrong' }).toString(),
    })
    statuses.push(answer.statusCode)
  }
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5)
  await proxied.close()
})

test('assets have the hash of their content in their address and may be kept for ever', async () => {
  const page = await t.anonymous.get('/login')
  const sheet = tags(page.html, 'link').find((link) => link.attributes.href?.endsWith('/tabler.min.css'))
  const url = sheet?.attributes.href ?? ''
  expect(url).toMatch(/^\/assets\/[\da-f]{16}\/tabler\.min\.css$/)
  const plain = await t.app.inject(url)
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(plain.headers['content-type']).toBe('text/css; charset=utf-8')
  // Whole, but for the last line that would have browsers ask for a source map.
  expect(plain.body).not.toContain('sourceMappingURL')
  expect(plain.body.trimEnd().endsWith('}')).toBe(true)
  const zipped = await t.app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  expect(zipped.rawPayload.length).toBeLessThan(plain.rawPayload.length / 4)
})

test('nothing outside the known files can be fetched', async () => {
  for (const url of ['/assets/../package.json', '/assets/x/%2e%2e/package.json', '/public/app.css', '/src/app.ts']) {
    expect((await t.merchant.get(url)).status).toBe(404)
  }
})
