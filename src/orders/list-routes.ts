import type { FastifyInstance, FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'
import type { Day } from '../period.ts'
import { field, fieldList } from '../web/forms.ts'
import { CARRIERS } from './carriers.ts'
import { type Desk, deskOf, type OrderRoutesDeps } from './desk.ts'
import { type Edited, editOrder, readEditForm } from './edit-order.ts'
import {
  FILTER_CHOICES,
  isNarrowed,
  type ListCursor,
  type ListFilter,
  type ListValues,
  listHref,
  parseList,
} from './list-filter.ts'
import type { Order } from './order.ts'
import { EXPORT_COLOURS, rowView } from './row-view.ts'
import { FIXED_TABS } from './status.ts'

const ROWS = 50
/** So many lists are kept until something is written: the first ones of the tabs that people have open. */
const LISTS_KEPT = 10

/** 受注一覧 and the editing inside its rows. */
export async function orderListRoutes(app: FastifyInstance, deps: OrderRoutesDeps): Promise<void> {
  const { orders, timeZone } = deps
  const listed = deps.remember(
    (filter: ListFilter, cursor: ListCursor | undefined, href: string, _today: Day) =>
      listOf(deskOf(deps), filter, cursor, href),
    LISTS_KEPT,
  )

  app.get('/orders', async (request, reply) => showList(reply, request.query))

  app.post<{ Params: { id: string } }>('/orders/:id/row', async (request, reply) => {
    const desk = deskOf(deps)
    const form = readEditForm((name) => fieldList(request.body, name).at(-1))
    const edited = editOrder({ orders, statuses: desk.statuses }, Number(request.params.id), form, {
      accountId: request.account.id,
      at: desk.at,
      today: desk.today,
    })
    if (!edited) throw new AppError('not_found', 'その受注はありません。一覧を開き直してください。')
    reply.code(STATUS_CODES[edited.kind])
    const back = field(request.body, 'back')
    const query = Object.fromEntries(new URLSearchParams(back))
    if (request.isPartial) {
      const table = tableOf(desk, [edited.order], back, edited)
      return reply.part('orders/_saved', { table, ...(await tabsOf(desk, parseList(query, timeZone))) })
    }
    if (edited.kind !== 'saved') return showList(reply, query, edited)
    request.flash('success', `受注 ${edited.order.csCartOrderId} を保存しました。`)
    const { values, cursor } = parseList(query, timeZone)
    return reply.redirect(`${listHref(values, cursor)}#order-${edited.order.id}`, 303)
  })

  /** @param edited a save that did not go through: its row keeps what was typed */
  async function showList(reply: FastifyReply, query: unknown, edited?: Edited) {
    const desk = deskOf(deps)
    const asked = parseList(query, timeZone)
    const { values, errors, filter, cursor } = asked
    if (Object.keys(errors).length > 0) reply.code(422)
    const href = listHref(values, cursor)
    const { table, next, previous } = edited
      ? await listOf(desk, filter, cursor, href, edited)
      : await listed(filter, cursor, href, desk.today)
    return reply.page('orders/list', {
      table,
      unsaved: edited && unsavedOf(edited),
      ...(await tabsOf(desk, asked)),
      values,
      errors,
      isNarrowed: isNarrowed(values),
      todoLabel: TODO_LABELS[values.todo],
      clearHref: listHref({ tab: values.tab }),
      nextHref: next && listHref(values, next),
      previousHref: previous && listHref(values, previous),
      firstHref: cursor && listHref(values),
      emptyText: emptyText(values),
      choices: { ...FILTER_CHOICES, shop: desk.shops.map(({ id, name }) => [String(id), name]) },
    })
  }

  /** The tabs with how many orders each of them holds, under the filter as it is. */
  async function tabsOf(desk: Desk, { values, filter }: Pick<ReturnType<typeof parseList>, 'values' | 'filter'>) {
    const counts = await orders.countsByStatus(filter)
    const tab = (key: string, label: string, count: number) => ({
      label,
      count,
      href: listHref({ ...values, tab: key }),
      current: values.tab === key,
    })
    return {
      tabs: [
        tab('', FIXED_TABS.all, counts.all),
        ...desk.statuses.map(({ id, name }) => tab(String(id), name, counts.byStatus.get(id) ?? 0)),
      ],
      attentionTab: tab('attention', FIXED_TABS.attention, counts.attention),
    }
  }

  /** One page of the list. @param href its address, to which its rows lead back */
  async function listOf(desk: Desk, filter: ListFilter, cursor: ListCursor | undefined, href: string, edited?: Edited) {
    const page = await orders.page(filter, cursor, ROWS, desk.rules)
    const found = edited && !page.orders.some(({ id }) => id === edited.order.id) ? [edited.order] : []
    const back = href.slice('/orders'.length).replace(/^\?/, '')
    return {
      table: tableOf(desk, [...found, ...page.orders], back, edited),
      next: page.next,
      previous: page.previous,
    }
  }

  /** The rows, and what all of them share: their choices, and the query of the list to which they lead back. */
  function tableOf(desk: Desk, list: readonly Order[], back: string, edited?: Edited) {
    const ids = list.map(({ id }) => id)
    const lines = orders.firstLinesOf(ids)
    const attention = orders.attentionOf(ids)
    return {
      rows: list.map((order) =>
        rowView(order, desk, {
          line: lines.get(order.id),
          attention: attention.get(order.id) ?? [],
          edited: edited?.order.id === order.id ? edited : undefined,
        }),
      ),
      statuses: desk.statuses,
      carriers: CARRIERS,
      colours: EXPORT_COLOURS,
      hasShops: desk.shops.length > 1,
      back,
    }
  }
}

const STATUS_CODES = { saved: 200, refused: 422, conflict: 409 } as const satisfies Record<Edited['kind'], number>

/** Said at the top: the row itself may stand far below it. */
function unsavedOf({ kind, order }: Edited) {
  const number = order.csCartOrderId
  const why =
    kind === 'conflict'
      ? '別の画面で先に保存されています。行に出ている今の値と見比べてください。'
      : '行に出ているエラーを直して、もう一度「保存」を押してください。'
  return { number, href: `#order-${order.id}`, text: `受注 ${number} は保存していません。${why}` }
}

const TODO_LABELS: Record<string, string> = { ship: '発送待ち', number: '伝票番号待ち' }

function emptyText(values: ListValues): string {
  if (isNarrowed(values)) return '条件に合う受注はありません。検索の言葉を減らすか、条件をゆるめてください。'
  if (values.tab === 'attention') return '確認が必要な受注はありません。'
  if (values.tab !== '') return 'このステータスの受注はありません。'
  return '受注はまだありません。「データ取込」でCS-Cartから取り込んでください。'
}
