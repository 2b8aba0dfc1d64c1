import { expect, test } from 'vitest'
import { formatter } from '../../src/web/format.ts'
import { localPath } from '../../src/web/guard.ts'
import { navFor } from '../../src/web/nav.ts'

const NOW = Date.parse('2026-11-24T00:31:50Z')

test('times are written in the app’s time zone, nothing as nothing', () => {
  const fmt = formatter('Asia/Tokyo', NOW)
  expect(fmt.dateTime(NOW)).toBe('2026/11/24 09:31:50')
  expect(fmt.dateTime(null)).toBe('')
  expect(fmt.day(Date.parse('2026-11-23T15:00:00Z'))).toBe('2026/11/24')
  expect(fmt.day('2026-11-24')).toBe('2026/11/24')
  expect(fmt.day(null)).toBe('')
  expect(fmt.ago(NOW - 185_000)).toBe('3分前')
})

test('money keeps parts of a yen only where there are any', () => {
  const { yen, count } = formatter('Asia/Tokyo', NOW)
  expect(yen(930_200)).toBe('9,302円')
  expect(yen(123_456_789_00)).toBe('123,456,789円')
  expect(yen(1_05)).toBe('1.05円')
  expect(yen(-1_550)).toBe('-15.50円')
  expect(yen(0)).toBe('0円')
  expect(count(1_234_567)).toBe('1,234,567')
})

const MENU = [
  { label: 'ホーム', href: '/' },
  { label: '受注管理', items: [{ label: '受注一覧', href: '/orders' }] },
  {
    label: '各種設定',
    items: [
      { label: 'ステータス', href: '/orders/statuses', role: 'admin' as const },
      { label: 'ユーザー', href: '/accounts', role: 'admin' as const },
    ],
  },
  { label: '空', items: [] },
]

test('the menu shows each role its own items, and no section without any', () => {
  expect(navFor(MENU, 'staff', '/').map((section) => section.label)).toEqual(['ホーム', '受注管理'])
  expect(navFor(MENU, 'admin', '/').map((section) => section.label)).toEqual(['ホーム', '受注管理', '各種設定'])
})

test('the current item is the one with the longest matching address', () => {
  const current = (path: string) =>
    navFor(MENU, 'admin', path).flatMap((section) => [
      ...(section.current ? [section.label] : []),
      ...section.items.filter((item) => item.current).map((item) => item.label),
    ])
  expect(current('/')).toEqual(['ホーム'])
  expect(current('/orders/12')).toEqual(['受注管理', '受注一覧'])
  expect(current('/orders/statuses')).toEqual(['各種設定', 'ステータス'])
  expect(current('/ordersx')).toEqual([])
})

test('only paths of this program are paths to go on to', () => {
  expect(localPath('/orders?q=a%20b&x=1')).toBe('/orders?q=a%20b&x=1')
  expect(localPath('/受注')).toBe('/%E5%8F%97%E6%B3%A8')
  for (const bad of [
    '',
    'orders',
    '//a.example',
    '/\\a.example',
    '/a\\..\\b',
    '/%0d/\r\nx',
    'http://a.example/',
    '/..//a.example',
  ]) {
    expect(localPath(bad), bad).toBe('/')
  }
})
