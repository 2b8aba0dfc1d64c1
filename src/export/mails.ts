/**
 * Who tells the customer, and when: a customer is told once. Which call mails depends on the shop's version (cs-cart-api.md 12):
 * up to 4.10 only a status change with `notify_user`; 4.13 to 2023 each POST /shipments whatever is asked; 4.20 a POST with `notify_user`.
 * Orders that carry no `updated_at` mark the first kind; the other two cannot be told apart, and need not be.
 */

export type MailFacts = {
  /** お客様へのCS-Cart通知メール of the shop. */
  notify: boolean
  /** The shop mails on status changes only. */
  mailsOnStatusOnly: boolean
  /** An earlier export of this order was confirmed. */
  exportedBefore: boolean
  /** A shipment with our number is in the shop already, whichever of our attempts wrote it. */
  shipmentWritten: boolean
  /** An earlier attempt has written the order's status. */
  statusWritten: boolean
}

/** Which of an order's calls ask for a mail. At most one of the two is ever true. */
export function mailsFor(facts: MailFacts): { onShipment: boolean; onStatus: boolean } {
  const due = facts.notify && !facts.exportedBefore
  return {
    onShipment: due && !facts.mailsOnStatusOnly && !facts.shipmentWritten,
    onStatus: due && facts.mailsOnStatusOnly && !facts.statusWritten,
  }
}

/**
 * An honest word for the page about what the shop does with mails.
 * @param mailsOnStatusOnly undefined: the shop's version is not known yet
 */
export function mailWord(notify: boolean, mailsOnStatusOnly: boolean | undefined): string {
  if (mailsOnStatusOnly === true) {
    return notify
      ? 'お客様への通知メール: 受注ステータスが「配送済み」になるとき、CS-Cartから1通送られます（再実行しても重ねて送りません）。'
      : 'お客様への通知メール: 送られません。'
  }
  return notify
    ? 'お客様への通知メール: 配送を登録するとき、CS-Cartの通知設定が有効ならCS-Cartから送られます。配送先グループが複数ある注文では、CS-Cartの版によってグループごとに1通になります。'
    : 'お客様への通知メール: 「送らない」の設定ですが、CS-Cartの版（4.13〜4.19ごろ）によっては、配送を登録すると必ずお客様へ送られます。止めるにはCS-Cart管理画面の通知設定で「配送」をオフにしてください。'
}
