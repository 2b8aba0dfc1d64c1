import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXPORT_LABELS, exportStatusOf } from '../../src/orders/export-status.ts'
import { type ListCursor, type ListFilter, listHref, parseList } from '../../src/orders/list-filter.ts'
import { pageQuery, stepQuery, tallyQuery } from '../../src/orders/list-query.ts'
import type { ShopRules } from '../../src/orders/list-repository.ts'
import { COMMON_FORMS, foldNameCharacters } from '../../src/orders/name-characters.ts'
import type { Order } from '../../src/orders/order.ts'
import { normalized } from '../../src/orders/search.ts'
import { address, CONTEXT, imported, insertShop, line, NOON, orderBook, STATUS } from './factory.ts'

let book: ReturnType<typeof orderBook>
beforeEach(() => {
  book = orderBook()
})
afterEach(() => book.close())

const RULES: ShopRules = new Map([
  [1, { scope: 'processed_only', fromDay: '2026-11-23', toDay: '2026-11-24', dryRun: false }],
])
const filterOf = (query: Record<string, string>): ListFilter => parseList(query, 'Asia/Tokyo').filter
const found = async (query: Record<string, string>) => {
  const { orders } = await book.orders.page(filterOf(query), undefined, 100, RULES)
  return orders.map((order) => order.csCartOrderId)
}

