import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { field } from '../../src/web/forms.ts'
import { templates } from '../../src/web/views.ts'
import { type TestApp, testApp } from '../support/app.ts'

const VIEWS = join(import.meta.dirname, '../../views')
const names = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eta'))

let t: TestApp
beforeAll(async () => {
  t = await testApp({
    routes(app) {
      app.get('/test/page', async (request, reply) => {
        request.flash('info', field(request.query, 'a'))
        return reply.page('error', { error: { title: '題', message: '<b>"文\'&', nextStep: '' }, reference: undefined })
      })
      app.get('/test/shadow', async (_request, reply) => reply.page('error', { now: 1 }))
    },
  })
}, 30_000)
afterAll(() => t.close())

/** What the content security policy would refuse. */
function inlineCode(html: string): string[] {
  const found: string[] = []
  const code = html.replace(/<%[\s\S]*?%>/g, '')
  for (const [tag] of code.matchAll(/<[a-z](?:"[^"]*"|'[^']*'|[^>"'])*>/gi)) {
    const bare = tag.replace(/=\s*("[^"]*"|'[^']*')/g, '=""')
    if (/\sstyle\s*=/i.test(bare)) found.push(`style attribute: ${tag}`)
    if (/\s(on[a-z]+|hx-on[\w:.-]*)\s*=/i.test(bare)) found.push(`handler: ${tag}`)
    if (/^<style/i.test(tag)) found.push(`style element: ${tag}`)
    if (/^<script/i.test(tag) && !/\ssrc=/i.test(tag)) found.push(`inline script: ${tag}`)
    if (/(href|src|action)\s*=\s*["']?\s*(javascript|data):/i.test(tag)) found.push(`script address: ${tag}`)
    if (/hx-(vals|headers|vars)\s*=\s*["']\s*(js|javascript):/i.test(tag)) found.push(`evaluated: ${tag}`)
    if (/hx-trigger\s*=\s*("[^"]*\[|'[^']*\[)/i.test(tag)) found.push(`evaluated filter: ${tag}`)
  }
  return found
}

test('the scan finds each kind of inline code', () => {
  const bad = [
    '<p style="color:red">',
    '<a onclick="x()">',
    '<style>',
    '<script>x()</script>',
    '<a href="javascript:x()">',
    '<b hx-on:click="x()">',
    '<b hx-vals="js:{a:1}">',
    '<b hx-trigger="click[ctrlKey]">',
  ]
  for (const html of bad) expect(inlineCode(html), html).toHaveLength(1)
  expect(inlineCode('<script src="/a.js"></script><p title=" style=">on="x"</p><b hx-trigger="every 2s">')).toEqual([])
})

test.each(names)('views/%s has no inline script, style or handler', (name) => {
  expect(inlineCode(readFileSync(join(VIEWS, name), 'utf8'))).toEqual([])
})

/** A part (included or kept), the layout's body, or what a helper of the same template made; never data as it came. */
const MAY_BE_RAW = /^(include\(|it\.kept\(|it\.body$|[a-z]\w*(\(.*\))?$)/s

test('data as it came is never among what may go unescaped', () => {
  for (const bad of ['it.order.name', 'order.name', 'it.form', 'it.help(1)']) expect(bad).not.toMatch(MAY_BE_RAW)
  for (const good of ["include('./_rows')", 'it.body', "state('name')", 'off']) expect(good).toMatch(MAY_BE_RAW)
})

test.each(names)('views/%s puts no data unescaped into the page', (name) => {
  const raw = [...readFileSync(join(VIEWS, name), 'utf8').matchAll(/<%~([\s\S]*?)%>/g)].map((match) => match[1]?.trim())
  for (const expression of raw) expect(expression).toMatch(MAY_BE_RAW)
})

test('what others typed is shown as text, in messages and everywhere else', async () => {
  const page = await t.merchant.get(`/test/page?a=${encodeURIComponent('<script>alert(1)</script>')}`)
  expect(page.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page.html).not.toContain('<script>alert')
  expect(page.html).toContain('&lt;b&gt;&quot;文&#39;&amp;')
  const refused = await t.merchant.post('/accounts', { email: '"><img src=x onerror=alert(1)>', role: 'staff' })
  expect(refused.html).not.toContain('<img')
  expect(refused.field('メールアドレス').value).toBe('"><img src=x onerror=alert(1)>')
})

test('messages are status or alert, are said once, and cannot be forged by a cookie', async () => {
  await t.merchant.post('/accounts/2/role', { role: 'staff' })
  expect((await t.merchant.get('/accounts')).html).toMatch(
    /class="alert alert-success" role="status">役割を変更しました/,
  )
  expect((await t.merchant.get('/accounts')).html).not.toContain('alert-success')
  const forged = Buffer.from(JSON.stringify([{ kind: 'error', text: 'うそ' }])).toString('base64url')
  t.merchant.cookies.set('tsunagi_flash', `${forged}.abcdef`)
  expect((await t.merchant.get('/accounts')).text).not.toContain('うそ')
})

test('a message waits for a page: a part that is asked for meanwhile does not swallow it', async () => {
  await t.merchant.post('/accounts/2/role', { role: 'staff' })
  await t.merchant.part('/nowhere')
  expect((await t.merchant.get('/accounts')).text).toContain('役割を変更しました')
})

test('templates are compiled once, not for every page', async () => {
  const file = join(VIEWS, 'accounts/list.eta')
  await t.merchant.get('/accounts')
  const compiled = templates.templatesSync.get(file)
  expect(compiled).toBeTypeOf('function')
  await t.merchant.get('/accounts')
  expect(templates.config.cache).toBe(true)
  expect(templates.templatesSync.get(file)).toBe(compiled)
})

test('data of a page cannot take the place of what every page has', async () => {
  expect((await t.merchant.get('/test/shadow')).status).toBe(500)
})
