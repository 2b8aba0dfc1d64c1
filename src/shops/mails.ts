/** What a shop does with mails to its customers when orders are exported, in words for every page that speaks of it. */
import type { ShopCapabilities } from '../db/schema.ts'

/**
 * Which call of an export mails, by the shop's version (cs-cart-api.md 12):
 * `status` up to 4.10: only a status change, where it is asked to; `always` 4.13 to C-416: each POST /shipments, asked or not;
 * `asked` 4.20 and newer: a POST that asks; `unknown`: not seen enough of the shop yet.
 */
type MailKind = 'status' | 'always' | 'asked' | 'unknown'

/** `updated_at` came with the versions that mail on POST, `storefront_id` in list rows with those that do so only when asked. */
function mailKindOf({ updatedAt, mailsOnlyWhenAsked }: ShopCapabilities): MailKind {
  // First, because an export of an order without `updated_at` asks the status change for the mail, and nothing else.
  if (updatedAt === false) return 'status'
  if (mailsOnlyWhenAsked === true) return 'asked'
  return updatedAt === true && mailsOnlyWhenAsked === false ? 'always' : 'unknown'
}

const SETTING_OFF = 'CS-Cart管理画面の通知設定で「配送」をオフにしているときは送られません'
const TO_STOP = '止めるには、CS-Cart管理画面の通知設定で「配送」をオフにしてください。'

const WORDS: Readonly<Record<MailKind, { send: string; silent: string }>> = {
  status: {
    send: '受注ステータスが「配送済み」になるとき、CS-Cartからお客様へ1通送られます（再実行しても重ねて送りません）。',
    silent: '送られません。',
  },
  always: {
    send: `配送を登録するたびに、CS-Cartからお客様へ送られます。配送先グループが複数ある注文ではグループごとに1通です（${SETTING_OFF}）。`,
    silent: `「送らない」の設定でも、配送を登録するたびにCS-Cartからお客様へ送られます（CS-Cart 4.13〜4.16ごろの動き）。${TO_STOP}`,
  },
  asked: {
    send: `最初に配送を登録するとき、CS-Cartからお客様へ1通送られます（再実行しても重ねて送りません。${SETTING_OFF}）。`,
    silent: '送られません。',
  },
  unknown: {
    send: 'CS-Cartの版がまだ分からないため、いつ送られるかは決まっていません。4.10以前の版では受注ステータスが「配送済み」になるとき、それより新しい版では配送を登録するときに送られます。版の動きは接続テストか取込で分かります。',
    silent: `CS-Cartの版がまだ分からないため、送られないとは限りません。4.13〜4.16ごろの版は、「送らない」の設定でも配送を登録するたびにお客様へ送ります。${TO_STOP}版の動きは接続テストか取込で分かります。`,
  },
}

/**
 * What becomes of mails to the customer in an export.
 * @param notify お客様へのCS-Cart通知メール: 送る
 */
export function mailWord(notify: boolean, capabilities: ShopCapabilities): string {
  const words = WORDS[mailKindOf(capabilities)]
  return notify ? words.send : words.silent
}

/** The same for both settings, where a person chooses between them. */
export function mailTruth(capabilities: ShopCapabilities): string {
  return `「送る」: ${mailWord(true, capabilities)}「送らない」: ${mailWord(false, capabilities)}`
}
