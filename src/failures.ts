/**
 * The words of every failure that we expect: a reason is a code here, one Japanese sentence and one next step.
 * The database stores only the code.
 */

type Failure = {
  /** What happened, as one Japanese sentence. */
  sentence: string
  /** What a person does about it, as one Japanese sentence. */
  nextStep: string
  /** true: the same call may succeed later without anybody doing anything. */
  waitingMends: boolean
  /** true: the next order of the same run would fail in the same way, so the run ends here. */
  stopsRun: boolean
}

const failure = (sentence: string, nextStep: string, waitingMends: boolean, stopsRun: boolean): Failure => ({
  sentence,
  nextStep,
  waitingMends,
  stopsRun,
})

/** True for every shop: only one with 自動取得 or 自動書き出し is tried again without anybody. */
const TRY_LATER = 'しばらく待って、もう一度実行してください（自動取得・自動書き出しは自動で再試行します）。'

/** How a shop (the connection or the whole answer) can fail. Source: cs-cart-api.md 3.1, 11 and undici's error codes. */
export const CS_CART_FAILURES = {
  host_not_found: failure(
    'URLのホスト名が見つかりません。',
    'モール詳細設定の「URL」のつづりを確かめてください。',
    true,
    true,
  ),
  connection_refused: failure(
    'ショップのサーバーに接続を断られました。',
    '「URL」とポート番号を確かめ、ショップが動いているかサーバー会社に確認してください。',
    true,
    true,
  ),
  certificate: failure(
    'ショップのSSL証明書を確認できません。',
    'ブラウザーでショップを開いて証明書の警告が出ないか確かめ、サーバー会社に更新を依頼してください。',
    false,
    true,
  ),
  not_https: failure(
    'httpsで接続できません（相手がhttpsではありません）。',
    '「URL」が https:// で始まる正しいアドレスか確かめてください。',
    false,
    true,
  ),
  private_address: failure(
    '社内・自分自身のアドレスには接続しない設定です。',
    '意図した接続先であれば、環境変数 ALLOW_PRIVATE_STORES=1 を設定して再起動してください。',
    false,
    true,
  ),
  timeout: failure(
    'ショップが時間内に応答しませんでした。',
    `${TRY_LATER}続くときは「同時リクエスト数」を減らしてください。`,
    true,
    true,
  ),
  connection_lost: failure(
    '応答の途中で接続が切れました。',
    `${TRY_LATER}続くときはサーバー会社に確認してください。`,
    true,
    false,
  ),
  unauthorized: failure(
    'メールアドレスまたはAPIキーが正しくないか、そのアカウントでAPIの利用が許可されていません。',
    'CS-Cart管理画面の「APIアクセス」で利用を許可し、APIキーを発行し直してモール詳細設定に入力してください。',
    false,
    true,
  ),
  forbidden: failure(
    'このAPIアカウントには必要な権限がありません。',
    'CS-Cart管理画面で、注文の「閲覧」「注文全体を編集」「ステータス変更」の権限を与えてください。',
    false,
    true,
  ),
  blocked: failure(
    'ショップまたはサーバーの防御機能（WAF・IP制限）に遮断されました。',
    'このサーバーのIPアドレスを許可するよう、サーバー会社またはCS-Cartのアクセス制限アドオンで設定してください。',
    false,
    true,
  ),
  not_found: failure(
    'CS-Cartにその番号のデータがありません。',
    'CS-Cart管理画面で注文が削除されていないか確かめてください。',
    false,
    false,
  ),
  not_an_api: failure(
    'そのURLにはCS-CartのAPIがありません。',
    '「URL」をCS-Cartのトップページのアドレス（admin.php を除いたもの）に直してください。',
    false,
    true,
  ),
  redirected: failure(
    'ショップが別のURLへ転送しました。',
    '転送先のアドレス（http と https、www の有無など）を「URL」に入力してください。',
    false,
    true,
  ),
  storefront: failure(
    'APIではなくWebページ（HTML）が返ってきました。',
    '「URL」がショップのトップになっているか、CS-CartのURL書き換え（.htaccess）が有効か確かめてください。',
    false,
    true,
  ),
  not_json: failure(
    'CS-Cartの応答をデータとして読めませんでした。',
    'CS-Cartがエラー表示を出していないか、管理者に確認してください。もう一度実行すると直ることもあります。',
    true,
    false,
  ),
  empty_answer: failure(
    'CS-Cartが空の応答を返しました。',
    '注文に壊れた文字が含まれていることがあります。CS-Cart管理画面でその注文を開いて保存し直してください。',
    true,
    false,
  ),
  invalid_text: failure(
    'CS-Cartの応答に壊れた文字が含まれています。',
    'CS-Cart管理画面でその注文を開き、文字化けしている欄を直して保存してください。',
    false,
    false,
  ),
  too_large: failure(
    'CS-Cartの応答が大きすぎます。',
    '管理者に、応答の大きさ（商品画像や独自アドオンの出力）を確認してください。',
    false,
    false,
  ),
  rate_limited: failure(
    'ショップからアクセスが多すぎると断られました。',
    `${TRY_LATER}続くときは「同時リクエスト数」を1にしてください。`,
    true,
    true,
  ),
  unavailable: failure(
    'ショップが一時的に利用できません（メンテナンスまたはサーバーの不調）。',
    `${TRY_LATER}続くときはサーバー会社に確認してください。`,
    true,
    true,
  ),
  rejected: failure(
    'CS-Cartが内容を受け付けませんでした。',
    '実行結果の「応答」にあるCS-Cartのメッセージを確認してください。',
    false,
    false,
  ),
  unexpected_shape: failure(
    'CS-Cartのデータの形が想定と違います。',
    '実行結果に出ている項目名を確かめ、CS-Cart管理画面でその注文を開いて保存し直してください。',
    false,
    false,
  ),
  clock_skew: failure(
    'このサーバーとショップの時計が大きくずれています。',
    'サーバーの時計（NTP）を合わせてください。',
    false,
    false,
  ),
} as const satisfies Record<string, Failure>