describe('検索', () => {
  beforeEach(() => {
    book.add(1001, {
      buyerName: '勅使河原 太郎',
      buyerKana: 'テシガワラ タロウ',
      email: 'Tarou_100%@Example.JP',
      phone: '03-1234-5678',
      shipping: address({
        postalCode: '５４０－０００２',
        prefecture: '大阪府',
        city: '大阪市中央区',
        address1: '大手前1',
      }),
      billing: address({ name: '林 花子', prefecture: '京都府' }),
      lines: [line({ name: 'ＡＢＣマグカップ ﾌﾞﾙｰ', productCode: 'MUG_A-1' })],
    })
    const elsewhere = address({ name: '別人', kana: 'ベツジン', prefecture: '北海道', city: '札幌市', phone: '' })
    const other = { buyerKana: '', phone: '', billing: elsewhere, shipping: elsewhere }
    book.add(1002, { ...other, buyerName: '林 一郎', email: 'hayashi@example.jp', staffNotes: '常連様' })
    const id = book.add(10023, { ...other, buyerName: '佐藤', email: 'tarouX100Y@example.jp' })
    book.edit(id, { trackingNumber: '499912345678', memo: '玄関前に置く 50%引き' })
  })

  test.each<[string, number[]]>([
    ['1001', [1001]],
    ['#1001', [1001]],
    ['林', [1002, 1001]],
    ['太郎', [1001]],
    ['勅使河原太郎', [1001]],
    ['勅使河原 太郎', [1001]],
    ['勅使河原　太郎', [1001]],
    ['太郎 林', [1001]],
    ['太郎 一郎', []],
    ['てしがわら', [1001]],
    ['ﾃｼｶﾞﾜﾗ', [1001]],
    ['tarou_100%', [1001]],
    ['TAROU_100%@EXAMPLE.jp', [1001]],
    ['%', [10023, 1001]],
    ['_', [1001]],
    ['0312345678', [1001]],
    ['03-1234', [1001]],
    ['０３１２３４', [1001]],
    ['540-0002', [1001]],
    ['5400002', [1001]],
    ['大阪市中央区大手前', [1001]],
    ['京都', [1001]],
    ['abcマグ', [1001]],
    ['ブルー', [1001]],
    ['mug_a-1', [1001]],
    ['mugxa-1', []],
    ['499912345678', [10023]],
    ['\ufeff4999\u200b12345678\u200b', [10023]],
    ['\u200b', [10023, 1002, 1001]],
    ['4999-1234-5678', [10023]],
    ['置く', [10023]],
    ['50%引き', [10023]],
    ['常連', [1002]],
    ["' or 1=1 --", []],
    ['', [10023, 1002, 1001]],
  ])('%j finds %j', async (q, expected) => expect(await found({ q })).toEqual(expected))

  test.each([
    ['髙橋', '高橋'],
    ['山﨑', '山崎'],
    ['齋藤', '斉藤'],
    ['斎藤', '齊藤'],
    ['渡邊', '渡辺'],
    ['渡邉', '渡邊'],
    ['濵田', '浜田'],
    ['濱田', '濵田'],
    ['𠮷田', '吉田'],
    ['德永', '徳永'],
    ['広瀨', '廣瀬'],
    ['澤田', '沢田'],
    ['國分', '国分'],
    ['眞子', '真子'],
    ['曾根', '曽根'],
    ['櫻井', '桜井'],
    ['中嶋', '中島'],
    ['龍野', '竜野'],
    ['冨岡', '富岡'],
    ['四郞', '四郎'],
    ['葛\u{e0100}西', '葛西'],
    ['龍ヶ崎', '龍ケ崎'],
  ])('%s and %s are one name', async (one, other) => {
    book.add(1, { buyerName: one })
    book.add(2, { buyerName: other })
    expect(await found({ q: one })).toEqual([2, 1])
    expect(await found({ q: other })).toEqual([2, 1])
  })

  test('the migration folds what was stored before as it would be stored now', () => {
    const before = `\ufeff山﨑\u200b\n葛\u{e0100}西\n高橋\n${[...COMMON_FORMS.keys()].join('\n')}`
    const [one, two] = [book.add(1), book.add(2)]
    const store = book.sql.prepare('update orders set search_text = ? where id = ?')
    store.run(before, one)
    const file = join(import.meta.dirname, '../../migrations/0011_fold-name-characters.sql')
    const migration = readFileSync(file, 'utf8')
    book.sql.exec(migration)
    const stored = book.sql.prepare<[number], string>('select search_text from orders where id = ?').pluck()
    expect(stored.get(one)).toBe(normalized(before))
    // Every character that is folded at all, each between two others.
    const all = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff)
    const folded = all.map((code) => String.fromCodePoint(code)).filter((char) => foldNameCharacters(char) !== char)
    expect(folded.length).toBeGreaterThan(500)
    const text = folded.map((char) => `a${char}b`).join('')
    store.run(text, one)
    book.sql.exec(migration)
    expect(stored.get(one)).toBe(foldNameCharacters(text))
    expect(stored.get(two)).toContain('山田太郎')
  })

  test('what was taken away is not found any more, what was imported anew is, and staff keep their words', async () => {
    const { orders } = await book.orders.page(filterOf({ q: '置く' }), undefined, 1)
    const [id = 0] = orders.map((order) => order.id)
    book.orders.saveImported(imported(10023, { buyerName: '鈴木', lines: [line({ name: '急須' })] }), CONTEXT)
    expect(await found({ q: '佐藤' })).toEqual([])
    expect(await found({ q: '鈴木 急須 置く 4999' })).toEqual([10023])
    book.edit(id, { memo: '' })
    expect(await found({ q: '置く' })).toEqual([])
    expect(await found({ q: '鈴木 急須' })).toEqual([10023])
  })
})

