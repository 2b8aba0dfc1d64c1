import type { CsCartClient } from '../cscart/client.ts'
import { mayBeOneOrder, type OrderOrShop } from '../cscart/order-or-shop.ts'
import type { Exchange } from '../db/schema.ts'
import { CsCartError } from '../errors.ts'
import type { Candidate, Fetched } from './take-in.ts'

/**
 * Fetches one order. What concerns this order alone is its failure; where the shop may have failed on it, `endsRun` says so.
 * @param at when it is asked for, ms UTC
 * @param isAsStored whether the order says all that an answer with this text says
 * @returns 'as_stored' where it does: the answer was not read again
 * @throws CsCartError where surely the shop failed, and not on this order; the signal's reason when aborted
 */
export async function fetchOrder(
  client: CsCartClient,
  orderOrShop: OrderOrShop,
  candidate: Candidate,
  at: number,
  signal: AbortSignal,
  isAsStored: (raw: string) => boolean,
): Promise<Fetched | 'as_stored'> {
  const ask = async (asked: CsCartClient): Promise<Fetched | 'as_stored'> => {
    const answer = await asked.orderIfNew(candidate.csCartOrderId, isAsStored, signal)
    orderOrShop.orderAnswered()
    if (answer === 'known') return 'as_stored'
    return { candidate, answer, fetchedAt: at }
  }
  try {
    return await ask(client)
  } catch (thrown) {
    const error = oursOf(thrown, signal)
    if (await orderOrShop.endsRun(error, signal)) return { candidate, error, endsRun: true }
  }
  // Once more, with the request and its answer written down for the run's page.
  const exchanges: Exchange[] = []
  try {
    return await ask(client.recorded(exchanges))
  } catch (thrown) {
    return { candidate, error: oursOf(thrown, signal), exchanges }
  }
}

/** @throws whatever says nothing about the order: a bug, an abort, a failure that every order would meet */
function oursOf(thrown: unknown, signal: AbortSignal): CsCartError {
  if (signal.aborted || !(thrown instanceof CsCartError)) throw thrown
  if (thrown.stopsRun && !mayBeOneOrder(thrown)) throw thrown
  return thrown
}
