import type { FastifyInstance } from 'fastify'
import type { OrderRoutesDeps } from './desk.ts'
import { orderListRoutes } from './list-routes.ts'
import { orderPageRoutes } from './order-routes.ts'
import { statusRoutes } from './status-routes.ts'

/** 受注一覧, one order, and 受注ステータス設定. */
export async function orderRoutes(app: FastifyInstance, deps: OrderRoutesDeps): Promise<void> {
  await orderListRoutes(app, deps)
  await statusRoutes(app, deps)
  await orderPageRoutes(app, deps)
}
