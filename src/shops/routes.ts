import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CsCartClient, FetchedOrder } from '../cscart/client.ts'
import { AppError } from '../errors.ts'
import { faultOfTwice, faultsOfChange, isAtSamePlace } from './change-guard.ts'
import { recentTests } from './recent-tests.ts'
import type { ShopMemory, ShopRepository } from './repository.ts'
import type { Shop, ShopConnection, ShopSettings } from './shop.ts'
import { type CarrierChoice, type ParsedShopForm, parseShopForm, shopFormOf } from './shop-form.ts'
import {
  type ApiOptionToday,
  differencesOf,
  editPage,
  type LandingStatus,
  type LastRuns,
  shopRow,
  testView,
} from './shop-page.ts'
import { type ConnectionTest, type TestLimits, testConnection } from './test-connection.ts'

export type ShopRoutesDeps = {
  shops: ShopRepository
  now: () => Date
  /** ALLOW_PRIVATE_STORES. */
  allowPrivate: boolean
  /** A client of its own for one test; closed after it. */
  clientFor: (connection: ShopConnection & { requestsAtOnce: number }) => CsCartClient
  orderStatuses: () => readonly LandingStatus[]
  carriers: readonly CarrierChoice[]
  apiOptionInForce: () => ApiOptionToday
  lastRuns: (shopId: number) => LastRuns
  /** Whether an import or export of the shop is at work. */
  isWorking: (shopId: number) => boolean
  /** Forgets what imports have seen of the shop. */
  forgetImports: (shopId: number) => void
  /** An order as an import with these settings would store it. */
  previewOrder: (
    fetched: FetchedOrder,
    settings: ShopSettings,
    knownStatuses: { letter: string; name: string }[],
  ) => readonly { label: string; value: string }[]
  testLimits?: TestLimits | undefined
}

const admin = { config: { role: 'admin' } } as const

type WithId = { Params: { id: string } }

/** 各種設定 > モール詳細設定. 管理者 only. */
export async function shopRoutes(app: FastifyInstance, deps: ShopRoutesDeps): Promise<void> {
  const { shops, now } = deps
  const tests = recentTests()

  const shopOf = (request: FastifyRequest<WithId>): Shop => {
    const shop = /^\d{1,15}$/.test(request.params.id) ? shops.find(Number(request.params.id)) : undefined
    if (!shop) throw new AppError('not_found', 'その店舗はありません。「モール詳細設定」の一覧から選んでください。')
    return shop
  }

  const formOf = (body: unknown, shop: Shop | undefined): ParsedShopForm =>
    parseShopForm(body, {
      shop,
      landingStatusIds: deps.orderStatuses().map(({ id }) => id),
      carriers: deps.carriers,
      apiOptionInForce: deps.apiOptionInForce().inForce,
      allowPrivate: deps.allowPrivate,
    })

  const editFacts = (shop: Shop | undefined) => {
    const landingStatuses = deps.orderStatuses()
    const first = landingStatuses.find(({ role }) => role === 'new') ?? landingStatuses[0]
    return {
      shop,
      values: shopFormOf(shop, first?.id ?? 0),
      errors: {},
      keyTyped: false,
      landingStatuses,
      carriers: deps.carriers,
      apiOption: deps.apiOptionInForce(),
    }
  }

  const refused = (request: FastifyRequest, reply: FastifyReply, shop: Shop | undefined, form: BadForm) => {
    const page = editPage({ ...editFacts(shop), ...form })
    return request.isPartial ? reply.code(422).part('shops/_test', page) : reply.code(422).page('shops/edit', page)
  }

  const faultsIn = (shop: Shop, { settings, values }: GoodForm) =>
    faultsOfChange(
      shop,
      {
        baseUrl: settings.baseUrl,
        sameShop: values.sameShop,
        savedAt: values.savedAt,
        differences: differencesOf(values, shopFormOf(shop, shop.landingStatusId)),
      },
      { hasOrders: shops.hasOrders(shop.id), isWorking: deps.isWorking(shop.id) },
    )

  const save = (request: FastifyRequest, reply: FastifyReply, shop: Shop | undefined) => {
    const form = formOf(request.body, shop)
    if (!form.ok) return refused(request, reply, shop, form)
    const { settings, apiKey, values } = form
    const errors = {
      ...(shop && faultsIn(shop, form)),
      ...faultOfTwice(shop, settings, shops.list()),
    }
    if (Object.keys(errors).length > 0) {
      // Whoever was told of the other's settings may save over them.
      const told = { ...values, savedAt: shop ? String(shop.settingsSavedAt) : '' }
      return refused(request, reply, shop, { ok: false, errors, values: told, keyTyped: apiKey !== undefined })
    }
    const saved =
      shop || apiKey === undefined
        ? shops.update(shop?.id ?? 0, { ...settings, apiKey }, now(), () => {
            if (!shop || values.sameShop || isAtSamePlace(shop.baseUrl, settings.baseUrl)) return
            deps.forgetImports(shop.id)
          })
        : shops.create({ ...settings, apiKey }, now())
    const connection = saved.connectionState === 'untested' ? storedConnection(shops, saved) : undefined
    const seen = connection && tests.of(connection)
    if (seen) shops.remember(saved.id, seen)
    request.flash('success', savedWords(saved, values.url))
    if (!shop && saved.autoImport) {
      request.flash(
        'info',
        '自動取得は数分後に始まります。その前に、取り込まれる注文の件数を下で確かめられます（区切る日時を決められるのも、初めての取込の前だけです）。',
      )
    }
    for (const note of form.notes) request.flash('info', note)
    return reply.redirect('/import', 303)
  }

  const test = async (request: FastifyRequest, reply: FastifyReply, shop: Shop | undefined) => {
    const form = formOf(request.body, shop)
    if (!form.ok) return refused(request, reply, shop, form)
    const connection = connectionToTest(shops, shop, form)
    if (!connection) {
      const errors = {
        apiKey: '保存されたAPIキーを開けません（SECRET_KEY が変わりました）。APIキーを入力し直してください。',
      }
      return refused(request, reply, shop, { ok: false, errors, values: form.values, keyTyped: false })
    }
    const client = deps.clientFor({ ...connection, requestsAtOnce: form.settings.requestsAtOnce })
    let result: ConnectionTest
    try {
      result = await testConnection(client, connection.baseUrl, deps.testLimits)
    } finally {
      // Not awaited: a request that hangs must not hold the answer back.
      client.close().catch((error) => request.log.warn({ err: error }, 'the client of a connection test did not close'))
    }
    const seen = seenBy(result, now())
    tests.note(connection, seen)
    rememberTest(shops, shop, form, seen)

    const known = (result.statuses ?? []).map(([letter, name]) => ({ letter, name }))
    const preview = result.newest ? deps.previewOrder(result.newest, form.settings, known) : []
    const page = editPage({
      ...editFacts(shop && shops.find(shop.id)),
      values: { ...form.values, url: form.settings.baseUrl },
      keyTyped: form.apiKey !== undefined,
      test: testView(result, form.settings.baseUrl, preview),
      seen: { capabilities: result.capabilities, statuses: result.statuses },
    })
    return request.isPartial ? reply.part('shops/_test', page) : reply.page('shops/edit', page)
  }

  app.get('/shops', admin, (_request, reply) =>
    reply.page('shops/list', { shops: shops.list().map((shop) => shopRow(shop, deps.lastRuns(shop.id))) }),
  )
  app.get('/shops/new', admin, (_request, reply) => reply.page('shops/edit', editPage(editFacts(undefined))))
  app.post('/shops/new', admin, (request, reply) => save(request, reply, undefined))
  app.post('/shops/new/test', admin, (request, reply) => test(request, reply, undefined))
  app.get<WithId>('/shops/:id', admin, (request, reply) =>
    reply.page('shops/edit', editPage(editFacts(shopOf(request)))),
  )
  app.post<WithId>('/shops/:id', admin, (request, reply) => save(request, reply, shopOf(request)))
  app.post<WithId>('/shops/:id/test', admin, (request, reply) => test(request, reply, shopOf(request)))
}