describe('filters', () => {
  test('by status, day, shop, carrier and slip number', async () => {
    insertShop(book.db, 2)
    const [one, two, three] = [
      book.add(1, { orderedAt: Date.parse('2026-11-23T14:59:59Z') }),
      book.add(2, { orderedAt: Date.parse('2026-11-23T15:00:00Z') }),
      book.add(3, { shopId: 2 }),
    ]
    book.edit(one, { statusId: STATUS.processed, carrier: 'yamato', trackingNumber: '123456789012' })
    expect(await found({ tab: String(STATUS.processed) })).toEqual([1])
    expect(await found({ from: '2026-11-24', to: '2026-11-24' })).toEqual([3, 2])
    expect(await found({ to: '2026/11/23' })).toEqual([1])
    expect(await found({ shop: '2' })).toEqual([3])
    expect(await found({ carrier: 'yamato' })).toEqual([1])
    expect(await found({ carrier: 'none' })).toEqual([3, 2])
    expect(await found({ number: 'yes' })).toEqual([1])
    expect(await found({ number: 'no' })).toEqual([3, 2])
    expect(await found({ todo: 'ship' })).toEqual([3, 2])
    expect([two, three].length).toBe(2)
    expect(await book.orders.countsByStatus(filterOf({ tab: '4' }))).toMatchObject({ all: 3, attention: 1 })
    expect((await book.orders.countsByStatus(filterOf({ shop: '2' }))).byStatus).toEqual(new Map([[STATUS.new, 1]]))
  })

  test('要確認 counts what the same search and filters leave under it', async () => {
    insertShop(book.db, 2)
    for (const id of [1, 2]) book.edit(book.add(id), { trackingNumber: `49991234567${id}`, memo: `memo${id}` })
    book.add(3, { shopId: 2 })
    const attention = async (query: Record<string, string>) => {
      const { attention: count } = await book.orders.countsByStatus(filterOf(query))
      expect(await found({ ...query, tab: 'attention' })).toHaveLength(count)
      return count
    }
    expect(await attention({})).toBe(2)
    expect(await attention({ shop: '2' })).toBe(0)
    expect(await attention({ shop: '1' })).toBe(2)
    expect(await attention({ q: 'memo2' })).toBe(1)
    expect(await attention({ q: 'memo2', number: 'no' })).toBe(0)
  })

  test('書出状態 of each kind is found by the same rule that the row shows', async () => {
    const at = (csCartOrderId: number, fields: Parameters<typeof book.edit>[1]) => {
      const id = book.add(csCartOrderId)
      book.edit(id, fields)
      return id
    }
    const ready = {
      statusId: STATUS.processed,
      shipDate: '2026-11-24',
      carrier: 'yamato',
      trackingNumber: '123456789012',
    }
    const run = { runId: 1, at: NOON }
    at(1, {})
    at(2, ready)
    book.orders.setExport(at(3, ready), { state: 'confirmed', exportedAs: 'yamato|123456789012' }, run)
    book.orders.setExport(at(4, ready), { state: 'confirmed', exportedAs: 'yamato|999' }, run)
    book.orders.setExport(at(5, ready), { state: 'error', reason: 'timeout' }, run)
    book.orders.setExport(at(6, ready), { state: 'sent' }, run)
    at(7, { ...ready, statusId: STATUS.packing })
    at(8, { ...ready, shipDate: '2026-10-01' })
    at(9, ready)
    book.orders.saveImported(imported(9, { csCartStatus: 'I' }), CONTEXT)
    expect(await found({ export: 'none' })).toEqual([1])
    expect(await found({ export: 'waiting' })).toEqual([4, 2])
    expect(await found({ export: 'confirmed' })).toEqual([3])
    expect(await found({ export: 'error' })).toEqual([5])
    expect(await found({ export: 'sent' })).toEqual([6])
    expect(await found({ export: 'excluded' })).toEqual([9, 8, 7])
    expect(book.orders.counts(NOON - 3_600_000, RULES)).toEqual({
      today: 9,
      toShip: 2,
      toNumber: 1,
      toExport: 2,
      failed: 1,
    })
  })

  test('each order is found under the 書出状態 that its row shows, and only there; エラー and 送信済み are counted so too', async () => {
    insertShop(book.db, 2)
    book.sql.prepare("update shops set export_scope = 'all_active' where id = 2").run()
    const rules: ShopRules = new Map(
      ([1, 2] as const).map((id) => [
        id,
        {
          scope: id === 1 ? 'processed_only' : 'all_active',
          fromDay: '2026-11-23',
          toDay: '2026-11-24',
          dryRun: false,
        },
      ]),
    )
    const roles = new Map(
      [STATUS.new, STATUS.packing, STATUS.processed, STATUS.cancelled].map((id, at) => [
        id as number,
        (['new', null, 'processed', 'cancelled'] as const)[at] ?? null,
      ]),
    )
    let next = 0
    for (const shopId of [1, 2])
      for (const statusId of roles.keys())
        for (const trackingNumber of ['', '123456789012'])
          for (const shipDate of ['2026-11-24', '2026-10-01'])
            for (const state of ['none', 'sent', 'confirmed', 'error'] as const)
              for (const exportedAs of state === 'none' ? [null] : [null, 'yamato|123456789012', 'yamato|999']) {
                next += 1
                const id = book.add(next, { shopId })
                book.edit(id, { statusId, trackingNumber, shipDate, carrier: 'yamato' })
                book.orders.setExport(id, { state, exportedAs }, { runId: 1, at: NOON })
                if (next % 3 === 0) book.orders.saveImported(imported(next, { shopId, csCartStatus: 'I' }), CONTEXT)
              }
    const { orders } = await book.orders.page(filterOf({}), undefined, 1_000, rules)
    const keyOf = (order: Order) => {
      const rule = rules.get(order.shopId)
      return rule && exportStatusOf(order, { ...rule, statusRole: roles.get(order.statusId) ?? null }).key
    }
    for (const key of Object.keys(EXPORT_LABELS)) {
      const expected = orders.filter((order) => keyOf(order) === key).map((order) => order.csCartOrderId)
      const page = await book.orders.page(filterOf({ export: key }), undefined, 1_000, rules)
      expect([key, page.orders.map((order) => order.csCartOrderId)]).toEqual([key, expected])
      if (key !== 'error' && key !== 'sent') continue
      expect((await book.orders.countsByStatus(filterOf({ export: key }))).all).toBe(expected.length)
      if (key === 'error') expect(book.orders.counts(NOON, rules).failed).toBe(expected.length)
    }
  })

  test('nonsense in the address is no filter, a wrong day is said', async () => {
    book.add(1)
    expect(await found({ tab: 'x', shop: '-1', carrier: 'hermes', export: 'x', number: 'maybe', todo: 'x' })).toEqual([
      1,
    ])
    expect(parseList({ from: '2026-02-30', to: ['a'] }, 'Asia/Tokyo').errors).toEqual({ from: expect.any(String) })
    expect(parseList({ from: '2026-11-25', to: '2026-11-24' }, 'Asia/Tokyo').errors.to).toBeDefined()
  })
})

