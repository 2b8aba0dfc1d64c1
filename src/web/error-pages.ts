import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError, type AppErrorCode, CsCartError } from '../errors.ts'
import { failureOf, ORDER_FAILURES } from '../failures.ts'
import { rememberFormAddresses } from './form-addresses.ts'

/** What a person reads when a page could not be shown. */
export type ErrorPage = { status: number; title: string; message: string; nextStep: string }

const STATUS = {
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  not_contracted: 403,
  invalid: 422,
  unavailable: 503,
} as const satisfies Record<AppErrorCode, number>

const TITLES: Record<number, string> = {
  400: '正しくない要求です',
  403: '権限がありません',
  404: 'ページが見つかりません',
  409: 'いまは実行できません',
  413: '送られたデータが大きすぎます',
  415: '読めない形式のデータです',
  422: '入力内容を確かめてください',
  429: '回数の制限を超えました',
  500: 'システムエラー',
  503: '一時的に利用できません',
}

const BACK = '前の画面に戻って、もう一度操作してください。'
const NEXT_STEPS: Record<number, string> = {
  403: 'ホームに戻るか、管理者に相談してください。',
  404: 'アドレスを確かめるか、メニューから開き直してください。',
  413: 'ファイルを分けるか、選ぶ件数を減らして、もう一度送ってください。',
  429: '時間をおいてから、もう一度操作してください。',
  500: 'もう一度操作し、続くときは下の番号を添えて管理者に知らせてください。',
  503: 'しばらく待ってから、ページを開き直してください。',
}

const page = (status: number, message: string, nextStep = NEXT_STEPS[status] ?? BACK): ErrorPage => ({
  status,
  title: TITLES[status] ?? 'エラー',
  message,
  nextStep,
})

/** SQLite's refusals that are no fault of ours: the disk, its rights, or another program in the file. */
const STORAGE = /^SQLITE_(FULL|READONLY|IOERR|CANTOPEN|BUSY|LOCKED)/

/**
 * The page for whatever was thrown. An error that we do not expect gets no detail.
 * @param publicUrl named where a browser sent no cookie at all, which happens on http:// while PUBLIC_URL is https://
 */
export function errorPageOf(error: unknown, publicUrl?: string): ErrorPage {
  if (error instanceof AppError) return page(STATUS[error.code], error.message)
  if (error instanceof CsCartError) {
    const failure = failureOf(error.reason)
    return page(503, failure.sentence, failure.nextStep)
  }
  const code = codeOf(error)
  if (STORAGE.test(code)) {
    if (/BUSY|LOCKED/.test(code)) return page(503, 'データベースがほかの処理で使われています。')
    return page(503, ORDER_FAILURES.no_room.sentence, ORDER_FAILURES.no_room.nextStep)
  }
  return knownPages(publicUrl)[code] ?? page(500, 'プログラムの想定していないエラーが起きました。')
}

function knownPages(publicUrl: string | undefined): Record<string, ErrorPage> {
  const broken = page(400, '送られた内容を読めませんでした。')
  const reload = 'ページを開き直して、もう一度操作してください。'
  return {
    FST_CSRF_INVALID_TOKEN: page(
      403,
      'ページの有効期限が切れました（ログインし直した後や、別のタブでログアウトした後に起こります）。',
      reload,
    ),
    FST_CSRF_MISSING_SECRET: page(
      403,
      'ブラウザーからCookieが送られていません。',
      `ブラウザーのCookieを許可し、${publicUrl ? `${publicUrl} で` : ''}ページを開き直してください。`,
    ),
    FST_ERR_CTP_BODY_TOO_LARGE: page(413, '送られたデータが大きすぎます。'),
    FST_ERR_CTP_INVALID_MEDIA_TYPE: page(415, 'この形式のデータは受け付けていません。'),
    FST_ERR_CTP_INVALID_CONTENT_LENGTH: broken,
    FST_ERR_CTP_EMPTY_TYPE: broken,
    FST_ERR_BAD_URL: page(400, 'アドレスの形が正しくありません。'),
    FST_ERR_VALIDATION: broken,
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Error pages for everything: thrown errors, unknown addresses, and what Fastify itself refuses. */
export function registerErrorPages(app: FastifyInstance, publicUrl: string | undefined): void {
  const pageOfForm = rememberFormAddresses(app)
  app.setNotFoundHandler((request, reply) => {
    const to = pageOfForm(request)
    if (to !== undefined) return reply.redirect(to, 303)
    return answer(request, reply, page(404, 'このアドレスのページはありません。'))
  })
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const found = errorPageOf(error, publicUrl)
    if (found.status >= 500) request.log.error({ err: error }, found.title)
    else request.log.info({ reason: codeOf(error) || error.name, status: found.status }, 'refused')
    return answer(request, reply, found)
  })
}

/** Answers with an error page, or with its fragment where a part was asked for. */
async function answer(request: FastifyRequest, reply: FastifyReply, found: ErrorPage): Promise<Buffer | string> {
  reply.code(found.status)
  const data = { error: found, reference: found.status === 500 ? request.id : undefined }
  try {
    return request.isPartial ? await reply.part('_error', data) : await reply.page('error', data)
  } catch (error) {
    request.log.error({ err: error }, 'the error page could not be rendered')
    return plainErrorPage(found)
  }
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** The page where nothing else works: no template, no cookie, no database. */
export function plainErrorPage(found: ErrorPage): string {
  const [title, message, nextStep] = [found.title, found.message, found.nextStep].map(escaped)
  return `<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>${title}</title></head><body><main><h1>${title}</h1><p>${message}</p><p>${nextStep}</p></main></body></html>`
}

/** For what Fastify refuses before any hook has run, such as an address that is no address. */
export function answerBadRequest(error: FastifyError, _request: unknown, reply: FastifyReply): void {
  const found = errorPageOf(error)
  void reply.code(found.status).type('text/html; charset=utf-8').send(plainErrorPage(found))
}
