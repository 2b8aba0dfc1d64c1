import type { FastifyInstance } from 'fastify'
import { serveAssets } from './assets.ts'
import { registerClosing } from './closing.ts'
import { registerCsrf } from './csrf.ts'
import { registerErrorPages } from './error-pages.ts'
import { registerFlash } from './flash.ts'
import { registerForms } from './forms.ts'
import { type Door, registerGuard } from './guard.ts'
import { registerSecurityHeaders } from './security.ts'
import { registerSession, secureAllCookies } from './session.ts'
import { registerViews, type ViewOptions } from './views.ts'

export type WebOptions = Omit<ViewOptions, 'asset'> & {
  door: Door
  sessionStore: Parameters<typeof registerSession>[1]['store']
  secretKey: string
  /** Address under which people open the program. */
  publicUrl: string | undefined
}

/** The furniture that every page needs, in the order in which a request meets it. */
export async function registerWeb(app: FastifyInstance, options: WebOptions): Promise<void> {
  const https = options.publicUrl?.startsWith('https:') ?? false
  registerClosing(app)
  await registerSecurityHeaders(app, https)
  await registerForms(app)
  await registerSession(app, { store: options.sessionStore, secretKey: options.secretKey })
  registerErrorPages(app, options.publicUrl)
  registerGuard(app, options.door)
  await registerCsrf(app, options.secretKey)
  registerFlash(app)
  await registerViews(app, { ...options, asset: serveAssets(app) })
  // Also behind a proxy that hides the scheme: PUBLIC_URL says how people reach us.
  if (https) secureAllCookies(app)
}