describe('paging', () => {
  /** All pages from the first, by the links' addresses. */
  const walk = async (query: Record<string, string>, limit: number, between: (page: number) => void = () => {}) => {
    const pages: number[][] = []
    let address = listHref(query)
    for (let at = 0; at < 50; at++) {
      const list = parseList(Object.fromEntries(new URL(address, 'http://x').searchParams), 'Asia/Tokyo')
      const page = await book.orders.page(list.filter, list.cursor, limit, RULES)
      pages.push(page.orders.map((order) => order.csCartOrderId))
      if (!page.next) return pages
      address = listHref(list.values, page.next)
      between(at)
    }
    throw new Error('the pages do not end')
  }

  test('each order once, newest first, also where many were placed in the same second and new ones arrive meanwhile', async () => {
    for (let id = 1; id <= 23; id++) book.add(id, { orderedAt: NOON - Math.floor(id / 5) * 1000 })
    const pages = await walk({}, 5, (page) => book.add(1000 + page, { orderedAt: NOON + 5000 + page }))
    expect(pages.map((page) => page.length)).toEqual([5, 5, 5, 5, 3])
    expect([...new Set(pages.flat())].sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, at) => at + 1))
  })

  test('前へ leads back the way 次へ came, and ends at the first page', async () => {
    for (let id = 1; id <= 12; id++) book.add(id)
    const filter = filterOf({})
    const first = await book.orders.page(filter, undefined, 5)
    const second = await book.orders.page(filter, first.next, 5)
    const third = await book.orders.page(filter, second.next, 5)
    expect(third.next).toBeUndefined()
    expect(first.previous).toBeUndefined()
    expect((await book.orders.page(filter, third.previous, 5)).orders).toEqual(second.orders)
    const back = await book.orders.page(filter, second.previous, 5)
    expect(back.orders).toEqual(first.orders)
    expect(back.previous).toBeUndefined()
    expect(back.next).toBeDefined()
  })

  test('a 書出状態 that is rare is found pages away', async () => {
    for (let id = 1; id <= 600; id++) book.add(id)
    for (const id of [3, 300, 590]) {
      const order = book.orders.findByCsCartId(1, id)
      if (order)
        book.edit(order.id, {
          statusId: STATUS.cancelled,
          shipDate: '2026-11-24',
          carrier: 'yamato',
          trackingNumber: '55555',
        })
    }
    expect(await walk({ export: 'excluded' }, 2)).toEqual([[590, 300], [3]])
  })

  const planOf = (query: Record<string, string>, from?: ListCursor): string => {
    const { sql, values } = pageQuery(filterOf(query), { from })
    const steps = book.sql.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`).all(...values, 50)
    return steps.map((step) => step.detail).join('\n')
  }

  test('a page is found by an index, and only its own orders are read whole and sorted', () => {
    const plan = planOf({ tab: '1' }, { orderedAt: 5, id: 5, direction: 'next' })
    expect(plan).toContain('SEARCH o USING COVERING INDEX orders_status_ordered')
    expect(plan).toContain('SEARCH o USING INTEGER PRIMARY KEY')
    expect(plan.match(/TEMP B-TREE/g)).toHaveLength(1)
  })

  test.each([
    ['export', { export: 'none' }, 'orders_unwritten'],
    ['export', { export: 'waiting' }, 'orders_unwritten_dated'],
    ['export', { export: 'excluded' }, 'orders_unwritten'],
    ['export', { export: 'error' }, 'orders_export_state'],
    ['todo', { todo: 'ship' }, 'COVERING INDEX orders_status_ordered'],
    ['todo', { todo: 'number' }, 'COVERING INDEX orders_unnumbered'],
    ['tab', { tab: '4' }, 'COVERING INDEX orders_status_ordered'],
    ['nothing', {}, 'COVERING INDEX orders_ordered'],
  ])('with a filter by %s %j it is found by an index too', (_, query, index) => {
    expect(planOf(query)).toContain(index)
  })

  describe('where orders must be read to be found, among more of them than one step reads', () => {
    const ORDERS = 1_600
    beforeEach(() => {
      insertShop(book.db, 2)
      for (let id = 1; id <= ORDERS; id++) {
        const isRare = [7, 480, 501, 1_020, 1_599].includes(id)
        // Where steps end, several orders were placed in the same second.
        const order = book.add(id, { orderedAt: NOON - (id >> 2) * 1_000, ...(isRare && { staffNotes: '名入れ' }) })
        if (isRare) book.edit(order, { carrier: 'yamato', statusId: id < 1_000 ? STATUS.packing : STATUS.processed })
      }
      book.add(ORDERS + 1, { shopId: 2, orderedAt: NOON - 3_600_000 })
    })

    const rare = [7, 480, 501, 1_020, 1_599]
    test.each<[Record<string, string>, number[]]>([
      [{ q: '名入れ' }, rare],
      [{ carrier: 'yamato' }, rare],
      [{ q: '名入れ', tab: '3' }, rare.slice(0, 3)],
      [{ q: '名入れ', tab: '1' }, []],
      [{ q: '名入れ', export: 'excluded' }, []],
      [{ q: '名入れ', export: 'none' }, rare],
      [{ q: 'どこにもない' }, []],
      [{ shop: '2' }, [ORDERS + 1]],
    ])('%j: all of them, and back again', async (query, expected) => {
      const filter = filterOf(query)
      const ids = (page: { orders: { csCartOrderId: number }[] }) => page.orders.map((order) => order.csCartOrderId)
      expect(await walk(query, 2)).toEqual(
        expected.length === 0
          ? [[]]
          : Array.from({ length: Math.ceil(expected.length / 2) }, (_, at) => expected.slice(at * 2, at * 2 + 2)),
      )
      let page = await book.orders.page(filter, undefined, 2, RULES)
      while (page.next) page = await book.orders.page(filter, page.next, 2, RULES)
      const back = ids(page)
      for (; page.previous; back.unshift(...ids(page))) page = await book.orders.page(filter, page.previous, 2, RULES)
      expect(back).toEqual(expected)
    })

    test('the counts are those of all steps', async () => {
      expect(await book.orders.countsByStatus(filterOf({ q: '名入れ', tab: '1' }))).toEqual({
        all: 5,
        byStatus: new Map([
          [STATUS.packing, 3],
          [STATUS.processed, 2],
        ]),
        attention: 2,
      })
      expect((await book.orders.countsByStatus(filterOf({ shop: '1' }))).all).toBe(ORDERS)
      expect((await book.orders.countsByStatus(filterOf({ export: 'none' }))).all).toBe(ORDERS + 1)
    })

    test.each([
      ['page', (filter: ListFilter) => book.orders.page(filter, undefined, 50, RULES)],
      ['counts', (filter: ListFilter) => book.orders.countsByStatus(filter)],
    ])('others have their turn between two steps of the %s', async (_, look) => {
      let turns = 0
      const count = () => {
        turns += 1
        next = setImmediate(count)
      }
      let next = setImmediate(count)
      await look(filterOf({ q: 'どこにもない' }))
      clearImmediate(next)
      expect(turns).toBeGreaterThanOrEqual(3)
    })

    test('a step is found by an index, and no other order is read for it', () => {
      const plan = ({ sql, values }: { sql: string; values: readonly unknown[] }) =>
        book.sql
          .prepare<unknown[], { detail: string }>(`explain query plan ${sql}`)
          .all(...values)
          .map((step) => step.detail)
          .join('\n')
      const from: ListCursor = { orderedAt: NOON, id: 9, direction: 'next' }
      const end = { ...from, orderedAt: NOON - 1_000 }
      for (const query of [
        { q: '名入れ', shop: '1' },
        { q: '名入れ', todo: 'number' },
        { shop: '1', tab: '1' },
      ]) {
        const filter = filterOf(query)
        const index =
          'tab' in query
            ? /INDEX orders_status_ordered \(status_id=\? AND .*ordered_at/
            : /INDEX orders_ordered \(.*ordered_at/
        expect(plan(stepQuery(filter, from))).toMatch(/COVERING INDEX/)
        for (const step of [{ end }, { from, end }, { from }]) {
          const page = pageQuery(filter, step)
          expect(plan({ ...page, values: [...page.values, 50] })).toMatch(index)
          expect(plan(tallyQuery(filter, step))).toMatch(index)
        }
      }
    })
  })

  test('counts follow every write', async () => {
    const filter = filterOf({})
    book.add(1)
    expect((await book.orders.countsByStatus(filter)).all).toBe(1)
    const id = book.add(2)
    expect((await book.orders.countsByStatus(filter)).all).toBe(2)
    book.edit(id, { trackingNumber: '1234567890' })
    expect(await book.orders.countsByStatus(filter)).toMatchObject({ all: 2, attention: 1 })
  })
})
