/** The operator's commands, as the running process and the command line without one both carry them out. */
import { randomBytes } from 'node:crypto'
import { normalEmail } from './accounts/account.ts'
import { hashPassword } from './accounts/password.ts'
import { apiOption, entryText, parseContractForm } from './contract/contract.ts'
import { AppError } from './errors.ts'
import type { Commands } from './operations/control-socket.ts'
import { dayOf, formatDateTime } from './period.ts'
import { type RunKind, resultLine } from './runs/run.ts'
import type { StartedRun } from './runs/start-run.ts'
import type { Services } from './services.ts'
import type { Shop } from './shops/shop.ts'

export const USAGE = `使い方: npm run cli -- <命令>
  import [店舗ID]                        受注を取り込む（受注を取得する日数の分）
  export [店舗ID]                        発送情報を書き出す（手動の書出と同じ）
  contract                              APIオプションの状態と履歴を見る
  contract record <開始日> <契約番号> [終了日]   APIオプションの契約を記録する（日付は 2026-12-01 の形）
  user list                             アカウントの一覧
  user reset-password <メールアドレス>      新しいパスワードを作って表示する
  doctor                                データベース・店舗・自動処理の状態を調べる`

/** @returns each command by name; they throw AppError with words for the operator */
export function commandsOf(services: Services): Commands {
  const { accounts, contract, now, config } = services
  const today = () => dayOf(now().getTime(), config.timeZone)

  function shopOf(id: string | undefined): Shop {
    const shops = services.shops.list()
    if (id === undefined && shops.length > 1) {
      throw new AppError(
        'invalid',
        `店舗IDを付けてください: ${shops.map((shop) => `${shop.id} ${shop.name}`).join(', ')}`,
      )
    }
    const shop = id === undefined ? shops[0] : shops.find((each) => String(each.id) === id)
    if (!shop) throw new AppError('not_found', 'その店舗はありません。モール詳細設定で店舗を確かめてください。')
    return shop
  }

  async function untilDone(shop: Shop, started: StartedRun): Promise<string> {
    if (!started.started) {
      throw new AppError(
        'conflict',
        `「${shop.name}」では同じ処理が実行中です（自動処理ログ ${started.running.id}）。終わってからもう一度実行してください。`,
      )
    }
    const run = await started.done
    return `${shop.name}: ${resultLine(run)}（自動処理ログ ${run.id}）`
  }

  function contractLines(): string {
    const option = apiOption(contract.entries(), today())
    const history = contract.history().map((entry) => {
      const who = entry.accountEmail ?? 'コマンドライン'
      return `  ${formatDateTime(entry.at, config.timeZone)} ${who} ${entryText(entry)}`
    })
    return [`APIオプション: ${option.label}`, ...history].join('\n')
  }

  function recordContract([startsOn = '', contractNumber = '', endsOn = '']: string[]): string {
    const form = parseContractForm({ startsOn, endsOn, contractNumber, note: '' })
    if (!form.ok) throw new AppError('invalid', Object.values(form.errors).join('\n'))
    contract.record(form.value, null, now().getTime())
    return contractLines()
  }

  async function resetPassword(email: string | undefined): Promise<string> {
    const account = accounts.list().find((each) => each.email === normalEmail(email ?? ''))
    if (!account)
      throw new AppError('not_found', 'そのメールアドレスのアカウントはありません。user list で確かめてください。')
    const password = randomBytes(12).toString('base64url')
    accounts.changePassword(account.id, await hashPassword(password))
    return `${account.email} の新しいパスワード: ${password}\nログインした後、ユーザー管理で変えてください。`
  }

  function jobLine(shop: Shop, kind: RunKind): string {
    const run = services.runs.latest(shop.id, kind)
    const label = kind === 'import' ? '取込' : '書出'
    return `  ${label}: ${run ? `${formatDateTime(run.startedAt, config.timeZone)} ${resultLine(run)}` : 'まだありません'}`
  }

  function doctor(): string {
    const faults: string[] = []
    const check = services.db.$client.pragma('quick_check', { simple: true })
    if (check !== 'ok') faults.push(`データベースの検査: ${String(check)}`)
    const orphans = services.db.$client.pragma('foreign_key_check')
    if (Array.isArray(orphans) && orphans.length > 0) faults.push(`参照の切れた行が ${orphans.length}件あります`)
    const shops = services.shops
      .list()
      .flatMap((shop) => [
        `店舗 ${shop.id} ${shop.name} ${shop.baseUrl}`,
        jobLine(shop, 'import'),
        jobLine(shop, 'export'),
      ])
    return [
      faults.length === 0
        ? 'データベース: 正常'
        : `データベース: 問題があります\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      `データフォルダー: ${config.dataDir}`,
      `時間帯: ${config.timeZone}`,
      `APIオプション: ${apiOption(contract.entries(), today()).label}`,
      ...(shops.length === 0 ? ['店舗: まだありません'] : shops),
    ].join('\n')
  }

  return {
    import: ([id]) => {
      const shop = shopOf(id)
      return untilDone(shop, services.importing.start(shop, { mode: 'days' }, { trigger: 'manual' }))
    },
    export: ([id]) => {
      const shop = shopOf(id)
      return untilDone(shop, services.exporting.start(shop, 'manual'))
    },
    contract: ([verb, ...rest]) => {
      if (verb === undefined || verb === 'show') return contractLines()
      if (verb === 'record') return recordContract(rest)
      throw new AppError('invalid', USAGE)
    },
    user: ([verb, email]) => {
      if (verb === 'list')
        return accounts
          .list()
          .map((account) => `${account.email} ${account.role}`)
          .join('\n')
      if (verb === 'reset-password') return resetPassword(email)
      throw new AppError('invalid', USAGE)
    },
    doctor,
  }
}
