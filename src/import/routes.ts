import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CsCartClient } from '../cscart/client.ts'
import { AppError, CsCartError } from '../errors.ts'
import type { OrderRepository } from '../orders/repository.ts'
import { formatDateTime, fromLocalInput } from '../period.ts'
import type { RunRepository } from '../runs/repository.ts'
import type { StartedRun } from '../runs/start-run.ts'
import type { ShopRepository } from '../shops/repository.ts'
import type { Shop } from '../shops/shop.ts'
import { field } from '../web/forms.ts'
import { compareOrders } from './compare-orders.ts'
import { findMissing } from './explain-missing.ts'
import { type CardFacts, cardOf, comparisonView, explanationView, previewView, shopFailure } from './import-view.ts'
import { previewImport } from './preview-import.ts'
import type { ImportRepository } from './repository.ts'
import { type ImportRequest, noTime, parseOrderNumber, parseOrderNumbers, parsePeriod } from './request.ts'
import type { ImportService } from './start-import.ts'

export type ImportRoutesDeps = {
  shops: ShopRepository
  orders: Pick<OrderRepository, 'known'>
  runs: RunRepository
  imports: ImportRepository
  importing: ImportService
  clientFor: (shop: Shop) => CsCartClient
  now: () => Date
  timeZone: string
}

/** A page that asks the shop waits no longer than a person does, ms. */
const PATIENCE = 60_000

type ForShop = { Params: { shopId: string } }

