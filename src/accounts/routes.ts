import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { field } from '../web/forms.ts'
import { localPath } from '../web/guard.ts'
import { emailFault, isRole, normalEmail, parseNewAccount, passwordFault, ROLE_LABELS, ROLES } from './account.ts'
import { attempts } from './attempts.ts'
import { hashPassword, verifyPassword } from './password.ts'
import type { AccountRepository } from './repository.ts'
import { sameCode } from './setup-code.ts'

export type AccountRoutesOptions = {
  accounts: AccountRepository
  now: () => Date
  /** The code that the server printed at its start. */
  setupCode: string
}

const QUARTER_HOUR_MS = 900_000
const NEUTRAL = 'メールアドレスまたはパスワードが正しくありません。'
const TOO_MANY = 'ログインに続けて失敗したため、しばらく受け付けません。15分ほどたってから、もう一度お試しください。'

/** 初期設定, ログイン, ログアウト: what people do before they have an account's session, or to end it. */
export async function doorRoutes(app: FastifyInstance, { accounts, now, setupCode }: AccountRoutesOptions) {
  const byAddress = attempts(30, QUARTER_HOUR_MS)
  const byEmail = attempts(10, QUARTER_HOUR_MS)
  const open = { config: { public: true } }

  app.get('/setup', open, async (_request, reply) => {
    if (accounts.any()) return reply.redirect('/login', 303)
    return reply.page('accounts/setup', { errors: {}, values: { email: '' } })
  })

  app.post('/setup', open, async (request, reply) => {
    if (accounts.any()) return reply.redirect('/login', 303)
    const email = normalEmail(field(request.body, 'email'))
    const password = field(request.body, 'password')
    const refuse = (status: number, errors: Record<string, string | undefined>) =>
      reply.code(status).page('accounts/setup', { errors, values: { email: field(request.body, 'email') } })
    const at = now().getTime()
    if (!byAddress.allowed([request.ip], at)) return refuse(429, { code: TOO_MANY.replace('ログイン', '入力') })
    if (!sameCode(field(request.body, 'code'), setupCode)) {
      byAddress.count([request.ip], at)
      return refuse(422, {
        code: '初期設定コードが違います。サーバーの画面（ログ）に表示されたコードを入力してください。',
      })
    }
    const errors = { email: emailFault(email), password: passwordFault(password) }
    if (errors.email || errors.password) return refuse(422, errors)
    const account = accounts.createFirst({ email, passwordHash: await hashPassword(password) }, now().getTime())
    if (!account) return reply.redirect('/login', 303)
    await beginSession(request, account.id)
    request.flash('success', '管理者のアカウントを作りました。')
    return reply.redirect('/', 303)
  })

  app.get('/login', open, async (request, reply) => {
    if (!accounts.any()) return reply.redirect('/setup', 303)
    const next = localPath(field(request.query, 'next'))
    if (request.visitor) return reply.redirect(next, 303)
    const isUnsaved = field(request.query, 'unsaved') === '1'
    return reply.page('accounts/login', { error: undefined, email: '', next, isUnsaved })
  })

  app.post('/login', open, async (request, reply) => {
    if (!accounts.any()) return reply.redirect('/setup', 303)
    const email = normalEmail(field(request.body, 'email'))
    const next = localPath(field(request.body, 'next'))
    const refuse = (status: number, error: string) =>
      reply.code(status).page('accounts/login', { error, email: field(request.body, 'email'), next, isUnsaved: false })
    const at = now().getTime()
    if (!byAddress.allowed([request.ip], at) || !byEmail.allowed([email], at)) {
      return refuse(429, TOO_MANY)
    }
    byAddress.count([request.ip], at)
    byEmail.count([email], at)
    const found = accounts.credentials(email)
    if (!(await verifyPassword(field(request.body, 'password').slice(0, 1024), found?.hash)) || !found) {
      return refuse(422, NEUTRAL)
    }
    // The password was changed while this one was being checked.
    if (accounts.credentials(email)?.hash !== found.hash) return refuse(422, NEUTRAL)
    byAddress.forgive([request.ip])
    byEmail.forgive([email])
    await beginSession(request, found.id)
    return reply.redirect(next, 303)
  })

  app.post('/logout', open, async (request, reply) => {
    await request.session.destroy()
    return reply.clearCookie('tsunagi_session', { path: '/' }).redirect('/login', 303)
  })
}

/** A new session id at login: one that somebody planted before is worth nothing afterwards. */
async function beginSession(request: FastifyRequest, accountId: number): Promise<void> {
  await request.session.regenerate()
  request.session.accountId = accountId
}

/** ユーザー管理, for 管理者 only. */
export async function accountRoutes(app: FastifyInstance, { accounts, now }: AccountRoutesOptions) {
  const admin = { config: { role: 'admin' } } as const
  const labels = { roles: ROLES, roleLabels: ROLE_LABELS }
  const idOf = (request: FastifyRequest<{ Params: { id: string } }>) => accounts.existing(Number(request.params.id)).id

  const showList = (
    reply: FastifyReply,
    form: { errors: object; values: object } = { errors: {}, values: { email: '', role: 'staff' } },
  ) => reply.page('accounts/list', { ...labels, accounts: accounts.list(), ...form })

  const showOne = (reply: FastifyReply, id: number, errors: object = {}) =>
    reply.page('accounts/edit', { ...labels, user: accounts.existing(id), errors })

  app.get('/accounts', admin, async (_request, reply) => showList(reply))

  app.post('/accounts', admin, async (request, reply) => {
    const { body } = request
    const form = parseNewAccount({
      email: field(body, 'email'),
      role: field(body, 'role'),
      password: field(body, 'password'),
    })
    if (!form.ok) return showList(reply.code(422), form)
    const { email, role, password } = form.value
    if (accounts.credentials(email)) {
      const errors = { email: 'このメールアドレスのアカウントはすでにあります。' }
      return showList(reply.code(422), { errors, values: { email: field(body, 'email'), role } })
    }
    accounts.create({ email, role, passwordHash: await hashPassword(password) }, now().getTime())
    request.flash('success', `${email} を${ROLE_LABELS[role]}として追加しました。`)
    return reply.redirect('/accounts', 303)
  })

  app.get<{ Params: { id: string } }>('/accounts/:id', admin, async (request, reply) => showOne(reply, idOf(request)))

  app.post<{ Params: { id: string } }>('/accounts/:id/role', admin, async (request, reply) => {
    const id = idOf(request)
    const role = field(request.body, 'role')
    if (!isRole(role)) return showOne(reply.code(422), id, { role: '役割を選んでください。' })
    try {
      accounts.changeRole(id, role)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error
      return showOne(reply.code(409), id, { role: error.message })
    }
    request.flash('success', '役割を変更しました。その人はもう一度ログインします。')
    return reply.redirect('/accounts', 303)
  })

  app.post<{ Params: { id: string } }>('/accounts/:id/password', admin, async (request, reply) => {
    const id = idOf(request)
    const password = field(request.body, 'password')
    const fault = passwordFault(password)
    if (fault) return showOne(reply.code(422), id, { password: fault })
    accounts.changePassword(id, await hashPassword(password))
    request.flash('success', 'パスワードを変更しました。その人はもう一度ログインします。')
    return reply.redirect('/accounts', 303)
  })

  app.post<{ Params: { id: string } }>('/accounts/:id/delete', admin, async (request, reply) => {
    const { email } = accounts.existing(idOf(request))
    accounts.remove(idOf(request), now().getTime())
    request.flash('success', `${email} を削除しました。`)
    return reply.redirect('/accounts', 303)
  })
}
