import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { CsCartError } from '../errors.ts'
import { guardedLookup, isPrivateAddress } from './address-guard.ts'
import { ConnectFailure } from './transport-faults.ts'

/**
 * How undici connects to a shop: HTTP/1.1 only, and never to a private address. The check is made here, at connect time and
 * for literals too: a lookup is not asked about those, and a name checked earlier may point elsewhere by now.
 */
export function guardedConnector(options: {
  allowPrivate: boolean
  timeoutMs: number
  lookup: LookupFunction | undefined
}): buildConnector.connector {
  const { allowPrivate, timeoutMs } = options
  const lookup = allowPrivate ? options.lookup : guardedLookup(options.lookup)
  const connect = buildConnector({ allowH2: false, timeout: timeoutMs, ...(lookup ? { lookup } : {}) })
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '')
    if (!allowPrivate && isIP(host) !== 0 && isPrivateAddress(host)) {
      callback(new ConnectFailure(new CsCartError('private_address')), null)
      return
    }
    connect(target, (error, socket) => {
      if (socket) callback(null, socket)
      else callback(new ConnectFailure(error), null)
    })
  }
}
