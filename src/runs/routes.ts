import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'
import { dayOf } from '../period.ts'
import type { RunRepository } from './repository.ts'
import { canRetry, KIND_LABELS, OUTCOME_LABELS, OUTCOMES, type Run, STATE_LABELS } from './run.ts'
import { BYTE_ORDER_MARK, csvHeading, csvOfRun } from './run-csv.ts'
import type { RunFilter } from './run-filter.ts'
import {
  cursorText,
  filterQuery,
  parseCursor,
  parseItemQuery,
  parseRunFilter,
  parseWatched,
  TRIGGER_CHOICES,
} from './run-filter.ts'
import { runItemView, runView } from './run-view.ts'
import { cancelRun, type RunLog, type StartedRun } from './start-run.ts'

export type RunRoutesDeps = {
  runs: RunRepository
  now: () => Date
  timeZone: string
  /** 「失敗分を再実行」 by kind; without it the button is not there. Throws AppError where it cannot be done. */
  retry?: (run: Run, by: { accountId: number }) => StartedRun | Promise<StartedRun>
  /** What the run was asked to do, from its `request`, in Japanese. */
  describe?: (run: Run) => string | undefined
}

const RUNS_PER_PAGE = 50
const ITEMS_PER_PAGE = 100
const CSV_ROWS_AT_ONCE = 500

