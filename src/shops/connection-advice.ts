import { shopRoot } from '../cscart/base-url.ts'
import { type CsCartReason, failureOf } from '../failures.ts'

/** The parts that 「接続テスト」 looks at, in the order in which a request meets them. */
export const TEST_STEPS = {
  server: 'サーバーへの接続（URLのホスト名・証明書）',
  api: 'URLがCS-CartのAPIを指しているか',
  login: 'メールアドレスとAPIキー',
  orders: '注文の閲覧',
  statuses: '注文ステータスの名前',
  shipments: '配送の閲覧',
  clock: '時計のずれ',
} as const
export type TestStepKey = keyof typeof TEST_STEPS

/** Which part a failure of the first request (GET /version) accuses. What is not listed came from the API itself. */
const ACCUSED: Partial<Record<CsCartReason, TestStepKey>> = {
  host_not_found: 'server',
  connection_refused: 'server',
  certificate: 'server',
  not_https: 'server',
  private_address: 'server',
  timeout: 'server',
  connection_lost: 'server',
  unauthorized: 'login',
}

/** The wrong part when GET /version, which asks for no right at all, fails with `reason`. */
export function accusedPart(reason: CsCartReason): TestStepKey {
  return ACCUSED[reason] ?? 'api'
}

/** What to look at, most likely first; beyond the one next step of errors.ts. */
const CHECKS: Partial<Record<CsCartReason, readonly string[]>> = {
  host_not_found: [
    'ホスト名の打ち間違い（. と , 、ハイフンの有無、全角文字）がないか。',
    'ブラウザーで同じURLが開けるか。',
  ],
  connection_refused: ['URLにポート番号（:8080 など）が要るショップではないか。'],
  certificate: ['証明書の期限が切れていないか。', '自己署名の証明書や、別のホスト名の証明書ではないか。'],
  not_https: ['そのポートが http のものではないか（https:// で開けるか）。'],
  timeout: ['ショップやサーバーの防御機能が、このサーバーからの接続を黙って捨てていないか。'],
  unauthorized: [
    'メールアドレスが、CS-Cart管理画面「お客様」>「管理者」にあるアカウントのものと同じか。',
    'そのアカウントの「APIアクセス」で「APIの利用を許可」がオンか。',
    'APIキーを最後まで（32文字）コピーしたか。新しいキーを発行すると、前のキーは使えなくなります。',
    'アカウントのステータスが「有効」か。',
    'すべて正しいときは、サーバーが認証ヘッダー（Authorization）をCS-Cartに渡していないことがあります。サーバー会社に確認してください。',
  ],
  forbidden: [
    'アカウントの「ユーザーグループ」に、注文の「閲覧」の権限があるか（グループに入れない管理者は全権限を持ちます）。',
    '出品者（ベンダー）のアカウントではなく、ショップ全体の管理者のアカウントか。',
    'http:// のURLでは、CS-CartがAPIを断る設定になっていることがあります。',
  ],
  blocked: [
    'CS-Cartの「アクセス制限」アドオンで、このサーバーのIPアドレスが拒否されていないか。',
    'サーバー会社のWAF（不正アクセス防止）や国外IP制限に遮断されていないか。',
    'ショップの前にBasic認証（準備中のサイトなど）が掛かっていないか。',
  ],
  not_an_api: [
    'ショップがフォルダーの中にあるとき（https://例/shop/）、そのフォルダーまでURLに含めているか。',
    'CS-Cart以外のサイトのURLではないか。',
  ],
  redirected: ['http:// と https://、www の有無、フォルダー名が、ブラウザーで開いた後のURLと同じか。'],
  storefront: [
    'URLを開くとショップの画面が返ってきています。ショップがフォルダーの中にあるときは、そのフォルダーまで含めてください。',
    'CS-Cart付属の .htaccess（nginx では書き換え設定）が無いと、APIの代わりに店頭のページが返ります。',
    'メンテナンス中のページではないか。',
  ],
  not_json: ['CS-CartがPHPのエラーや警告を画面に出す設定になっていないか。'],
  unavailable: ['ショップをブラウザーで開けるか。メンテナンス中ではないか。'],
}

/** The sentence, the one next step and the list of things to look at for a failed test. */
export function adviceOn(reason: CsCartReason): { sentence: string; nextStep: string; checks: readonly string[] } {
  const { sentence, nextStep } = failureOf(reason)
  return { sentence, nextStep, checks: CHECKS[reason] ?? [] }
}

/**
 * The same for GET /version, which needs no right and names no object: there 403 and 404 mean something else.
 * Source: cs-cart-api.md 2.1, 2.4.
 */
export function adviceOnFirst(reason: CsCartReason): ReturnType<typeof adviceOn> {
  if (reason === 'not_found') return adviceOn('not_an_api')
  if (reason !== 'forbidden') return adviceOn(reason)
  return {
    sentence: 'ショップがAPIへの接続を断りました。',
    nextStep: '「URL」を https:// で始まるものにしてください（http:// のAPIを断る設定のショップがあります）。',
    checks: ['CS-Cartの「アクセス制限」アドオンや、サーバーのアクセス制限に掛かっていないか。'],
  }
}

/**
 * The next step after a redirect: the address to type where the target is plainly the same shop (http and https, with and
 * without www, another folder), else only where it leads, since a stranger's address is nothing to recommend.
 * @param target as the shop's `Location` names it, also relative; '' when it names none
 */
export function adviceOnRedirect(baseUrl: string, target: string): string {
  if (target === '' || !URL.canParse(target, baseUrl)) return failureOf('redirected').nextStep
  const [from, to] = [new URL(baseUrl), new URL(target, baseUrl)]
  const root = shopRoot(to.href)
  const bare = (host: string) => host.replace(/^www\./, '')
  if (root.ok && root.url !== baseUrl && bare(from.hostname) === bare(to.hostname)) {
    return `「URL」を ${root.url} に変えて、もう一度「接続テスト」を押してください。`
  }
  return `転送先は ${to.href} です。${failureOf('redirected').nextStep}`
}

/** The same for a right that is missing for one list; the account and its key are good. */
export function missingRight(what: 'orders' | 'shipments' | 'statuses'): string {
  if (what === 'statuses') {
    return 'このアカウントには注文ステータスの権限（「編集」）がないため、名前は標準の日本語名で表示します。取込と書出には差し支えありません。'
  }
  return 'このアカウントには注文の「閲覧」の権限がありません。CS-Cart管理画面でアカウントのユーザーグループに、注文の「閲覧」「注文全体を編集」「ステータス変更」を与えてください。'
}
