import type { FastifyServerOptions } from 'fastify'

type LoggerOptions = Exclude<NonNullable<FastifyServerOptions['logger']>, boolean>

const SECRETS = ['authorization', 'cookie', 'password', 'apiKey', '_csrf', 'secretKey', 'adminPassword', 'setupCode']

/** Addresses are logged without their query: a search for a customer's name does not belong into a log. */
const withoutQuery = (url: string) => url.split('?', 1)[0] ?? ''

/** pino's settings: JSON lines, secrets struck out wherever an object brings them along. */
export function loggerOptions(level: string): LoggerOptions {
  return {
    level,
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `req.headers.${name}`]),
      censor: '[秘密]',
    },
    serializers: {
      req: (request) => ({ method: request.method, url: withoutQuery(request.url), remoteAddress: request.ip }),
    },
  }
}
