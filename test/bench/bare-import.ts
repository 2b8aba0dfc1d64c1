import Database from 'better-sqlite3'
import { Pool } from 'undici'
import type { ShopAddress } from './world.ts'

/**
 * The honest limit for an import: the same requests with the same number at once, JSON.parse and prepared inserts of order,
 * lines and answer, 100 orders a transaction, synchronous=FULL. No checks, no history, no log, no retry.
 * @returns how many orders were stored
 */
export async function bareImport(file: string, shop: ShopAddress, atOnce: number): Promise<number> {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(`
    create table orders (id integer primary key, shop_order_id integer not null unique, status text not null,
      ordered_at integer not null, name text, company text, email text, phone text, zip text, state text, city text,
      address text, payment text, notes text, total text not null, subtotal text, shipping_cost text);
    create table order_lines (order_id integer not null, item_id text not null, product_code text, name text,
      amount integer, price text, primary key (order_id, item_id));
    create table order_payloads (order_id integer primary key, body text not null)`)
  const insert =
    db.prepare(`insert into orders (shop_order_id, status, ordered_at, name, company, email, phone, zip, state,
    city, address, payment, notes, total, subtotal, shipping_cost) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertLine = db.prepare('insert into order_lines values (?, ?, ?, ?, ?, ?)')
  const insertPayload = db.prepare('insert into order_payloads values (?, ?)')
  const write = db.transaction((batch: { order: BareOrder; text: string }[]) => {
    for (const { order: o, text } of batch) {
      const { lastInsertRowid } = insert.run(
        Number(o.order_id),
        o.status,
        Number(o.timestamp) * 1000,
        `${o.s_firstname} ${o.s_lastname}`,
        o.company,
        o.email,
        o.phone,
        o.s_zipcode,
        o.s_state,
        o.s_city,
        o.s_address,
        o.payment_method?.payment ?? '',
        o.notes,
        String(o.total),
        String(o.subtotal),
        String(o.shipping_cost),
      )
      for (const line of Object.values(o.products)) {
        const { item_id, product_code, product, amount, price } = line
        insertLine.run(lastInsertRowid, String(item_id), product_code, product, Number(amount), String(price))
      }
      insertPayload.run(lastInsertRowid, text)
    }
  })
  const pool = new Pool(shop.url, { connections: atOnce })
  const headers = { authorization: `Basic ${Buffer.from(`${shop.email}:${shop.apiKey}`).toString('base64')}` }
  const get = async (path: string): Promise<string> => {
    const { body } = await pool.request({ method: 'GET', path: `/api/2.0/${path}`, headers })
    return body.text()
  }

  const ids: string[] = []
  let listed = false
  let wake: (() => void)[] = []
  const wakeAll = () => {
    const woken = wake
    wake = []
    for (const one of woken) one()
  }
  const list = async () => {
    for (let page = 1; ; page += 1) {
      const query = `status%5B%5D=O&status%5B%5D=P&sort_by=date&sort_order=asc&items_per_page=100&page=${page}&sl=ja`
      const { orders, params }: BareList = JSON.parse(await get(`orders?${query}`))
      ids.push(...orders.map((row) => String(row.order_id)))
      listed = page * 100 >= Number(params.total_items)
      wakeAll()
      if (listed) return
    }
  }
  let batch: { order: BareOrder; text: string }[] = []
  let count = 0
  let at = 0
  const fetch = async () => {
    for (;;) {
      const id = ids[at]
      if (id === undefined) {
        if (listed) return
        await new Promise<void>((resolve) => wake.push(resolve))
        continue
      }
      at += 1
      const text = await get(`orders/${id}?sl=ja`)
      batch.push({ order: JSON.parse(text), text })
      count += 1
      if (batch.length < 100) continue
      const full = batch
      batch = []
      write(full)
    }
  }
  await Promise.all([list(), ...Array.from({ length: atOnce }, fetch)])
  write(batch)
  await pool.close()
  db.close()
  return count
}

type BareList = { orders: { order_id: string | number }[]; params: { total_items: string | number } }
type Text = string | number
type BareOrder = Record<
  | 'order_id'
  | 'timestamp'
  | 'status'
  | 's_firstname'
  | 's_lastname'
  | 'company'
  | 'email'
  | 'phone'
  | 's_zipcode'
  | 's_state'
  | 's_city'
  | 's_address'
  | 'notes'
  | 'total'
  | 'subtotal'
  | 'shipping_cost',
  Text
> & {
  payment_method?: { payment?: string }
  products: Record<string, Record<'item_id' | 'product_code' | 'product' | 'amount' | 'price', Text>>
}