export type CsCartReason = keyof typeof CS_CART_FAILURES

/** Why one order of a run did not go through although the shop answered; also why a run itself did not happen. */
export const ORDER_FAILURES = {
  changed_since_plan: failure(
    '確認した後に、この注文または CS-Cart 側の内容が変わったため、書き込みを止めました。',
    'データ書出の「更新対象の確認」をもう一度開いてください。いまの内容を確かめてから書き込めます。',
    false,
    false,
  ),
  dry_run_since: failure(
    '「試運転」に切り替えられたため、書き込みを止めました。',
    'モール詳細設定の「試運転」を外してからもう一度実行すると、続きから書き込みます。',
    false,
    false,
  ),
  not_in_shop: failure(
    'CS-Cartにこの注文が見つかりません。',
    'CS-Cart管理画面で注文が削除されていないか確かめてください。',
    false,
    false,
  ),
  cancelled_in_cs_cart: failure(
    'CS-Cart側でキャンセルされています。',
    '出荷を止めてください。出荷する場合はCS-Cartでステータスを戻してから取り込み直してください。',
    false,
    false,
  ),
  shipped_with_other_number: failure(
    'CS-Cartでは別の伝票番号ですでに配送登録されています。',
    'CS-Cart管理画面で配送を確かめ、正しい番号をこの注文に入力してください。',
    false,
    false,
  ),
  nothing_left_to_ship: failure(
    'CS-Cartに配送できる残りの商品がありません。',
    'CS-Cart管理画面でこの注文の配送を確かめてください。',
    false,
    false,
  ),
  no_shipping_method: failure(
    'CS-Cartの注文に配送方法がないため、配送を登録できません。',
    'CS-Cart管理画面で配送方法を設定するか、配送を手で登録してください。',
    false,
    false,
  ),
  cannot_update_shipment: failure(
    'このショップのCS-Cartは、登録済みの配送の変更をAPIで受け付けません。',
    'CS-Cart管理画面でこの注文の配送を開き、実行結果のとおりに手で直してください。直した後に実行すると「確認済み」になります（CS-Cartを新しい版に上げたときは、モール詳細設定の「接続テスト」を押すと、もう一度APIで試します）。',
    false,
    false,
  ),
  several_shipments: failure(
    'CS-Cartの配送が分かれているか、配送していない商品が残っているため、伝票番号の変更を自動では書き込めません。',
    'CS-Cart管理画面でこの注文の配送を開き、手で直してください。直した後に実行すると「確認済み」になります。',
    false,
    false,
  ),
  cannot_change_carrier: failure(
    'CS-Cartは登録済みの配送の配送業者をAPIで変更できません。',
    'CS-Cart管理画面でこの注文の配送を開き、配送業者を手で直してください。直した後に実行すると「確認済み」になります。',
    false,
    false,
  ),
  shipment_of_other_lines: failure(
    'この注文の伝票番号の配送がCS-Cartにすでにありますが、いまの注文の商品と結びついていません（商品やオプションが後から変更されました）。',
    '二重に登録しないよう、書き込みを止めました。CS-Cart管理画面でその配送を確かめ、いまの商品すべての配送を登録し直すか、その配送を削除してください。直した後に実行すると続きを行います。',
    false,
    false,
  ),
  stored_differently: failure(
    'CS-Cartに書き込んだ内容と、読み直した内容が違います。',
    'CS-Cart管理画面でこの注文の配送を確かめてください。',
    false,
    false,
  ),
  stock_shortage: failure(
    '在庫が足りず、CS-Cartのステータスが「入荷待ち」になりました。',
    'CS-Cart管理画面で在庫を直し、ステータスを「配送済み」にしてください。',
    false,
    false,
  ),
  status_unchanged: failure(
    'CS-Cartの受注ステータスが「配送済み」になりませんでした。',
    'APIアカウントに「ステータス変更」の権限があるか確かめてください。',
    false,
    false,
  ),
  answer_lost: failure(
    '書き込みの応答を受け取れませんでした。CS-Cartに登録されたか分かりません。',
    '次に書き出すとき（自動書き出しまたは手での実行）に先にCS-Cartを読み、登録済みならそれを引き継ぎます。二重には登録しません。',
    true,
    false,
  ),
  left_half_done: failure(
    '途中で止めたため、この注文の書き込みは終わっていません（CS-Cartに配送が登録されていることがあります）。',
    '次に書き出すとき（自動書き出しまたは手での実行）に先にCS-Cartを読み、続きから行います。二重には登録しません。',
    true,
    false,
  ),
  carrier_missing: failure('配送業者が選ばれていません。', '受注の「配送業者」を選んでください。', false, false),
  cancelled_by_staff: failure(
    '「中止」が押されたため、行いませんでした。',
    '続けるときはもう一度実行してください。',
    false,
    true,
  ),
  interrupted: failure(
    'プログラムが途中で止まったため、最後まで行えませんでした。',
    '続きは、プログラムが動き出したときに自動で行われます。行われていないときは、もう一度実行してください。',
    true,
    true,
  ),
  not_contracted: failure(
    'APIオプションの契約期間外のため、自動書き出しを行いませんでした。',
    '各種設定の「APIオプション」で契約を確かめてください。取込と手動の書出はそのまま使えます。',
    false,
    true,
  ),
  key_unreadable: failure(
    '保存されたAPIキーを開けません。',
    'SECRET_KEY（または DATA_DIR の secret.key）が変わっていないか確かめ、モール詳細設定でAPIキーを入力し直してください。',
    false,
    true,
  ),
  no_room: failure(
    'ディスクの空きが足りないか、データベースに書き込めません。',
    'サーバーの空き容量と DATA_DIR の書き込み権限を確かめ、空けてからもう一度行ってください（自動取得・自動書き出しは自動で再開します）。',
    true,
    true,
  ),
  unexpected: failure(
    'プログラムの想定していないエラーが起きました。',
    'もう一度実行し、続くときはサーバーの記録（ログ）を管理者に見せてください。',
    true,
    true,
  ),
} as const satisfies Record<string, Failure>

export type OrderFailureReason = keyof typeof ORDER_FAILURES

export type FailureReason = CsCartReason | OrderFailureReason

const FAILURES: Readonly<Record<string, Failure>> = { ...CS_CART_FAILURES, ...ORDER_FAILURES }

/**
 * The words of a stored reason code. A code that an older or newer version wrote is shown as `unexpected`.
 * @param reason one of `FailureReason`, as stored in the database
 */
export function failureOf(reason: string): Failure {
  return FAILURES[reason] ?? ORDER_FAILURES.unexpected
}

/** A stored reason code as its type; one that this version does not know is `unexpected`. */
export function reasonOf(stored: string | null): FailureReason {
  return REASONS.find((reason) => reason === stored) ?? 'unexpected'
}

const REASONS = Object.keys(FAILURES).filter((code): code is FailureReason => code in FAILURES)
