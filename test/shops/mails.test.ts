import { expect, test } from 'vitest'
import { mailTruth, mailWord } from '../../src/shops/mails.ts'

const UP_TO_410 = { updatedAt: false, mailsOnlyWhenAsked: false }
const FROM_413 = { updatedAt: true, mailsOnlyWhenAsked: false }
const FROM_420 = { updatedAt: true, mailsOnlyWhenAsked: true }
const ALWAYS = '「送らない」の設定でも、配送を登録するたびに'

test.each([
  ['up to 4.10', UP_TO_410, '「配送済み」になるとき', '送られません。'],
  ['up to 4.10, its list not seen', { updatedAt: false }, '「配送済み」になるとき', '送られません。'],
  ['4.13 to C-416', FROM_413, '配送を登録するたびに', ALWAYS],
  ['4.20 and newer', FROM_420, '最初に配送を登録するとき', '送られません。'],
  [
    '4.20 and newer, known by its list alone',
    { mailsOnlyWhenAsked: true },
    '最初に配送を登録するとき',
    '送られません。',
  ],
  ['unknown', {}, '版がまだ分からない', '版がまだ分からない'],
  ['4.13 or newer, its list not seen', { updatedAt: true }, '版がまだ分からない', '版がまだ分からない'],
  ['4.16 or older, no order seen', { mailsOnlyWhenAsked: false }, '版がまだ分からない', '版がまだ分からない'],
])('%s: what the shop does with mails is said for both settings', (_version, capabilities, send, silent) => {
  expect(mailWord(true, capabilities)).toContain(send)
  expect(mailWord(false, capabilities)).toContain(silent)
  const truth = mailTruth(capabilities)
  expect(truth).toContain(mailWord(true, capabilities))
  expect(truth).toContain(mailWord(false, capabilities))
})

test('only a shop that mails unasked, or may, is said to mail although 「送らない」 is set', () => {
  const unasked = /たびに/
  expect(mailWord(false, UP_TO_410)).not.toMatch(unasked)
  expect(mailWord(false, FROM_420)).not.toMatch(unasked)
  expect(mailWord(false, FROM_413)).toMatch(unasked)
  expect(mailWord(false, {})).toMatch(unasked)
})