/** 受注管理 > データ取込. */
export async function importRoutes(app: FastifyInstance, deps: ImportRoutesDeps): Promise<void> {
  const { shops, runs, imports, importing, timeZone } = deps

  const shopOf = (request: FastifyRequest<ForShop>): Shop => {
    const { shopId } = request.params
    const shop = /^\d{1,15}$/.test(shopId) ? shops.find(Number(shopId)) : undefined
    if (!shop) throw new AppError('not_found', 'その店舗はありません。「データ取込」を開き直してください。')
    return shop
  }

  const factsOf = (shop: Shop): CardFacts => ({
    shop,
    latest: runs.latest(shop.id, 'import'),
    isFirst: isFirst(shop),
    failures: imports.failures(shop.id),
  })

  /** The log forgets old runs; what imports have seen is kept. */
  const isFirst = (shop: Shop): boolean => imports.state(shop.id).fullCheckAt === null

  const show = (reply: FastifyReply, typed?: Partial<CardFacts> & { shop: Shop }) =>
    reply.page('import/show', {
      cards: shops.list().map((shop) => {
        const facts = factsOf(shop)
        return cardOf(typed?.shop.id === shop.id ? { ...facts, ...typed } : facts, deps.now().getTime(), timeZone)
      }),
    })

  const start = (request: FastifyRequest, reply: FastifyReply, shop: Shop, what: ImportRequest) => {
    const started: StartedRun = importing.start(shop, what, { trigger: 'manual', accountId: request.account.id })
    if (started.started) request.flash('success', '取込を始めました。')
    else {
      request.flash(
        'error',
        'この店舗の取込がすでに実行中のため、新しい取込は始めませんでした。実行中の取込を表示しています。',
      )
    }
    return reply.redirect(`/import#shop-${shop.id}`, 303)
  }

  app.get('/import', async (_request, reply) => show(reply))

  /** The banner: the last 受注を取得する日数. */
  app.post<ForShop>('/import/:shopId', async (request, reply) =>
    start(request, reply, shopOf(request), { mode: 'days' }),
  )

  /** 「取得日」. */
  app.post<ForShop>('/import/:shopId/period', async (request, reply) => {
    const shop = shopOf(request)
    const form = parsePeriod({ from: field(request.body, 'from'), to: field(request.body, 'to') }, timeZone)
    if (!form.ok) return show(reply.code(422), { shop, form })
    return start(request, reply, shop, { mode: 'period', ...form.period })
  })

  /** Single orders that a person asks for: 「この注文が来ない」 and 「不足分を取り込む」. */
  app.post<ForShop>('/import/:shopId/orders', async (request, reply) => {
    const shop = shopOf(request)
    const ids = parseOrderNumbers(field(request.body, 'numbers'))
    if (ids.length === 0)
      throw new AppError('invalid', '取り込む注文番号がありません。前の画面から選び直してください。')
    return start(request, reply, shop, { mode: 'ids', ids, force: true })
  })

  /** What could not be taken in, once more and by the shop's own rules: an order that is none of ours any more stays out. */
  app.post<ForShop>('/import/:shopId/failures', async (request, reply) => {
    const shop = shopOf(request)
    const ids = imports.failures(shop.id).map(({ csCartOrderId }) => csCartOrderId)
    if (ids.length > 0) return start(request, reply, shop, { mode: 'ids', ids, force: false })
    request.flash('info', '取り込めていない注文はもうないため、取込は始めませんでした。')
    return reply.redirect(`/import#shop-${shop.id}`, 303)
  })

  /** 「この日時より後の注文だけ」: until the first import, then it stands for good. */
  app.post<ForShop>('/import/:shopId/fence', async (request, reply) => {
    const shop = shopOf(request)
    const value = field(request.body, 'fence').trim()
    const fenceAt = value === '' ? null : fromLocalInput(value, timeZone)
    if (!isFirst(shop)) {
      throw new AppError('conflict', '「この日時より後の注文だけ」は、初めての取込より前にだけ決められます。')
    }
    // A run has taken its fence at its start.
    if (runs.running(shop.id, 'import')) {
      throw new AppError(
        'conflict',
        '取込の実行中は「この日時より後の注文だけ」を決められません。「中止」を押して止めるか、終わるのを待ってください。',
      )
    }
    if (fenceAt === undefined) {
      const error = noTime('日時', value) ?? '日時を 2026/11/24 09:31:50 の形で入力するか、空にしてください。'
      return show(reply.code(422), { shop, fence: { value, error } })
    }
    shops.remember(shop.id, { fenceAt })
    request.flash(
      'success',
      fenceAt === null
        ? '「この日時より後の注文だけ」を使わない設定にしました。'
        : `${formatDateTime(fenceAt, timeZone)} より前の注文は取り込みません。`,
    )
    return reply.redirect(`/import#shop-${shop.id}`, 303)
  })

  /** What the first import would bring. */
  app.get<ForShop>('/import/:shopId/preview', async (request, reply) => {
    const shop = shopOf(request)
    const found = await asked(request, (signal) => previewImport(deps, shop, signal))
    const data = {
      shop: { id: shop.id, name: shop.name, fetchDays: shop.fetchDays, fenceAt: shop.fenceAt },
      failure: 'failure' in found ? found.failure : undefined,
      preview: 'failure' in found ? undefined : previewView(found.value, shop),
    }
    return request.isPartial ? reply.part('import/_preview', data) : reply.page('import/preview', data)
  })

  /** 「この注文が来ない」. */
  app.get<ForShop>('/import/:shopId/missing', async (request, reply) => {
    const shop = shopOf(request)
    const typed = field(request.query, 'number')
    const csCartOrderId = parseOrderNumber(typed)
    const data = { shop: { id: shop.id, name: shop.name }, typed, csCartOrderId }
    if (csCartOrderId === undefined) {
      const error = typed === '' ? '' : 'CS-Cartの注文番号を数字で入力してください（例: 10234）。'
      return reply
        .code(error ? 422 : 200)
        .page('import/missing', { ...data, typedError: error, explanation: undefined })
    }
    const found = await asked(request, (signal) => findMissing(deps, shop, csCartOrderId, signal))
    const explanation =
      'failure' in found
        ? { lines: [found.failure.sentence, found.failure.nextStep], orderId: undefined, canImport: false }
        : explanationView(found.value, csCartOrderId, shop, {
            dateTime: (at) => formatDateTime(at, timeZone),
            isForeseen: shop.autoImport,
          })
    return reply.page('import/missing', { ...data, typedError: '', explanation })
  })

  /** 「突き合わせ」. */
  app.get<ForShop>('/import/:shopId/compare', async (request, reply) => {
    const shop = shopOf(request)
    const values = { from: field(request.query, 'from'), to: field(request.query, 'to') }
    const form = parsePeriod(values, timeZone)
    const data = { shop: { id: shop.id, name: shop.name }, values: form.values }
    if (!form.ok) {
      return reply
        .code(422)
        .page('import/compare', { ...data, errors: form.errors, failure: undefined, found: undefined })
    }
    const found = await asked(request, (signal) => compareOrders(deps, shop, form.period, signal))
    return reply.page('import/compare', {
      ...data,
      errors: {},
      failure: 'failure' in found ? found.failure : undefined,
      found: 'failure' in found ? undefined : comparisonView(found.value, shop),
    })
  })
}

type Asked<T> = { value: T } | { failure: ReturnType<typeof shopFailure> }

/** Asks the shop while a person waits: no longer than they do, and not after they have left. */
async function asked<T>(request: FastifyRequest, ask: (signal: AbortSignal) => Promise<T>): Promise<Asked<T>> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  request.raw.once('close', leave)
  const patience = AbortSignal.timeout(PATIENCE)
  try {
    return { value: await ask(AbortSignal.any([gone.signal, patience])) }
  } catch (error) {
    if (patience.aborted) return { failure: shopFailure(new CsCartError('timeout')) }
    if (error instanceof CsCartError) return { failure: shopFailure(error) }
    throw error
  } finally {
    request.raw.off('close', leave)
  }
}
