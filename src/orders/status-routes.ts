import type { FastifyInstance, FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'
import { field } from '../web/forms.ts'
import { ROLE_NOTES } from './status.ts'
import type { StatusInUse, StatusRepository } from './status-repository.ts'

type WithId = { Params: { id: string } }

/** What did not go through: at which status (undefined: the new one), why, and what was typed. */
type Refusal = { id: number | undefined; message: string; typed?: string }

/** 受注ステータス設定, for 管理者. */
export async function statusRoutes(app: FastifyInstance, deps: { orderStatuses: StatusRepository }): Promise<void> {
  const statuses = deps.orderStatuses
  const options = { config: { role: 'admin' } } as const

  app.get('/orders/statuses', options, async (_request, reply) => showStatuses(reply))

  app.post('/orders/statuses', options, async (request, reply) => {
    const typed = field(request.body, 'name')
    const added = statuses.add(typed)
    if (!added.ok) return refuse(reply, { id: undefined, message: added.message, typed })
    request.flash('success', '受注ステータスを追加しました。')
    return reply.redirect('/orders/statuses', 303)
  })

  app.post<WithId>('/orders/statuses/:id', options, async (request, reply) => {
    const { id } = statusOf(request.params.id)
    const typed = field(request.body, 'name')
    const renamed = statuses.rename(id, typed)
    if (!renamed.ok) return refuse(reply, { id, message: renamed.message, typed })
    request.flash('success', 'ステータス名を変更しました。')
    return reply.redirect('/orders/statuses', 303)
  })

  app.post<WithId>('/orders/statuses/:id/move', options, async (request, reply) => {
    const { id } = statusOf(request.params.id)
    statuses.move(id, field(request.body, 'direction') === 'up' ? 'up' : 'down')
    return reply.redirect('/orders/statuses', 303)
  })

  app.post<WithId>('/orders/statuses/:id/delete', options, async (request, reply) => {
    const { id, name } = statusOf(request.params.id)
    const removed = statuses.remove(id)
    if (removed.ok) {
      request.flash('success', `「${name}」を削除しました。`)
      return reply.redirect('/orders/statuses', 303)
    }
    if (removed.reason === 'built_in') {
      return refuse(reply, {
        id,
        message: `「${name}」は最初からあるステータスのため、削除できません。名前は変更できます。`,
      })
    }
    return refuse(reply, { id, message: inUseMessage(name, removed) })
  })

  function statusOf(id: string) {
    const status = /^\d{1,9}$/.test(id) ? statuses.find(Number(id)) : undefined
    if (!status) throw new AppError('not_found', 'その受注ステータスはありません。一覧を開き直してください。')
    return status
  }

  function refuse(reply: FastifyReply, refusal: Refusal) {
    reply.code(422)
    return showStatuses(reply, refusal)
  }

  function showStatuses(reply: FastifyReply, refusal?: Refusal) {
    const list = statuses.list()
    return reply.page('orders/statuses', {
      statuses: list.map((status, at) => ({
        ...status,
        note: status.role === null ? '' : ROLE_NOTES[status.role],
        uses: statuses.usesOf(status.id),
        isFirst: at === 0,
        isLast: at === list.length - 1,
        error: refusal?.id === status.id ? refusal.message : '',
        typed: refusal?.id === status.id ? (refusal.typed ?? status.name) : status.name,
      })),
      newName: refusal && refusal.id === undefined ? (refusal.typed ?? '') : '',
      newError: refusal && refusal.id === undefined ? refusal.message : '',
    })
  }
}

function inUseMessage(name: string, { orders, shops }: StatusInUse): string {
  const parts = [
    orders > 0
      ? `「${name}」の受注が${orders}件あります。受注一覧の「${name}」のタブで、受注を別のステータスに移してから削除してください。`
      : '',
    shops.length > 0
      ? `店舗（${shops.join('、')}）の受注格納先ステータスになっています。モール詳細設定で別のステータスを選んでから削除してください。`
      : '',
  ]
  return parts.join('')
}
