import { Eta } from 'eta'
import { beforeEach, expect, test, vi } from 'vitest'
import { keptParts } from '../../src/web/kept-parts.ts'

const PART = '@part'
const templates = new Eta()
templates.loadTemplate(
  PART,
  '<% it.rows.forEach(function (row) { %><form><i><%= it.csrf %></i><b><%= row %></b></form><% }) %><u><%= typeof it.fmt.ago %></u>',
)
const render = vi.spyOn(templates, 'render')
const fmt = { dateTime: String, day: String, duration: String, yen: String, count: String }

let parts: ReturnType<typeof keptParts>
beforeEach(() => {
  parts = keptParts(templates, { fmt })
  render.mockClear()
})

/** A page with this part between two words. */
function pageOf(csrf: string, ...lists: string[][]): string {
  const { kept, bytesOf } = parts.forPage(csrf)
  return bytesOf(`前${lists.map((rows) => kept(PART, { rows })).join('と')}後`).toString()
}

const shown = (csrf: string, rows: string[]) =>
  `${rows.map((row) => `<form><i>${csrf}</i><b>${row}</b></form>`).join('')}<u>undefined</u>`

test('a part stands where it was asked for, each page with its own token in every form', () => {
  expect(pageOf('one', ['佐藤', '鈴木'])).toBe(`前${shown('one', ['佐藤', '鈴木'])}後`)
  expect(pageOf('two', ['佐藤', '鈴木'])).toBe(`前${shown('two', ['佐藤', '鈴木'])}後`)
  expect(render).toHaveBeenCalledOnce()
})

test('several parts, and none at all', () => {
  expect(pageOf('x', ['甲'], [], ['乙'])).toBe(`前${shown('x', ['甲'])}と${shown('x', [])}と${shown('x', ['乙'])}後`)
  expect(parts.forPage('x').bytesOf('<p>だけ</p>').toString()).toBe('<p>だけ</p>')
})

test('other data is another part', () => {
  pageOf('x', ['佐藤'])
  expect(pageOf('x', ['佐藤 '])).toContain('<b>佐藤 </b>')
  expect(render).toHaveBeenCalledTimes(2)
})

test('what looks like a mark of another process is text like any other', () => {
  const hostile = [
    '00000000-0000-4000-8000-000000000000-csrf',
    '00000000-0000-4000-8000-000000000000-0;',
    '0;',
    '-csrf',
  ]
  expect(pageOf('secret', hostile)).toBe(`前${shown('secret', hostile)}後`)
})

test('no mark is left on a page', () => {
  const page = pageOf('x', ['甲'], ['乙'])
  expect(page).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
})

test('those that were not asked for longest give way', () => {
  pageOf('x', ['first'])
  pageOf('x', ['second'])
  for (let at = 0; at < 18; at += 1) pageOf('x', [`${at}`])
  pageOf('x', ['first'])
  render.mockClear()
  pageOf('x', ['one more'])
  pageOf('x', ['first'])
  expect(render).toHaveBeenCalledOnce()
  pageOf('x', ['second'])
  expect(render).toHaveBeenCalledTimes(2)
})
