import { join } from 'node:path'
import view from '@fastify/view'
import { Eta } from 'eta'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AssetUrl } from './assets.ts'
import { csrfToken } from './csrf.ts'
import { takeFlashes } from './flash.ts'
import { formatter } from './format.ts'
import { keptParts } from './kept-parts.ts'
import { type NavSection, navFor } from './nav.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Renders `views/<name>.eta` as a whole page. */
    page(name: string, data?: Record<string, unknown>): Promise<Buffer>
    /** Renders `views/<name>.eta` as a part of a page: no layout, and flash messages go on waiting. */
    part(name: string, data?: Record<string, unknown>): Promise<Buffer>
  }
}

const VIEWS = join(import.meta.dirname, '../../views')

/** All templates, compiled at first use and kept for the life of the process. They escape what they print. */
export const templates = new Eta({ views: VIEWS, cache: true })

/** 「最後の取込」 in the header: the words, and whether three intervals have passed without a success. */
export type LastImport = { text: string; late: boolean }

export type ViewOptions = {
  asset: AssetUrl
  now: () => Date
  timeZone: string
  nav: readonly NavSection[]
  lastImport: (now: number) => LastImport | undefined
}

/** `reply.page` and `reply.part`, and what every template finds in `it` besides its own data. */
export async function registerViews(app: FastifyInstance, options: ViewOptions): Promise<void> {
  await app.register(view, {
    engine: { eta: templates },
    root: VIEWS,
    // Without it @fastify/view turns Eta's cache off and compiles every template for every page.
    production: true,
  })
  const { ago: _differsByTheMoment, ...fmt } = formatter(options.timeZone, 0)
  const parts = keptParts(templates, { fmt })
  app.decorateReply('page', function (this: FastifyReply, name: string, data: Record<string, unknown> = {}) {
    return render(this, name, { ...commonOf(this), ...headOf(this) }, data)
  })
  app.decorateReply('part', function (this: FastifyReply, name: string, data: Record<string, unknown> = {}) {
    return render(this, name, commonOf(this), data)
  })

  async function render(
    reply: FastifyReply,
    name: string,
    common: ReturnType<typeof commonOf>,
    data: Record<string, unknown>,
  ) {
    const { kept, bytesOf } = parts.forPage(common.csrf)
    const context = { ...common, kept }
    const taken = Object.keys(data).find((key) => key in context)
    if (taken) throw new Error(`views/${name}: every template has its own it.${taken}; give yours another name`)
    reply.type('text/html; charset=utf-8')
    // Pages hold personal data: no cache on the way and no copy on a shared computer.
    reply.header('Cache-Control', 'no-store')
    return bytesOf(await reply.viewAsync(name, { ...context, ...data }))
  }

  /** What pages and parts have in `it`. */
  function commonOf(reply: FastifyReply) {
    const now = options.now().getTime()
    return {
      csrf: csrfToken(reply),
      account: reply.request.visitor,
      path: pathOf(reply.request),
      now,
      timeZone: options.timeZone,
      fmt: formatter(options.timeZone, now),
      asset: options.asset,
    }
  }

  /** What only a whole page shows: a part that is asked for every two seconds does not look for it. */
  function headOf(reply: FastifyReply) {
    const { request } = reply
    const account = request.visitor
    return {
      flash: takeFlashes(reply),
      nav: account ? navFor(options.nav, account.role, pathOf(request)) : [],
      lastImport: account ? lastImportOf(request.log, options.now().getTime()) : undefined,
    }
  }

  /** The header must not be what breaks an error page while the database cannot be read. */
  function lastImportOf(log: { warn: (o: object, m: string) => void }, now: number): LastImport | undefined {
    try {
      return options.lastImport(now)
    } catch (error) {
      log.warn({ err: error }, 'the last import could not be read')
      return undefined
    }
  }
}

const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0] ?? '/'
