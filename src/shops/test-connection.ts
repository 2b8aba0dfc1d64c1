import type { CsCartClient, FetchedOrder } from '../cscart/client.ts'
import type { ShopCapabilities } from '../db/schema.ts'
import { CsCartError } from '../errors.ts'
import { type CsCartReason, failureOf } from '../failures.ts'
import {
  accusedPart,
  adviceOn,
  adviceOnFirst,
  adviceOnRedirect,
  missingRight,
  TEST_STEPS,
  type TestStepKey,
} from './connection-advice.ts'

export type TestStep = {
  key: TestStepKey
  label: string
  state: 'ok' | 'failed' | 'warning' | 'skipped'
  text: string
  /** What to do, for `failed` and `warning`. */
  nextStep: string
  checks: readonly string[]
  /** What the shop itself said, where it helps. */
  said: string
}

export type ConnectionTest = {
  ok: boolean
  steps: TestStep[]
  /** Why it is not ok. */
  reason: CsCartReason | undefined
  capabilities: ShopCapabilities
  /** undefined: the shop would not say. */
  statuses: [string, string][] | undefined
  newest: FetchedOrder | undefined
}

/** The whole test ends within `totalMs`; no single step may use it all up, so that the step that hangs is named. */
export type TestLimits = { stepMs: number; totalMs: number }
export const TEST_LIMITS: TestLimits = { stepMs: 12_000, totalMs: 28_000 }

/** Clocks this far apart or less are not worth a word; above it, 受注を取得する日数 and dates begin to lie. */
const CLOCK_TOLERANCE_MS = 60_000

/**
 * Looks at a shop from the outside in, reads only, and says in words which part is wrong.
 * @param baseUrl the address that the client asks, to say what is wrong with it
 * Never throws for what a shop can do; a part that could not be reached stands as `skipped`.
 */
export async function testConnection(
  client: CsCartClient,
  baseUrl: string,
  limits: TestLimits = TEST_LIMITS,
): Promise<ConnectionTest> {
  const deadline = AbortSignal.timeout(limits.totalMs)
  const ask = <T>(call: (signal: AbortSignal) => Promise<T>) => attempt(call, deadline, limits.stepMs)
  const test: ConnectionTest = {
    ok: false,
    steps: [],
    reason: undefined,
    capabilities: {},
    statuses: undefined,
    newest: undefined,
  }

  const version = await ask((signal) => client.apiVersion(signal))
  if (!version.ok) return failed(test, accusedPart(version.error.reason), version.error, baseUrl)
  passed(test, 'server', 'つながりました。')
  passed(test, 'api', 'CS-CartのAPIが応答しました。')
  passed(test, 'login', 'メールアドレスとAPIキーは正しく、APIの利用が許可されています。')

  const list = await ask((signal) =>
    client.listOrders({ sortBy: 'order_id', sortOrder: 'desc', itemsPerPage: 1, page: 1 }, signal),
  )
  if (!list.ok) return failed(test, 'orders', list.error, baseUrl)
  const row = list.value.rows[0]
  if (row) test.capabilities.mailsOnlyWhenAsked = row.knowsStorefront
  const fault = list.value.faults[0]
  const newestId = row?.orderId ?? fault?.csCartOrderId
  const order = newestId === undefined ? undefined : await ask((signal) => client.order(newestId, signal))
  if (order?.ok === false && order.error.stopsRun) return failed(test, 'orders', order.error, baseUrl)
  const unreadable = order?.ok === false ? order.error : fault?.error
  const words = unreadable && failureOf(unreadable.reason)
  if (unreadable && words) {
    const which = newestId === undefined ? '' : `（${newestId}）`
    test.steps.push({
      ...step('orders', 'warning', `注文の一覧は読めますが、最新の注文${which}を読み取れません。${words.sentence}`),
      nextStep: words.nextStep,
      said: unreadable.path ?? unreadable.said ?? '',
    })
  } else if (newestId === undefined) passed(test, 'orders', '注文を読めます（注文はまだありません）。')
  else passed(test, 'orders', `注文を読めます（最新の注文は ${newestId}）。`)
  if (order?.ok && order.value) {
    test.newest = order.value
    test.capabilities.updatedAt = order.value.order.knowsUpdatedAt
  }

  const statuses = await ask((signal) => client.orderStatuses(signal))
  if (statuses.ok) {
    test.statuses = statuses.value.map(({ letter, name }) => [letter, name])
    passed(test, 'statuses', `${statuses.value.length}種類のステータスを読みました。`)
  } else {
    const { reason, message, said } = statuses.error
    const text = reason === 'forbidden' ? missingRight('statuses') : `${message}名前は標準の日本語名で表示します。`
    test.steps.push({ ...step('statuses', 'warning', text), said: said ?? '' })
  }

  // Asked for one order where there is one: an unfiltered list is computed wrongly by the shop and may be long.
  if (newestId === undefined) test.steps.push(step('shipments', 'skipped', '注文がまだないため、確かめていません。'))
  else {
    const shipments = await ask((signal) => client.shipmentsOf(newestId, signal))
    if (!shipments.ok) return failed(test, 'shipments', shipments.error, baseUrl)
    passed(test, 'shipments', '配送を読めます。')
  }

  lookAtClock(test, client.shopClock()?.offsetMs)
  test.ok = true
  return test
}

