/** The failures that we expect, as things to throw. Anything else that is thrown is a bug and is shown without detail. */
import { CS_CART_FAILURES, type CsCartReason } from './failures.ts'

/** What a rule of ours can refuse with; `web/error-pages.ts` maps each to a status code, and nowhere else. */
export type AppErrorCode = 'not_found' | 'conflict' | 'forbidden' | 'not_contracted' | 'invalid' | 'unavailable'

/** A refusal whose message is written for the person who reads the page. */
export class AppError extends Error {
  readonly code: AppErrorCode
  constructor(code: AppErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
  }
}

export type CsCartErrorDetail = {
  /** HTTP status of the answer, absent where none came. */
  status?: number
  /** Path of the field that could not be read, such as `products.3456278195.amount`. */
  path?: string
  /** What CS-Cart itself said, already freed of secrets and cut to 200 characters. */
  said?: string
  /** Seconds the shop asked us to wait (`Retry-After`). */
  retryAfterSeconds?: number
  /** true: the request was a write and may have been applied although no good answer came. Never repeat it blindly. */
  mayHaveBeenApplied?: boolean
  cause?: unknown
}

/** One way in which a CS-Cart shop failed us. `message` is the Japanese sentence of its reason. */
export class CsCartError extends Error {
  readonly reason: CsCartReason
  readonly status: number | undefined
  readonly path: string | undefined
  readonly said: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly mayHaveBeenApplied: boolean
  constructor(reason: CsCartReason, detail: CsCartErrorDetail = {}) {
    super(CS_CART_FAILURES[reason].sentence, { cause: detail.cause })
    this.name = 'CsCartError'
    this.reason = reason
    this.status = detail.status
    this.path = detail.path
    this.said = detail.said
    this.retryAfterSeconds = detail.retryAfterSeconds
    this.mayHaveBeenApplied = detail.mayHaveBeenApplied ?? false
  }
  get stopsRun(): boolean {
    return CS_CART_FAILURES[this.reason].stopsRun
  }
  get waitingMends(): boolean {
    return CS_CART_FAILURES[this.reason].waitingMends
  }
}
