import assert from 'node:assert/strict'
import type { Db } from '../../src/db/open.ts'

type Told = { orderId: number; changes: number; rows: number }

/**
 * Watches the orders of a database from now on: each write of an order that was there already must leave exactly one row in its
 * 履歴 (and each new order its first).
 * @returns looks whether it did so far. @throws AssertionError with the order's number where not
 */
export function watchHistory(db: Db): () => void {
  const client = db.$client
  client.exec(`
    create temp table order_writes (order_id integer not null, newest_row integer not null);
    create temp trigger order_inserted after insert on orders begin
      insert into order_writes values (new.id, 0);
    end;
    create temp trigger order_updated after update on orders begin
      insert into order_writes
        select new.id, coalesce(max(id), 0) from order_history where order_id = new.id;
    end;
    create temp trigger order_deleted after delete on orders begin
      delete from order_writes where order_id = old.id;
    end;`)
  const told = client.prepare<[], Told>(`
    select order_id as "orderId", count(*) as changes,
      (select count(*) from order_history h where h.order_id = w.order_id) as rows
    from order_writes w where order_id in (select id from orders) group by order_id`)
  // Two writes before whose row nothing was added: they share a row, or one has none and the other two.
  const shared = client
    .prepare<[], number>('select order_id from order_writes group by order_id, newest_row having count(*) > 1')
    .pluck()
  return () => {
    for (const { orderId, changes, rows } of told.all()) {
      assert.equal(rows, changes, `order ${orderId} was written ${changes} times and has ${rows} rows of history`)
    }
    assert.deepEqual(shared.all(), [], 'orders of which two writes share a row of history')
  }
}
