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

/** A page with this part, once for each list, between two words. */
function pageOf(csrf: string, ...lists: { rows: string[] }[]): string {
  const { kept, bytesOf } = parts.forPage(csrf)
  return bytesOf(`前${lists.map((list) => kept(PART, list)).join('と')}後`).toString()
}

const shown = (csrf: string, rows: string[]) =>
  `${rows.map((row) => `<form><i>${csrf}</i><b>${row}</b></form>`).join('')}<u>undefined</u>`

test('a part stands where it was asked for, each page with its own token in every form', () => {
  const list = { rows: ['佐藤', '鈴木'] }
  expect(pageOf('one', list)).toBe(`前${shown('one', list.rows)}後`)
  expect(pageOf('two', list)).toBe(`前${shown('two', list.rows)}後`)
  expect(render).toHaveBeenCalledOnce()
})

test('several parts, and none at all', () => {
  expect(pageOf('x', { rows: ['甲'] }, { rows: [] }, { rows: ['乙'] })).toBe(
    `前${shown('x', ['甲'])}と${shown('x', [])}と${shown('x', ['乙'])}後`,
  )
  expect(parts.forPage('x').bytesOf('<p>だけ</p>').toString()).toBe('<p>だけ</p>')
})

test('what was read anew is another part, and so is another template over the same', () => {
  const list = { rows: ['佐藤'] }
  pageOf('x', list)
  expect(pageOf('x', { rows: ['佐藤 '] })).toContain('<b>佐藤 </b>')
  templates.loadTemplate('@other', '<%= it.rows.length %>人')
  const { kept, bytesOf } = parts.forPage('x')
  expect(bytesOf(kept('@other', list)).toString()).toBe('1人')
})

test('what looks like a mark of another process is text like any other', () => {
  const rows = ['00000000-0000-4000-8000-000000000000-csrf', '00000000-0000-4000-8000-000000000000-0;', '0;', '-csrf']
  expect(pageOf('secret', { rows })).toBe(`前${shown('secret', rows)}後`)
})

test('no mark is left on a page', () => {
  expect(pageOf('x', { rows: ['甲'] }, { rows: ['乙'] })).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
})
