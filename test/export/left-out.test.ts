import { afterEach, expect, test } from 'vitest'
import { leftOutReader } from '../../src/export/left-out-repository.ts'
import { exportWindow, whyNotDue } from '../../src/orders/order.ts'
import { statusRepository } from '../../src/orders/status-repository.ts'
import { exportWorld, NOW, TODAY, type World } from './world.ts'

let world: World
afterEach(() => world.close())

test('the orders that are left out are counted by the same rule that leaves them out', async () => {
  world = await exportWorld()
  const roles = new Map(
    statusRepository(world.db)
      .list()
      .map(({ id, role }) => [id, role]),
  )
  const newStatus = [...roles].find(([, role]) => role === 'new')?.[0] ?? 0
  const written = await world.dueOrder()
  await world.exportAll()
  await world.dueOrder()
  const unlike = [
    { trackingNumber: '' },
    { trackingNumber: '' },
    { carrier: null },
    { shipDate: null },
    { shipDate: '2026-11-01' },
    { shipDate: '2026-12-24' },
    { statusId: newStatus },
    { statusId: newStatus, trackingNumber: '', shipDate: null },
  ]
  for (const fields of unlike) world.edit((await world.dueOrder()).id, fields)
  const cancelled = await world.dueOrder()
  world.orders.markGone(cancelled.id, { runId: null, at: NOW.getTime() })

  for (const scope of ['processed_only', 'all_active'] as const) {
    const rule = { scope, ...exportWindow(1, TODAY) }
    const expected = new Map<string, number>()
    for (let id = written.id; id <= cancelled.id; id += 1) {
      const order = world.orders.find(id)
      const reason = order && whyNotDue(order, { ...rule, statusRole: roles.get(order.statusId) ?? null })
      if (reason && reason !== 'already_written') expected.set(reason, (expected.get(reason) ?? 0) + 1)
    }
    const counts = leftOutReader(world.db).count(world.shop().id, 0, rule, (id) => roles.get(id) ?? null)
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(expected))
    expect(expected.size).toBe(6)
  }
})
