import type { Db } from '../../src/db/open.ts'

/**
 * Makes many orders of those that are stored: copies under other numbers, without CS-Cart's answers, a gigabyte that no start reads.
 * @param have how many are stored, with ids from 1 on
 * @param many a multiple of that
 * @returns how many there are then
 */
export function multiplyOrders(client: Db['$client'], have: number, many: number): number {
  for (const [table, key] of [
    ['orders', 'id'],
    ['order_lines', 'order_id'],
    ['order_history', 'order_id'],
  ] as const) {
    const columns = client
      .prepare<[], string>(`select name from pragma_table_info('${table}')`)
      .pluck()
      .all()
      .filter((name) => table !== 'order_history' || name !== 'id')
    const shifted = columns.map((name) => {
      if (name === key) return `${name} + c.n * ${many}`
      return name === 'cs_cart_order_id' ? `${name} + c.n * 1000000` : name
    })
    client.exec(`
      with recursive c(n) as (select 1 union all select n + 1 from c where n + 1 < ${many / have})
      insert into ${table} (${columns.join(', ')}) select ${shifted.join(', ')} from ${table}, c`)
  }
  return client.prepare<[], number>('select count(*) from orders').pluck().get() ?? 0
}
