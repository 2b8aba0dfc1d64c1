/**
 * Who tells the customer, and when: a customer is told once. Which call mails depends on the shop's version (cs-cart-api.md 12):
 * up to 4.10 only a status change with `notify_user`; 4.13 to 2023 each POST /shipments whatever is asked; 4.20 a POST with `notify_user`.
 * Orders that carry no `updated_at` mark the first kind. The other two are asked in the same way: the one does not listen, and
 * the words for it are in shops/mails.ts.
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
