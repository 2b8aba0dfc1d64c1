import { expect, test } from 'vitest'
import { exportStatusOf } from '../../src/orders/export-status.ts'
import {
  type DueFacts,
  type DueRule,
  exportWindow,
  NOT_DUE_LABELS,
  type Order,
  whyNotDue,
  writtenAs,
} from '../../src/orders/order.ts'

const ready: DueFacts & Pick<Order, 'exportReason'> = {
  cancelledInCsCartAt: null,
  shipDate: '2026-11-24',
  trackingNumber: '123456789012',
  carrier: 'yamato',
  exportedAs: null,
  exportState: 'none',
  exportReason: null,
}
const rule: DueRule = { scope: 'processed_only', ...exportWindow(1, '2026-11-24'), statusRole: 'processed' }
const why = (facts: Partial<DueFacts>, over: Partial<DueRule> = {}) => {
  const reason = whyNotDue({ ...ready, ...facts }, { ...rule, ...over })
  return reason === undefined ? 'due' : NOT_DUE_LABELS[reason]
}

test.each<[string, Partial<DueFacts>, Partial<DueRule>]>([
  ['due', {}, {}],
  ['due', { shipDate: '2026-11-23' }, {}],
  ['作成期間外', { shipDate: '2026-11-22' }, {}],
  ['作成期間外', { shipDate: '2026-11-25' }, {}],
  ['出荷日なし', { shipDate: null }, {}],
  ['伝票番号なし', { trackingNumber: '' }, {}],
  ['配送業者なし', { carrier: null }, {}],
  ['対象外ステータス', {}, { statusRole: null }],
  ['対象外ステータス', {}, { statusRole: 'new' }],
  ['対象外ステータス', {}, { statusRole: 'cancelled' }],
  ['due', {}, { statusRole: null, scope: 'all_active' }],
  ['due', {}, { statusRole: 'processed', scope: 'all_active' }],
  ['対象外ステータス', {}, { statusRole: 'new', scope: 'all_active' }],
  ['対象外ステータス', {}, { statusRole: 'cancelled', scope: 'all_active' }],
  ['CS-Cart側でキャンセル', { cancelledInCsCartAt: 1 }, {}],
  ['CS-Cart側でキャンセル', { cancelledInCsCartAt: 1, exportedAs: 'sagawa|1', shipDate: null }, {}],
  ['書出済み', { exportedAs: 'yamato|123456789012' }, {}],
  ['書出済み', { exportedAs: 'yamato|123456789012', shipDate: null }, {}],
  ['due', { exportedAs: 'yamato|123456789000' }, {}],
  ['due', { exportedAs: 'sagawa|123456789012' }, {}],
])('%s: %j under %j', (expected, facts, over) => expect(why(facts, over)).toBe(expected))

test('what is written is the carrier and all numbers', () => {
  expect(writtenAs({ carrier: 'yamato', trackingNumber: '1 2' })).toBe('yamato|1 2')
})

const shown = (facts: Partial<typeof ready>, over: Partial<DueRule & { dryRun: boolean }> = {}) => {
  const { label, why } = exportStatusOf({ ...ready, ...facts }, { ...rule, dryRun: false, ...over })
  return why === '' ? label : `${label} ${why}`
}

test('書出状態 says how far it is, and in words why it does not go on', () => {
  expect(shown({})).toBe('待ち')
  expect(shown({}, { dryRun: true })).toContain('試運転')
  expect(shown({ shipDate: null })).toBe('未 出荷日なし')
  expect(shown({}, { statusRole: null })).toBe('対象外 対象外ステータス')
  expect(shown({ shipDate: '2026-01-01' })).toBe('対象外 作成期間外')
  expect(shown({ cancelledInCsCartAt: 1, exportState: 'error' })).toBe('対象外 CS-Cart側でキャンセル')
  expect(shown({ exportState: 'sent' })).toContain('送信済み')
  expect(shown({ exportState: 'confirmed', exportedAs: 'yamato|123456789012' })).toBe('確認済み')
  expect(shown({ exportState: 'confirmed', exportedAs: 'yamato|999' })).toBe('待ち 書き出した後に変更されました')
  expect(shown({ exportState: 'error' })).toContain('エラー')
})

test('エラー ends where nothing is left to write: as it stands in the shop, or taken out of the exports by its status', () => {
  const failed = { exportState: 'error', exportedAs: 'yamato|999' } as const
  expect(shown(failed)).toContain('エラー')
  expect(shown({ ...failed, exportedAs: 'yamato|123456789012' })).toBe('確認済み')
  expect(shown(failed, { statusRole: 'cancelled' })).toBe('対象外 対象外ステータス')
  expect(shown(failed, { statusRole: 'cancelled', scope: 'all_active' })).toBe('対象外 対象外ステータス')
  expect(shown(failed, { statusRole: null })).toBe('対象外 対象外ステータス')
  expect(shown(failed, { statusRole: null, scope: 'all_active' })).toContain('エラー')
  expect(shown({ ...failed, trackingNumber: '' }, { statusRole: 'cancelled' })).toBe('対象外 対象外ステータス')
})

test('days that pass do not make a failure good', () => {
  expect(shown({ exportState: 'error', shipDate: '2026-01-01' })).toMatch(/^エラー .*作成期間外のため/)
})

test('送信済み promises another look only where an export will look', () => {
  expect(shown({ exportState: 'sent' })).toBe('送信済み 次の書出でCS-Cartを確認します')
  for (const [facts, over, reason] of [
    [{}, { statusRole: null }, '対象外ステータスのため'],
    [{ shipDate: '2026-01-01' }, {}, '作成期間外のため'],
    [{ shipDate: null }, {}, '出荷日なしのため'],
    [{ exportedAs: 'yamato|123456789012' }, {}, '書出済みの内容に戻したため'],
  ] as const) {
    const text = shown({ exportState: 'sent', ...facts }, over)
    expect(text).toMatch(/^送信済み 書出を始めましたが、/)
    expect(text).toContain(reason)
    expect(text).not.toContain('次の書出でCS-Cartを確認します')
  }
})
