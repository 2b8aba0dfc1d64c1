import { expect, test } from 'vitest'
import { mailsFor } from '../../src/export/mails.ts'

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