/** 自動処理ログ: the list, one run, its live progress, 「中止」 and 「失敗分を再実行」. */
export async function runRoutes(app: FastifyInstance, deps: RunRoutesDeps): Promise<void> {
  const { runs, timeZone } = deps
  const nowMs = () => deps.now().getTime()
  const log: RunLog = app.log

  app.get('/runs', async (request, reply) => {
    const { values, errors, filter } = parseRunFilter(request.query, timeZone)
    const refused = Object.keys(errors).length > 0
    if (refused) reply.code(422)
    const cursor = parseCursor(request.query)
    const page = refused ? { runs: [], next: undefined } : runs.page(filter, cursor, RUNS_PER_PAGE)
    return reply.page('runs/list', {
      runs: page.runs.map((run) => runView(run, nowMs())),
      nextHref: page.next && `/runs${filterQuery(values, { before: cursorText(page.next) })}`,
      firstHref: cursor && `/runs${filterQuery(values)}`,
      csvHref: `/runs.csv${filterQuery(values)}`,
      isFiltered: filterQuery(values) !== '',
      values,
      errors,
      choices: { kind: KIND_LABELS, trigger: TRIGGER_CHOICES, state: STATE_LABELS, shop: shopChoices() },
      ...live([]),
    })
  })

  /** The rows of what runs now, asked again and again by the list's page. */
  app.get('/runs/running', async (request, reply) => reply.part('runs/_running', live(parseWatched(request.query))))

  app.get('/runs.csv', async (request, reply) => {
    const { errors, filter } = parseRunFilter(request.query, timeZone)
    const fault = Object.values(errors)[0]
    if (fault !== undefined) throw new AppError('invalid', fault)
    reply.type('text/csv; charset=utf-8')
    reply.header('Cache-Control', 'no-store')
    reply.header('Content-Disposition', `attachment; filename="runs-${dayOf(nowMs(), timeZone)}.csv"`)
    return reply.send(Readable.from(csvLines(filter)))
  })

  app.get<{ Params: { id: string } }>('/runs/:id', async (request, reply) => {
    const run = runOf(request.params.id)
    // A run that was folded into the one before it: the address leads on.
    if (String(run.id) !== request.params.id) return reply.redirect(`/runs/${run.id}`, 303)
    return showRun(reply, run, request.query)
  })

  app.get<{ Params: { id: string } }>('/runs/:id/progress', async (request, reply) =>
    progressOf(reply, request.params.id),
  )

  app.post<{ Params: { id: string } }>('/runs/:id/cancel', async (request, reply) => {
    const { id } = runOf(request.params.id)
    const isStopping = cancelRun({ runs, log }, id)
    if (request.isPartial) return progressOf(reply, request.params.id)
    request.flash(
      isStopping ? 'info' : 'error',
      isStopping ? '中止を受け付けました。いまの1件が終わると止まります。' : 'この処理はすでに終わっています。',
    )
    return reply.redirect(`/runs/${id}`, 303)
  })

  app.post<{ Params: { id: string } }>('/runs/:id/retry', async (request, reply) => {
    const run = runOf(request.params.id)
    if (!deps.retry || !canRetry(run)) {
      throw new AppError('conflict', 'この実行には、いま再実行できる失敗分がありません。')
    }
    const started = await deps.retry(run, { accountId: request.account.id })
    if (started.started) {
      request.flash('success', '失敗分の再実行を始めました。')
      return reply.redirect(`/runs/${started.run.id}`, 303)
    }
    request.flash(
      'error',
      `同じ店舗の${KIND_LABELS[run.kind]}が実行中のため、始めませんでした。終わってからもう一度押してください。`,
    )
    return reply.redirect(`/runs/${started.running.id}`, 303)
  })

  /** The live part of a page; with the end of the run comes an event, for what else on the page that end has made untrue. */
  function progressOf(reply: FastifyReply, id: string): Promise<Buffer> {
    const run = runView(runOf(id), nowMs())
    if (!run.isRunning) {
      const gotThrough = run.state === 'succeeded' || run.state === 'partial'
      reply.header('HX-Trigger', [`run-${id}-ended`, ...(gotThrough ? [`run-${id}-succeeded`] : [])].join(', '))
    }
    return reply.part('runs/_progress', { run, bare: true })
  }

  function runOf(text: string): Run {
    const run = /^\d{1,15}$/.test(text) ? runs.find(Number(text)) : undefined
    if (!run) {
      throw new AppError('not_found', 'この番号の実行は自動処理ログにありません（保存期間を過ぎると消えます）。')
    }
    return run
  }

  async function showRun(reply: FastifyReply, run: Run, query: unknown): Promise<Buffer> {
    const { outcome, afterId } = parseItemQuery(query)
    const { items, next } = runs.items(run.id, { outcome, afterId, limit: ITEMS_PER_PAGE })
    const href = (more: Record<string, string>) => {
      const entries = Object.entries(more).filter(([, value]) => value !== '')
      return `/runs/${run.id}${entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`}`
    }
    const view = runView(run, nowMs())
    return reply.page('runs/show', {
      run: view,
      named: runs.namedRuns([run.id])[0],
      described: deps.describe?.(run),
      continuedBy: runs.continuedBy(run.id).map((other) => runView(other, nowMs())),
      retryIsPossible: deps.retry !== undefined && view.canRetry,
      items: items.map(runItemView),
      outcome,
      tabs: [
        { label: 'すべて', count: view.processed, href: href({}), current: outcome === undefined },
        ...OUTCOMES.filter((each) => run[each] > 0 || each === outcome).map((each) => ({
          label: OUTCOME_LABELS[each],
          count: run[each],
          href: href({ outcome: each }),
          current: each === outcome,
        })),
      ],
      firstHref: afterId === 0 ? undefined : href({ outcome: outcome ?? '' }),
      nextHref: next && href({ outcome: outcome ?? '', after: String(next) }),
    })
  }

  /** What runs now, and what of the watched runs has ended since the page was opened. */
  function live(watched: number[]) {
    const running = runs.allRunning().map((run) => run.id)
    const ids = [...new Set([...watched, ...running])]
    return {
      live: runs.namedRuns(ids).map((run) => runView(run, nowMs())),
      watch: ids.join(','),
      isWorking: running.length > 0,
    }
  }

  const shopChoices = () => Object.fromEntries(runs.shops().map((shop) => [String(shop.id), shop.name]))

  async function* csvLines(filter: RunFilter): AsyncGenerator<string> {
    yield BYTE_ORDER_MARK + csvHeading()
    let cursor: Parameters<typeof runs.page>[1]
    do {
      const page = runs.page(filter, cursor, CSV_ROWS_AT_ONCE)
      yield page.runs.map((run) => csvOfRun(run, timeZone, nowMs())).join('')
      cursor = page.next
    } while (cursor)
  }
}
