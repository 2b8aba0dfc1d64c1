import { expect, test } from 'vitest'
import { random } from '../../src/demo/shop/generate/random.ts'
import { startPretendShop } from '../../src/demo/shop/index.ts'
import { connectShop, withDatabase } from '../soak/data-dir.ts'
import { smallDisk, whyNoMount } from '../soak/disk.ts'
import { databaseFaults } from '../soak/judge.ts'
import { ADMIN, startServer, until } from '../soak/processes.ts'
import { parcelsOf } from '../soak/shop-life.ts'
import { type StaffBook, staffFaults, typeSomething } from '../soak/staff.ts'
import { visitor } from '../soak/visitor.ts'

const noMount = whyNoMount()
if (noMount) console.warn(noMount)

test.skipIf(noMount !== undefined)(
  'a disk that fills up while an export works: it ends with the reason, and with room the next one leaves each parcel in the shop once',
  async () => {
    const disk = smallDisk(8)
    const shop = await startPretendShop({ profile: 'jp413' })
    const server = startServer({ dataDir: disk.folder, admin: true, impatient: true })
    const staff: StaffBook = new Map()
    try {
      const { url } = await server.ready
      const merchant = visitor(url)
      await merchant.login(ADMIN)
      withDatabase(disk.folder, (db) => connectShop(db, shop, { autoImport: false, autoExport: false }))
      const orders = Array.from({ length: 12 }, () => shop.addOrder({ status: 'P' }))
      await merchant.post('/import/1')
      const read = <T>(query: string): T[] => withDatabase(disk.folder, (db) => db.$client.prepare<[], T>(query).all())
      const stateOf = (kind: string) =>
        read<{ state: string }>(`select state from runs where kind = '${kind}' order by id desc limit 1`)[0]?.state
      await until('the import is over', () => stateOf('import') === 'succeeded')
      withDatabase(disk.folder, (db) => {
        for (let turn = 0; turn < 100 && staff.size < orders.length; turn += 1) {
          typeSomething(db, random(turn), staff, { mayCorrect: false, isOver: () => false })
        }
      })

      shop.setLatency(60)
      expect((await merchant.post('/export/1')).flash).toContain('書出を始めました')
      await until('the first parcels are written', () => shop.ledger.of('shipments.post').length >= 3, 20_000, 5)
      disk.fill()
      const page = await until('the run ends with its reason', async () => {
        const { text } = await merchant.get('/export')
        return text.includes('ディスクの空きが足りない') && text
      })
      expect(page).toMatch(/失敗/)
      expect((await merchant.get('/readyz')).status).toBe(503)
      for (const path of ['/', '/orders', '/export', '/runs']) expect((await merchant.get(path)).status).toBe(200)
      expect((await merchant.post('/export/1')).text).toContain('ディスクの空きが足りない')
      expect(server.isAlive()).toBe(true)
      expect(shop.ledger.of('shipments.post').length).toBeLessThan(orders.length)

      disk.makeRoom()
      await until('it is ready again', async () => (await merchant.get('/readyz')).status === 200)
      shop.setLatency(0)
      expect((await merchant.post('/export/1')).flash).toContain('書出を始めました')
      await until('the next export is over', () => stateOf('export') === 'succeeded')
      merchant.leave()
      expect((await server.stop()).code).toBe(0)
      for (const { id } of orders) {
        const order = shop.order(id)
        const { shipments, status, recalculated } = shop.ledger.order(id)
        expect(shipments.map(({ number }) => number)).toEqual(
          Array.from({ length: order ? parcelsOf(order) : 0 }, () => staff.get(id)?.trackingNumber),
        )
        expect({ status, recalculated }).toEqual({ status: 'C', recalculated: [] })
      }
      withDatabase(disk.folder, (db) => {
        expect([...databaseFaults(db, true), ...staffFaults(db, staff)]).toEqual([])
      })
    } finally {
      await server.kill()
      await shop.close()
      disk.close()
    }
  },
  120_000,
)
