import type { FastifyInstance, FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'
import { dayOf } from '../period.ts'
import { field } from '../web/forms.ts'
import {
  type ApiOption,
  apiOption,
  type ContractFormValues,
  canApply,
  entryText,
  FEES,
  type FormErrors,
  parseContractForm,
  parseEndForm,
  withTax,
} from './contract.ts'
import type { ContractRepository } from './repository.ts'

export type ContractRoutesDeps = { contract: ContractRepository; now: () => Date; timeZone: string }

/** APIオプション: everybody sees it and may send 「申し込む」; 管理者 record the contract. */
export async function contractRoutes(app: FastifyInstance, { contract, now, timeZone }: ContractRoutesDeps) {
  const admin = { config: { role: 'admin' } } as const
  const option = () => apiOption(contract.entries(), dayOf(now().getTime(), timeZone))

  app.get('/contract', async (_request, reply) => show(reply))

  app.post('/contract/apply', async (request, reply) => {
    if (!canApply(option())) {
      throw new AppError('conflict', `APIオプションは「${option().label}」のため、申し込みは必要ありません。`)
    }
    contract.apply(request.account.id, now().getTime())
    request.flash('success', '申し込みを記録しました。管理者が契約を記録すると、自動書き出しを使えるようになります。')
    return reply.redirect('/contract', 303)
  })

  app.post('/contract/withdraw', async (request, reply) => {
    if (option().appliedAt === undefined) throw new AppError('conflict', '取り下げる申し込みがありません。')
    contract.withdraw(request.account.id, now().getTime())
    request.flash('success', '申し込みを取り下げました。')
    return reply.redirect('/contract', 303)
  })

  app.post('/contract', admin, async (request, reply) => {
    const form = parseContractForm({
      startsOn: field(request.body, 'startsOn'),
      endsOn: field(request.body, 'endsOn'),
      contractNumber: field(request.body, 'contractNumber'),
      note: field(request.body, 'note'),
    })
    if (!form.ok) return show(reply.code(422), { errors: form.errors, values: form.values })
    contract.record(form.value, request.account.id, now().getTime())
    request.flash('success', '契約を記録しました。')
    return reply.redirect('/contract', 303)
  })

  app.post('/contract/end', admin, async (request, reply) => {
    const { startsOn, contractNumber = '' } = option()
    if (startsOn === undefined) throw new AppError('conflict', '終了する契約が記録されていません。')
    const form = parseEndForm(field(request.body, 'lastDay'), startsOn)
    if (!form.ok) return show(reply.code(422), { endError: form.error, lastDay: form.value })
    contract.record({ startsOn, endsOn: form.value, contractNumber, note: '' }, request.account.id, now().getTime())
    request.flash('success', '終了日を記録しました。')
    return reply.redirect('/contract', 303)
  })

  /** The page, as it stands or with what a refused form typed. */
  function show(reply: FastifyReply, refused: Refused = {}): Promise<Buffer> {
    const current = option()
    return reply.page('contract/show', {
      option: current,
      fees: {
        initial: FEES.initial * 100,
        monthly: FEES.monthly * 100,
        initialWithTax: withTax(FEES.initial) * 100,
        monthlyWithTax: withTax(FEES.monthly) * 100,
        taxPercent: FEES.taxPercent,
      },
      canApply: canApply(current),
      isAdmin: reply.request.account.role === 'admin',
      administrators: contract.administrators(),
      history: contract.history().map((entry) => ({ ...entry, text: entryText(entry) })),
      values: refused.values ?? valuesOf(current),
      errors: refused.errors ?? {},
      lastDay: refused.lastDay ?? current.endsOn ?? '',
      endError: refused.endError,
    })
  }
}

type Refused = { values?: ContractFormValues; errors?: FormErrors; lastDay?: string; endError?: string }

/** The form begins with what is recorded, except where that has ended: then a new contract is written down. */
function valuesOf(option: ApiOption): ContractFormValues {
  if (option.state === 'ended' || option.state === 'applied') {
    return { startsOn: '', endsOn: '', contractNumber: '', note: '' }
  }
  const { startsOn = '', endsOn = '', contractNumber = '' } = option
  return { startsOn, endsOn, contractNumber, note: '' }
}
