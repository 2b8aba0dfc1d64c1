import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { exportWindow } from '../orders/order.ts'
import type { StatusRepository } from '../orders/status-repository.ts'
import { addDays, dayOf, startOfDay } from '../period.ts'
import type { RunRepository } from '../runs/repository.ts'
import type { StartedRun } from '../runs/start-run.ts'
import type { ShopRepository } from '../shops/repository.ts'
import type { Shop } from '../shops/shop.ts'
import { field, fieldList } from '../web/forms.ts'
import { dueOrders } from './create-plan.ts'
import { isHeldBack } from './execute-plan.ts'
import { type CardFacts, cardOf, planView } from './export-view.ts'
import type { LeftOutReader } from './left-out-repository.ts'
import type { PlanPreparation } from './prepare-plans.ts'
import type { ExportPlan, PlanTally } from './repository.ts'
import { type StartDeps, startExport, startPlanned } from './start-export.ts'
import { parseWindow } from './window-form.ts'

export type ExportRoutesDeps = {
  shops: ShopRepository
  runs: RunRepository
  orderStatuses: Pick<StatusRepository, 'list'>
  exporting: { deps: StartDeps; preparing: PlanPreparation; leftOut: LeftOutReader }
  now: () => Date
  timeZone: string
}

type ForShop = { Params: { shopId: string } }
type ForPlan = { Params: { planId: string } }

/** Older orders do not belong to today's work: they are not counted among those left out. */
const LEFT_OUT_DAYS = 90
/** How long the card offers a plan that was opened; afterwards the shop has probably moved on. */
const OPENED_MS = 3_600_000
/** A short list is read while the browser waits, so that the page comes whole. */
const PATIENCE_MS = 1_000

