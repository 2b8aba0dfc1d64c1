import type { ShopClock } from './clock.ts'
import type { Faults } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { Memory } from './memory.ts'
import type { Rules } from './profiles.ts'
import type { PhpParams } from './quirks.ts'
import type { Settings, Status, User } from './types.ts'

export type Language = 'ja' | 'en'

/** Everything that the handlers of one shop share. */
export type Shop = {
  rules: Rules
  clock: ShopClock
  memory: Memory
  ledger: Ledger
  faults: Faults
  settings: Settings
  statuses: Status[]
  users: User[]
  /** Where the storefront lives, without a slash at the end. */
  url: () => string
}

/** One API call after login and reading: what a handler gets. */
export type ApiCall = {
  number: number
  id: number | null
  /** The query string, as PHP reads it. */
  query: PhpParams
  /** The body, as PHP reads it. */
  body: PhpParams
  /** Whether the body came as JSON. */
  json: boolean
  language: Language
  /** The version that the answer names. */
  version: string
  /** From `/stores/1/…` or `/vendors/2/…`. */
  companyId: number | null
  may: (privilege: string) => boolean
}

/** An HTTP answer that has not left yet. */
export type Answer = {
  status: number
  contentType: string
  body: string
  headers?: Record<string, string>
}
