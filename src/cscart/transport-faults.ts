import { CsCartError } from '../errors.ts'
import type { CsCartReason } from '../failures.ts'

/** A connection that did not come about: nothing was sent. */
export class ConnectFailure extends Error {
  constructor(cause: unknown) {
    super('no connection', { cause })
    this.name = 'ConnectFailure'
  }
}

/** By the code of node's or undici's error. */
const REASONS: Readonly<Record<string, CsCartReason>> = {
  ENOTFOUND: 'host_not_found',
  EAI_AGAIN: 'host_not_found',
  EAI_NODATA: 'host_not_found',
  EAI_NONAME: 'host_not_found',
  EAI_FAIL: 'host_not_found',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'connection_refused',
  ENETUNREACH: 'connection_refused',
  EHOSTDOWN: 'connection_refused',
  EADDRNOTAVAIL: 'connection_refused',
  EACCES: 'connection_refused',
  EPERM: 'connection_refused',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'too_large',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not_https',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not_https',
  ERR_SSL_HTTP_REQUEST: 'not_https',
  EPROTO: 'not_https',
}

/** What OpenSSL and node say of a certificate, and of a handshake that fails over anything else than plain http. */
const CERTIFICATE = /CERT|^ERR_SSL_|^ERR_TLS_|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_CA$|^INVALID_PURPOSE$/

/**
 * The failure behind an error of node or undici: one reason for each way a connection or an answer can break.
 * @param write whether the request was one: it may have been applied unless no connection came about
 */
export function transportFault(error: unknown, write: boolean): CsCartError {
  const sent = !(error instanceof ConnectFailure) && codeOf(error) !== 'UND_ERR_CLOSED'
  const cause = error instanceof ConnectFailure ? error.cause : error
  if (cause instanceof CsCartError) return cause
  return new CsCartError(reasonOf(codeOf(cause)), { cause, mayHaveBeenApplied: write && sent })
}

function reasonOf(code: string): CsCartReason {
  return REASONS[code] ?? (CERTIFICATE.test(code) ? 'certificate' : 'connection_lost')
}

/** Of several addresses that were tried, the first one's code stands for all. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return ''
}
