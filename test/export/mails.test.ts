import { expect, test } from 'vitest'
import { mailsFor, mailWord } from '../../src/export/mails.ts'

test('a mail is asked for at most once in the life of an order, and by the one call that sends it', () => {
  const flags = [false, true]
  for (const notify of flags) {
    for (const mailsOnStatusOnly of flags) {
      for (const exportedBefore of flags) {
        for (const shipmentWritten of flags) {
          for (const statusWritten of flags) {
            const facts = { notify, mailsOnStatusOnly, exportedBefore, shipmentWritten, statusWritten }
            const { onShipment, onStatus } = mailsFor(facts)
            const may = notify && !exportedBefore
            expect(onShipment, JSON.stringify(facts)).toBe(may && !mailsOnStatusOnly && !shipmentWritten)
            expect(onStatus, JSON.stringify(facts)).toBe(may && mailsOnStatusOnly && !statusWritten)
          }
        }
      }
    }
  }
})

test('the page says what the shop does, also where it does not what was asked', () => {
  expect(mailWord(false, true)).toContain('送られません')
  expect(mailWord(true, true)).toContain('1通')
  expect(mailWord(false, false)).toContain('必ずお客様へ送られます')
  expect(mailWord(false, undefined)).toBe(mailWord(false, false))
})