type Asked<T> = { ok: true; value: T } | { ok: false; error: CsCartError }

/** One read, ended by the step's limit or the whole test's, even where the client would go on trying. */
async function attempt<T>(
  call: (signal: AbortSignal) => Promise<T>,
  deadline: AbortSignal,
  stepMs: number,
): Promise<Asked<T>> {
  const signal = AbortSignal.any([deadline, AbortSignal.timeout(stepMs)])
  const late = Promise.withResolvers<never>()
  const giveUp = () => late.reject(new CsCartError('timeout', { cause: signal.reason }))
  if (signal.aborted) giveUp()
  else signal.addEventListener('abort', giveUp, { once: true })
  try {
    return { ok: true, value: await Promise.race([call(signal), late.promise]) }
  } catch (error) {
    if (signal.aborted) return { ok: false, error: new CsCartError('timeout', { cause: error }) }
    if (error instanceof CsCartError) return { ok: false, error }
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

const step = (key: TestStepKey, state: TestStep['state'], text: string): TestStep => ({
  key,
  label: TEST_STEPS[key],
  state,
  text,
  nextStep: '',
  checks: [],
  said: '',
})

function passed(test: ConnectionTest, key: TestStepKey, text: string): void {
  test.steps.push(step(key, 'ok', text))
}

/** Names the wrong part: what came before it is good, what comes after it was not looked at. */
function failed(test: ConnectionTest, wrong: TestStepKey, error: CsCartError, baseUrl: string): ConnectionTest {
  const done = new Set(test.steps.map(({ key }) => key))
  const advice = test.steps.length === 0 ? adviceOnFirst(error.reason) : adviceOn(error.reason)
  const redirect = error.reason === 'redirected' ? adviceOnRedirect(baseUrl, error.said ?? '') : undefined
  const right = error.reason === 'forbidden' && (wrong === 'orders' || wrong === 'shipments')
  let reached = false
  for (const key of stepKeys()) {
    if (done.has(key)) continue
    if (key === wrong) {
      reached = true
      test.steps.push({
        ...step(key, 'failed', right ? missingRight(wrong) : advice.sentence),
        nextStep: right ? '' : (redirect ?? advice.nextStep),
        checks: advice.checks,
        said: redirect ? '' : (error.said ?? ''),
      })
    } else if (reached) test.steps.push(step(key, 'skipped', '確かめていません。'))
    else passed(test, key, key === 'server' ? 'つながりました。' : 'CS-CartのAPIが応答しました。')
  }
  test.reason = error.reason
  return test
}

const stepKeys = (): TestStepKey[] => ['server', 'api', 'login', 'orders', 'statuses', 'shipments', 'clock']

function lookAtClock(test: ConnectionTest, offsetMs: number | undefined): void {
  if (offsetMs === undefined) {
    test.steps.push(step('clock', 'skipped', 'ショップの応答に時刻がないため、確かめていません。'))
    return
  }
  if (Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) {
    passed(test, 'clock', 'ショップの時計と合っています。')
    return
  }
  const seconds = Math.round(Math.abs(offsetMs) / 1000)
  const size = seconds >= 120 ? `${Math.round(seconds / 60)}分` : `${seconds}秒`
  test.steps.push({
    ...step(
      'clock',
      'warning',
      `ショップの時計は、このサーバーより約${size}${offsetMs > 0 ? '進んで' : '遅れて'}います。`,
    ),
    nextStep: failureOf('clock_skew').nextStep,
  })
}