/** 受注管理 > データ書出. */
export async function exportRoutes(app: FastifyInstance, deps: ExportRoutesDeps): Promise<void> {
  const { shops, runs, exporting } = deps
  const { preparing } = exporting
  const { exports } = exporting.deps
  const { plans } = exports
  const nowMs = () => deps.now().getTime()

  app.get('/export', async (request, reply) => show(request, reply))

  /** 「作成期間」 + 「更新」. */
  app.post<ForShop>('/export/:shopId/window', async (request, reply) => {
    const shop = shopOf(request)
    const typed = field(request.body, 'days')
    const parsed = parseWindow(typed)
    if (!parsed.ok) {
      return show(request, reply.code(422), { shopId: shop.id, window: { value: typed, error: parsed.message } })
    }
    shops.remember(shop.id, { exportDays: parsed.days })
    request.flash('success', `作成期間を ${parsed.days}日にして、書出の対象を数え直しました。`)
    return reply.redirect(`/export#shop-${shop.id}`, 303)
  })

  /** 「更新対象の確認」. */
  app.post<ForShop>('/export/:shopId/plan', async (request, reply) => {
    const shop = shopOf(request)
    const { plan, done } = preparing.start(shop, request.account.id)
    await Promise.race([done, exports.sleep(PATIENCE_MS)])
    return reply.redirect(`/export/plans/${plan.id}`, 303)
  })

  /**
   * 「発送情報を更新」 on the card: all that is due now, by a plan that is made and executed in one go. It never executes a plan
   * that was looked at before, whose ticks and orders are not on the card: what a list showed is executed from that list alone.
   */
  app.post<ForShop>('/export/:shopId', async (request, reply) => {
    const shop = shopOf(request)
    if (otherMode(request, shop)) {
      request.flash('error', OTHER_MODE)
      return reply.redirect(`/export#shop-${shop.id}`, 303)
    }
    const isRunning = runs.latest(shop.id, 'export')?.state === 'running'
    if (!isRunning && dueOrders(exports, shop, shop.exportDays).length === 0) {
      request.flash('info', 'いま書き出す受注はないため、書出は始めませんでした。')
      return reply.redirect(`/export#shop-${shop.id}`, 303)
    }
    return started(request, reply, shop, startExport(exporting.deps, shop, 'manual', request.account.id))
  })

  app.get<ForPlan>('/export/plans/:planId', async (request, reply) =>
    reply.page('export/plan', { plan: viewOf(planOf(request.params.planId)) }),
  )

  /** The plan while the shop is being read for it; the whole of it once that is done. */
  app.get<ForPlan>('/export/plans/:planId/live', async (request, reply) =>
    reply.part('export/_plan', { plan: viewOf(planOf(request.params.planId)) }),
  )

  /** Goes on with a reading that was cut off or failed. */
  app.post<ForPlan>('/export/plans/:planId/resume', async (request, reply) => {
    const plan = planOf(request.params.planId)
    preparing.resume(plan.id)
    return reply.redirect(`/export/plans/${plan.id}`, 303)
  })

  /** 「発送情報を更新」 under the list: exactly the orders that were left in. */
  app.post<ForPlan>('/export/plans/:planId/run', async (request, reply) => {
    const plan = planOf(request.params.planId)
    const ticked = new Set(fieldList(request.body, 'order').map(Number))
    const possible = plans.items(plan.id).filter((item) => item.reason === null && ticked.has(item.orderId))
    if (possible.length === 0 && plan.runId === null) {
      // Kept, so that the list comes back as it was posted.
      if (plan.state === 'ready') plans.include(plan.id, new Set())
      const error = '更新する受注が選ばれていません。1件以上にチェックを付けてください。'
      return reply.code(422).page('export/plan', { plan: viewOf(plan, error) })
    }
    const orderIds = new Set(possible.map((item) => item.orderId))
    const shop = shops.find(plan.shopId)
    if (shop && plan.runId === null && otherMode(request, shop)) {
      if (plan.state === 'ready') plans.include(plan.id, orderIds)
      return reply.code(409).page('export/plan', { plan: viewOf(plan, OTHER_MODE) })
    }
    return execute(request, reply, plan, orderIds)
  })

  function execute(request: FastifyRequest, reply: FastifyReply, plan: ExportPlan, orderIds: ReadonlySet<number>) {
    // Pressed twice: the second press leads to what the first one started.
    const running = plan.runId === null ? undefined : runs.find(plan.runId)
    if (running?.state === 'running') {
      request.flash('info', 'この内容の書出は実行中です。')
      return reply.redirect(`/export#shop-${plan.shopId}`, 303)
    }
    return started(
      request,
      reply,
      { id: plan.shopId },
      startPlanned(exporting.deps, plan.id, orderIds, request.account.id),
    )
  }

  function started(request: FastifyRequest, reply: FastifyReply, shop: Pick<Shop, 'id'>, run: StartedRun) {
    if (run.started) request.flash('success', '書出を始めました。')
    else {
      request.flash(
        'error',
        'この店舗の書出がすでに実行中のため、新しい書出は始めませんでした。実行中の書出を表示しています。',
      )
    }
    return reply.redirect(`/export#shop-${shop.id}`, 303)
  }

  function show(
    request: FastifyRequest,
    reply: FastifyReply,
    typed?: { shopId: number; window: NonNullable<CardFacts['window']> },
  ) {
    const cards = shops.list().map((shop) => {
      const window = typed?.shopId === shop.id ? typed.window : undefined
      return cardOf({ ...factsOf(shop, request.account.id), window }, nowMs())
    })
    return reply.page('export/show', { cards })
  }

  function factsOf(shop: Shop, accountId: number): CardFacts {
    const due = dueOrders(exports, shop, shop.exportDays)
    const opened = plans.openedBy(shop.id, accountId, nowMs() - OPENED_MS)
    const roles = new Map(deps.orderStatuses.list().map(({ id, role }) => [id, role]))
    const window = exportWindow(shop.exportDays, dayOf(nowMs(), deps.timeZone))
    return {
      shop,
      latest: runs.latest(shop.id, 'export'),
      due: due.length,
      heldBack: due.filter((order) => isHeldBack(exports, shop, order)).length,
      leftOut: exporting.leftOut.count(
        shop.id,
        startOfDay(addDays(window.toDay, -LEFT_OUT_DAYS), deps.timeZone),
        { scope: shop.exportScope, ...window },
        (statusId) => roles.get(statusId) ?? null,
      ),
      opened: opened && hasAnythingToWrite(plans.tally(opened.id)) ? opened : undefined,
    }
  }

  function viewOf(plan: ExportPlan, error?: string) {
    const shop = shops.find(plan.shopId)
    if (!shop) throw new AppError('not_found', 'その店舗はありません。「データ書出」を開き直してください。')
    const facts = {
      plan,
      shop,
      tally: plans.tally(plan.id),
      // While it is being read only its progress is shown.
      items: plan.state === 'ready' || plan.runId !== null ? plans.items(plan.id) : [],
      isWorking: preparing.isWorking(plan.id),
      run: plan.runId === null ? undefined : runs.find(plan.runId),
      error,
    }
    return planView(facts, nowMs())
  }

  function shopOf(request: FastifyRequest<ForShop>): Shop {
    const { shopId } = request.params
    const shop = /^\d{1,15}$/.test(shopId) ? shops.find(Number(shopId)) : undefined
    if (!shop) throw new AppError('not_found', 'その店舗はありません。「データ書出」を開き直してください。')
    return shop
  }

  function planOf(text: string): ExportPlan {
    const plan = /^\d{1,15}$/.test(text) ? plans.find(Number(text)) : undefined
    if (!plan) throw new AppError('not_found', 'その更新対象はありません。「データ書出」から確認し直してください。')
    return plan
  }
}

const OTHER_MODE =
  '画面を開いた後に「試運転」の設定が変わったため、書出は始めませんでした。いまの設定はこの画面のとおりです。よければ、もう一度押してください。'

/** Whether 試運転 was switched since the button was shown: who saw that nothing would be written must not write. */
const otherMode = ({ body }: FastifyRequest, { dryRun }: Shop): boolean => (field(body, 'dryRun') === '1') !== dryRun

/** What was not read yet may be writable. */
const hasAnythingToWrite = ({ orders, refused }: PlanTally): boolean => orders > refused
