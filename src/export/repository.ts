import { and, asc, desc, eq, gte, isNotNull, isNull, lt, or, sql } from '../db/drizzle.ts'
import type { Db } from '../db/open.ts'
import { exportPlanItems, exportPlans, orders } from '../db/schema.ts'
import type { FailureReason } from '../failures.ts'
import { type PlannedOrder, readPlannedOrder } from './plan.ts'

export { type Parcel, type ParcelRepository, parcelRepository } from './parcel-repository.ts'

export type ExportPlan = typeof exportPlans.$inferSelect

/** One order of a plan, with what a page says about the order beside it. */
export type PlanItem = {
  planId: number
  orderId: number
  csCartOrderId: number
  buyerName: string
  included: boolean
  looked: boolean
  finished: boolean
  reason: string | null
  planned: PlannedOrder
}

/** How far a plan is: for its progress and its headline. */
export type PlanTally = { orders: number; looked: number; writable: number; included: number; refused: number }

const DAY_MS = 86_400_000

/** What 「更新対象の確認」 showed, and what became of it. */
export function planRepository(db: Db) {
  const plan = db
    .select()
    .from(exportPlans)
    .where(eq(exportPlans.id, sql.placeholder('id')))
    .prepare()
  const items = db
    .select({
      planId: exportPlanItems.planId,
      orderId: exportPlanItems.orderId,
      csCartOrderId: orders.csCartOrderId,
      buyerName: orders.buyerName,
      included: exportPlanItems.included,
      looked: exportPlanItems.looked,
      finished: exportPlanItems.finished,
      reason: exportPlanItems.reason,
      planned: exportPlanItems.planned,
    })
    .from(exportPlanItems)
    .innerJoin(orders, eq(orders.id, exportPlanItems.orderId))
    .where(eq(exportPlanItems.planId, sql.placeholder('planId')))
    .orderBy(asc(exportPlanItems.orderId))
    .prepare()
  const newestFor = db
    .select()
    .from(exportPlans)
    .where(
      and(
        eq(exportPlans.shopId, sql.placeholder('shopId')),
        or(eq(exportPlans.accountId, sql.placeholder('accountId')), isNotNull(exportPlans.runId)),
        gte(exportPlans.createdAt, sql.placeholder('since')),
      ),
    )
    .orderBy(desc(exportPlans.id))
    .limit(1)
    .prepare()
  const tally = db.$client.prepare(
    `select count(*) as orders, coalesce(sum(looked), 0) as looked,
       coalesce(sum(looked and reason is null), 0) as writable,
       coalesce(sum(included and reason is null), 0) as included, coalesce(sum(reason is not null), 0) as refused
     from export_plan_items where plan_id = ?`,
  )
  const lookedAt = db
    .update(exportPlanItems)
    .set({
      planned: sql`${sql.placeholder('planned')}`,
      reason: sql`${sql.placeholder('reason')}`,
      included: sql`${sql.placeholder('included')}`,
      looked: true,
    })
    .where(
      and(
        eq(exportPlanItems.planId, sql.placeholder('planId')),
        eq(exportPlanItems.orderId, sql.placeholder('orderId')),
      ),
    )
    .prepare()
  const finishItem = db
    .update(exportPlanItems)
    .set({ finished: true })
    .where(
      and(
        eq(exportPlanItems.planId, sql.placeholder('planId')),
        eq(exportPlanItems.orderId, sql.placeholder('orderId')),
      ),
    )
    .prepare()
  const lastTry = db
    .select({ planned: exportPlanItems.planned, createdAt: exportPlans.createdAt })
    .from(exportPlanItems)
    .innerJoin(exportPlans, eq(exportPlans.id, exportPlanItems.planId))
    .where(and(eq(exportPlanItems.orderId, sql.placeholder('orderId')), eq(exportPlanItems.finished, true)))
    .orderBy(desc(exportPlanItems.planId))
    .limit(1)
    .prepare()

  return {
    find(id: number): ExportPlan | undefined {
      return plan.get({ id })
    },

    /** The plan's orders, oldest first. */
    items(planId: number): PlanItem[] {
      return items.all({ planId }).map((row) => ({ ...row, planned: readPlannedOrder(row.planned) }))
    },

    tally(planId: number): PlanTally {
      const row: unknown = tally.get(planId)
      return readTally(row)
    },

    /**
     * Stores a plan whose orders are still to be looked at, and forgets plans that nobody executed for a week (or, executed,
     * for 90 days: as long as the log).
     */
    create(values: {
      shopId: number
      at: number
      accountId: number | null
      days: number | null
      runId: number | null
      orders: { orderId: number; planned: PlannedOrder }[]
    }): ExportPlan {
      return db.transaction(
        (tx) => {
          tx.delete(exportPlans)
            .where(and(isNull(exportPlans.runId), lt(exportPlans.createdAt, values.at - 7 * DAY_MS)))
            .run()
          tx.delete(exportPlans)
            .where(lt(exportPlans.createdAt, values.at - 90 * DAY_MS))
            .run()
          const created = tx
            .insert(exportPlans)
            .values({
              shopId: values.shopId,
              createdAt: values.at,
              accountId: values.accountId,
              days: values.days,
              runId: values.runId,
            })
            .returning()
            .get()
          for (const { orderId, planned } of values.orders) {
            tx.insert(exportPlanItems).values({ planId: created.id, orderId, included: true, planned }).run()
          }
          return created
        },
        { behavior: 'immediate' },
      )
    },

    /** Notes what a live read of one order said. */
    looked(planId: number, orderId: number, planned: PlannedOrder, reason: FailureReason | null): void {
      lookedAt.run({ planId, orderId, planned: JSON.stringify(planned), reason, included: reason === null ? 1 : 0 })
    },

    /** Ends the preparation: all was read, or it could not be. */
    prepared(planId: number, reason: string | null): void {
      db.update(exportPlans)
        .set({ state: reason === null ? 'ready' : 'failed', reason })
        .where(and(eq(exportPlans.id, planId), eq(exportPlans.state, 'preparing')))
        .run()
    },

    /** Lets a preparation that failed begin again where it was. */
    unprepared(planId: number): void {
      db.update(exportPlans)
        .set({ state: 'preparing', reason: null })
        .where(and(eq(exportPlans.id, planId), eq(exportPlans.state, 'failed'), isNull(exportPlans.runId)))
        .run()
    },

    /** Keeps exactly these orders of the plan in; orders with a reason stay out whatever is asked. */
    include(planId: number, orderIds: ReadonlySet<number>): void {
      db.transaction(
        (tx) => {
          const rows = tx
            .select({ orderId: exportPlanItems.orderId, included: exportPlanItems.included })
            .from(exportPlanItems)
            .where(and(eq(exportPlanItems.planId, planId), isNull(exportPlanItems.reason)))
            .all()
          for (const row of rows) {
            const included = orderIds.has(row.orderId)
            if (included === row.included) continue
            tx.update(exportPlanItems)
              .set({ included })
              .where(and(eq(exportPlanItems.planId, planId), eq(exportPlanItems.orderId, row.orderId)))
              .run()
          }
        },
        { behavior: 'immediate' },
      )
    },

    /** Gives a plan that is ready and was never executed to a run; false when it is neither. */
    take(planId: number, runId: number): boolean {
      const taken = db
        .update(exportPlans)
        .set({ runId })
        .where(and(eq(exportPlans.id, planId), isNull(exportPlans.runId), eq(exportPlans.state, 'ready')))
        .run()
      return taken.changes === 1
    },

    /**
     * A person's newest plan of a shop, made at `since` (ms UTC) or later; undefined where it was executed, or another one was
     * since.
     */
    openedBy(shopId: number, accountId: number, since: number): ExportPlan | undefined {
      const newest = newestFor.get({ shopId, accountId, since })
      return newest?.runId === null ? newest : undefined
    },

    /** The plan that a run executes or executed. */
    ofRun(runId: number): ExportPlan | undefined {
      return db.select().from(exportPlans).where(eq(exportPlans.runId, runId)).get()
    },

    /** Hands a plan whose run was cut off (or had not taken it yet) to the run that goes on with it. */
    handOver(planId: number, fromRunId: number | null, toRunId: number): void {
      db.update(exportPlans)
        .set({ runId: toRunId })
        .where(
          and(
            eq(exportPlans.id, planId),
            fromRunId === null ? isNull(exportPlans.runId) : eq(exportPlans.runId, fromRunId),
          ),
        )
        .run()
    },

    /** The run is through with an order, whatever came of it. */
    finish(planId: number, orderId: number): void {
      finishItem.run({ planId, orderId })
    },

    /** Our side of the order at its last finished attempt, and when that attempt was planned. */
    lastTry(orderId: number): { planned: PlannedOrder; createdAt: number } | undefined {
      const row = lastTry.get({ orderId })
      return row && { planned: readPlannedOrder(row.planned), createdAt: row.createdAt }
    },
  }
}
export type PlanRepository = ReturnType<typeof planRepository>

function readTally(row: unknown): PlanTally {
  const count = (name: string): number => {
    const value = typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined
    return typeof value === 'number' ? value : 0
  }
  return {
    orders: count('orders'),
    looked: count('looked'),
    writable: count('writable'),
    included: count('included'),
    refused: count('refused'),
  }
}
