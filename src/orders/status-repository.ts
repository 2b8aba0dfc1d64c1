import type { Db } from '../db/open.ts'
import { remembering } from '../db/remember.ts'
import { type OrderStatus, parseStatusName, type StatusRole } from './status.ts'

/** Why a status could not be deleted, with what still rests on it. */
export type StatusInUse = { orders: number; shops: string[] }

export type Renamed = { ok: true } | { ok: false; message: string }
export type Deleted = { ok: true } | { ok: false; reason: 'built_in' } | ({ ok: false; reason: 'in_use' } & StatusInUse)

/** 受注ステータス: a short list in the merchant's order; every change is one transaction. */
export function statusRepository(db: Db) {
  const client = db.$client
  const all = client.prepare<[], OrderStatus>(
    'select id, name, role, position from order_statuses order by position, id',
  )
  const byId = client.prepare<[number], OrderStatus>('select id, name, role, position from order_statuses where id = ?')
  const insert = client.prepare<[string]>(
    'insert into order_statuses (name, position) values (?, (select coalesce(max(position), 0) + 1 from order_statuses))',
  )
  const setName = client.prepare<[string, number]>('update order_statuses set name = ? where id = ?')
  const setPosition = client.prepare<[number, number]>('update order_statuses set position = ? where id = ?')
  const remove = client.prepare<[number]>('delete from order_statuses where id = ? and role is null')
  const ordersWith = client.prepare<[number], number>('select count(*) from orders where status_id = ?').pluck()
  const shopsWith = client
    .prepare<[number], string>('select name from shops where landing_status_id = ? order by id')
    .pluck()
  const moveOrders = client.prepare<[number], number>('select id from orders where status_id = ?').pluck()

  const list = remembering(db, { withoutRuns: true })((): readonly OrderStatus[] => all.all())
  const usesOf = (id: number): StatusInUse => ({ orders: ordersWith.get(id) ?? 0, shops: shopsWith.all(id) })

  return {
    /** In the merchant's order; the same array until something is written. */
    list,

    find(id: number): OrderStatus | undefined {
      return byId.get(id)
    },

    /** The ids of orders that hold a status. */
    orderIdsWith(id: number): number[] {
      return moveOrders.all(id)
    },

    usesOf,

    /** Adds a status at the end. */
    add(typed: string): Renamed {
      return client
        .transaction((): Renamed => {
          const name = parseStatusName(
            typed,
            all.all().map((status) => status.name),
          )
          if (name.ok) insert.run(name.name)
          return name
        })
        .immediate()
    },

    rename(id: number, typed: string): Renamed {
      return client
        .transaction((): Renamed => {
          const others = all.all().filter((status) => status.id !== id)
          const name = parseStatusName(
            typed,
            others.map((status) => status.name),
          )
          if (name.ok) setName.run(name.name, id)
          return name
        })
        .immediate()
    },

    /** Changes places with the neighbour; at the end of the list nothing happens. */
    move(id: number, direction: 'up' | 'down'): void {
      client
        .transaction(() => {
          const list = all.all()
          const from = list.findIndex((status) => status.id === id)
          const to = direction === 'up' ? from - 1 : from + 1
          const [one, other] = [list[from], list[to]]
          if (!one || !other) return
          list[from] = other
          list[to] = one
          for (const [at, status] of list.entries()) {
            if (status.position !== at + 1) setPosition.run(at + 1, status.id)
          }
        })
        .immediate()
    },

    /** Deletes an ordinary status that nothing rests on. */
    remove(id: number): Deleted {
      return client
        .transaction((): Deleted => {
          const status = byId.get(id)
          if (status?.role) return { ok: false, reason: 'built_in' }
          const uses = usesOf(id)
          if (uses.orders > 0 || uses.shops.length > 0) return { ok: false, reason: 'in_use', ...uses }
          remove.run(id)
          return { ok: true }
        })
        .immediate()
    },

    roleOf(id: number): StatusRole {
      return byId.get(id)?.role ?? null
    },
  }
}
export type StatusRepository = ReturnType<typeof statusRepository>
