import { ok, refusal } from './answers.ts'
import { phpInt } from './quirks.ts'
import type { Answer, ApiCall, Shop } from './shop.ts'
import type { Status } from './types.ts'

const row = (
  statusId: number,
  letter: string,
  type: Status['type'],
  ja: string,
  en: string,
  inventory: Status['inventory'],
): Status => ({ statusId, letter, type, ja, en, inventory })

/** The statuses that every edition ships. N and T exist too, but GET /statuses does not name them. */
export const SHIPPED_STATUSES: readonly Status[] = [
  row(1, 'O', 'O', '注文受付', 'Open', 'D'),
  row(2, 'P', 'O', '支払い確認済み', 'Paid', 'D'),
  row(3, 'C', 'O', '配送済み', 'Complete', 'D'),
  row(4, 'F', 'O', '失敗', 'Failed', 'I'),
  row(5, 'D', 'O', '拒否', 'Declined', 'I'),
  row(6, 'B', 'O', '入荷待ち', 'Backordered', 'I'),
  row(7, 'I', 'O', 'キャンセル', 'Canceled', 'I'),
  row(8, 'P', 'S', '受取済み', 'Picked up', null),
  row(9, 'A', 'S', '梱包済み', 'Packed', null),
  row(10, 'S', 'S', '配送済み', 'Shipped', null),
]

/** Whether an order status takes stock (D), gives it back (I) or, unknown to the shop, does neither. */
export function inventoryOf(shop: Shop, letter: string): Status['inventory'] {
  if (letter === 'N' || letter === 'T') return 'I'
  return shop.statuses.find((status) => status.type === 'O' && status.letter === letter)?.inventory ?? null
}

/** GET /statuses: ten rows a page unless asked otherwise, so that a shop's own letters fall off the end. */
export function listStatuses(shop: Shop, call: ApiCall): Answer {
  const type = call.query.type === 'S' ? 'S' : 'O'
  const size = phpInt(call.query.items_per_page ?? '10')
  const all = shop.statuses.filter((status) => status.type === type)
  const page = Math.max(1, phpInt(call.query.page ?? 1))
  const shown = size > 0 ? all.slice((page - 1) * size, page * size) : all
  return ok({
    statuses: shown.map((status) => render(shop, call, status)),
    params: { items_per_page: String(call.query.items_per_page ?? '10'), page, total_items: all.length },
  })
}

/** GET /statuses/:status_id, by its number: the letter is no id. */
export function getStatus(shop: Shop, call: ApiCall): Answer {
  const status = shop.statuses.find((candidate) => candidate.statusId === call.id)
  return status ? ok(render(shop, call, status)) : refusal(shop.rules, 404)
}

function render(shop: Shop, call: ApiCall, status: Status): Record<string, unknown> {
  const language = call.query.lang_code === 'en' ? 'en' : call.query.lang_code === 'ja' ? 'ja' : call.language
  const english = language === 'en' || (shop.rules.statusNames === 'en' && isShipped(status))
  return {
    status_id: String(status.statusId),
    status: status.letter,
    type: status.type,
    is_default: isShipped(status) ? 'Y' : 'N',
    position: '0',
    description: english ? status.en : status.ja,
    email_subj: '',
    email_header: '',
    lang_code: language,
    params: status.type === 'S' ? [] : { color: '#ff9522', notify: 'Y', inventory: status.inventory },
  }
}

function isShipped(status: Status): boolean {
  return SHIPPED_STATUSES.some((shipped) => shipped.statusId === status.statusId)
}
