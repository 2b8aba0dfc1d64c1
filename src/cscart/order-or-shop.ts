import type { CsCartError } from '../errors.ts'
import type { CsCartClient } from './client.ts'

/** So many orders in a row fail by themselves only where it is the shop after all that fails. */
const MOST_IN_A_ROW = 3
/** Orders that are known to fail are often met one after the other, but not for ever. */
const MOST_KNOWN = 10

/**
 * Whether a failure to read one order, which as a rule is the whole shop's, may be that order's alone: a PHP error that is not
 * caught ends the request with a bare 500 page, one that takes memory or time with a gateway's 502 or 504, or with silence
 * (cs-cart-api.md 3.1). A 503 is what a closed or overloaded shop says.
 */
export function mayBeOneOrder({ reason, status }: Pick<CsCartError, 'reason' | 'status'>): boolean {
  return reason === 'timeout' || (reason === 'unavailable' && status !== 503)
}

/**
 * Tells, for one run, an order that fails by itself from a shop that fails: such an order must not keep all others from being
 * read, and a shop that fails must not be asked for thousands of orders in vain.
 * @param known how many orders failed in this way before: as many more in a row may fail
 */
export function orderOrShop(client: Pick<CsCartClient, 'apiVersion'>, known = 0) {
  const most = MOST_IN_A_ROW + Math.min(known, MOST_KNOWN)
  let inARow = 0
  return {
    /** An order was read: the shop is well. */
    orderAnswered(): void {
      inARow = 0
    },

    /**
     * Whether a failure ends the run. Asks the shop for something cheap where the order itself may be the cause.
     * @throws the signal's reason when aborted meanwhile
     */
    async endsRun(error: CsCartError, signal?: AbortSignal): Promise<boolean> {
      if (!error.stopsRun) return false
      if (!mayBeOneOrder(error)) return true
      inARow += 1
      if (inARow >= most) return true
      return client.apiVersion(signal).then(
        () => false,
        () => {
          signal?.throwIfAborted()
          return true
        },
      )
    },
  }
}
export type OrderOrShop = ReturnType<typeof orderOrShop>