type BadForm = ParsedShopForm & { ok: false }
type GoodForm = ParsedShopForm & { ok: true }

function savedWords(saved: Shop, typedUrl: string): string {
  const corrected = saved.baseUrl === typedUrl ? '' : `URLは ${saved.baseUrl} として保存しました。`
  return `「${saved.name}」の設定を保存しました。${corrected}`
}

/** What is typed, with the stored key where none was typed; undefined when that one cannot be opened. */
function connectionToTest(shops: ShopRepository, shop: Shop | undefined, form: GoodForm): ShopConnection | undefined {
  const { baseUrl, apiEmail: email } = form.settings
  if (form.apiKey !== undefined) return { baseUrl, email, apiKey: form.apiKey }
  const stored = shop && storedConnection(shops, shop)
  return stored && { baseUrl, email, apiKey: stored.apiKey }
}

/** The stored connection; undefined when its key was sealed under another secret. */
function storedConnection(shops: ShopRepository, shop: Shop): ShopConnection | undefined {
  try {
    return shops.connectionOf(shop)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

function seenBy(result: ConnectionTest, now: Date): ShopMemory {
  return {
    connectionState: result.ok ? 'ok' : 'error',
    connectionReason: result.reason ?? null,
    connectionCheckedAt: now.getTime(),
    // Who tests may have updated the shop: what PUT did before says nothing any more.
    capabilities: { ...result.capabilities, putShipment: undefined },
    ...(result.statuses && { knownStatuses: result.statuses }),
  }
}

/** A test speaks for the stored shop only where it asked the stored address; for its state, with the stored key too. */
function rememberTest(shops: ShopRepository, shop: Shop | undefined, form: GoodForm, seen: ShopMemory): void {
  const current = shop && shops.find(shop.id)
  // Saved meanwhile: what was tested is not what is stored any more.
  if (!current || current.settingsSavedAt !== shop.settingsSavedAt) return
  if (current.baseUrl !== form.settings.baseUrl || current.apiEmail !== form.settings.apiEmail) return
  const { capabilities, knownStatuses } = seen
  if (form.apiKey === undefined) shops.remember(current.id, seen)
  else if (seen.connectionState === 'ok') {
    shops.remember(current.id, { ...(capabilities && { capabilities }), ...(knownStatuses && { knownStatuses }) })
  }
}
