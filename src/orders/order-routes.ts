import type { FastifyInstance, FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'
import { failureOf } from '../failures.ts'
import { field, fieldList } from '../web/forms.ts'
import { attentionWords } from './attention.ts'
import { CARRIERS } from './carriers.ts'
import { deskOf, type OrderRoutesDeps } from './desk.ts'
import { type Edited, editOrder, readEditForm } from './edit-order.ts'
import { historyView } from './history-view.ts'
import { isGone, MOST_EXPORT_ATTEMPTS, type Order, seenAs } from './order.ts'
import type { OrderParcel } from './repository.ts'
import { cancelledLabel, EXPORT_COLOURS } from './row-view.ts'
import { askedOf, boxWarning, staffValues } from './staff-form.ts'

type WithId = { Params: { id: string } }

/** What each state of a parcel means to whoever looks at the order. */
const PARCEL_LABELS: Record<string, string> = {
  intent: '書出中',
  shipment_written: '配送を登録済み',
  order_status_written: '受注ステータスを登録済み',
  confirmed: '確認済み',
  failed: 'エラー',
}

/** One order's page: everything known, what staff type, 「確認した」 and its 履歴. */
export async function orderPageRoutes(app: FastifyInstance, deps: OrderRoutesDeps): Promise<void> {
  const { orders } = deps

  app.get<WithId>('/orders/:id', async (request, reply) =>
    showOrder(reply, orderOf(request.params.id), request.account.role === 'admin'),
  )

  app.get<WithId>('/orders/:id/answer', { config: { role: 'admin' } }, async (request, reply) => {
    const order = orderOf(request.params.id)
    return reply.page('orders/answer', {
      title: `受注 ${order.csCartOrderId} の元のデータ`,
      order,
      answer: prettyJson(orders.rawOf(order.id)),
    })
  })

  app.post<WithId>('/orders/:id', async (request, reply) => {
    const desk = deskOf(deps)
    const { id } = orderOf(request.params.id)
    const form = readEditForm((name) => fieldList(request.body, name).at(-1))
    const { account } = request
    const context = { accountId: account.id, at: desk.at, today: desk.today }
    const edited = editOrder({ orders, statuses: desk.statuses }, id, form, context)
    if (edited?.kind === 'refused' || edited?.kind === 'conflict') {
      reply.code(edited.kind === 'refused' ? 422 : 409)
      return showOrder(reply, edited.order, account.role === 'admin', edited)
    }
    request.flash('success', edited?.changed ? '保存しました。' : '変更はありませんでした。')
    return reply.redirect(`/orders/${id}`, 303)
  })

  app.post<WithId>('/orders/:id/seen', async (request, reply) => {
    const { id } = orderOf(request.params.id)
    const shown = field(request.body, 'shown')
    orders.markSeen(id, shown, { accountId: request.account.id, at: deps.now().getTime() })
    if (orderOf(request.params.id).changedInCsCartAt === null) {
      request.flash('success', 'CS-Cartでの変更を確認済みにしました。')
    } else {
      request.flash(
        'error',
        '画面を開いた後に、CS-Cartでさらに変更がありました。下の最新の内容を確かめて、もう一度「確認した」を押してください。',
      )
    }
    return reply.redirect(`/orders/${id}`, 303)
  })

  function orderOf(id: string): Order {
    const order = /^\d{1,15}$/.test(id) ? orders.find(Number(id)) : undefined
    if (!order) throw new AppError('not_found', 'その受注はありません。受注一覧から開き直してください。')
    return order
  }

  function showOrder(reply: FastifyReply, order: Order, isAdmin: boolean, edited?: Edited) {
    const desk = deskOf(deps)
    const exportStatus = desk.exportStatusOf(order)
    const values = edited?.values ?? staffValues(order)
    const csCartStatusName = (letter: string) => desk.csCartStatusName(order.shopId, letter)
    const words = { timeZone: deps.timeZone, csCartStatusName, accountEmail: deps.accountEmail }
    return reply.page('orders/show', {
      title: `受注 ${order.csCartOrderId}`,
      order,
      seenAs: seenAs(order),
      lines: orders.linesOf(order.id),
      shopName: desk.shops.length > 1 ? desk.shopName(order.shopId) : '',
      csCartStatus: desk.csCartStatusOf(order),
      cancelledLabel: cancelledLabel(order),
      isGone: isGone(order),
      exportStatus,
      isRetried: exportStatus.key === 'error' && isRetried(order),
      mostAttempts: MOST_EXPORT_ATTEMPTS,
      colours: EXPORT_COLOURS,
      attention: (orders.attentionOf([order.id]).get(order.id) ?? []).map((reason) => ({
        reason,
        ...attentionWords(reason, order),
      })),
      statuses: desk.statuses,
      carriers: CARRIERS,
      values,
      asked: askedOf(order, edited?.kind === 'refused' ? edited.asked : undefined),
      errors: edited?.kind === 'refused' ? edited.errors : {},
      conflicts: edited?.kind === 'conflict' ? edited.conflicts : [],
      warning: boxWarning(values),
      parcels: orders.parcelsOf(order.id).map((parcel) => ({
        ...parcel,
        carrier: desk.carrierNameOf(order.shopId, parcel.carrierCode),
        label: PARCEL_LABELS[parcel.state] ?? parcel.state,
        isRefused: parcel.state === 'failed',
        why: reasonOfParcel(parcel, order),
      })),
      history: orders.historyOf(order.id).map((entry) => {
        const view = historyView(entry, words)
        const failure = view.reason === null ? undefined : failureOf(view.reason)
        return { ...view, why: failure ? `${failure.sentence}${failure.nextStep}` : '' }
      }),
      isAdmin,
    })
  }
}

/** Whether the clock tries the order again without anybody: it leaves alone what waiting does not mend. */
function isRetried({ exportReason }: Order): boolean {
  if (exportReason === null) return false
  return exportReason === 'changed_since_plan' || failureOf(exportReason).waitingMends
}

/** While the order stands at エラー its own reason is the newer and truer one: one failure is told in one way. */
function reasonOfParcel(parcel: OrderParcel, order: Order): string {
  const reason = (parcel.state === 'failed' && order.exportState === 'error' && order.exportReason) || parcel.reason
  return reason === null ? '' : failureOf(reason).sentence
}

function prettyJson(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
