import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

const PUBLIC = join(import.meta.dirname, '../../public')
const installed = createRequire(import.meta.url)

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  webmanifest: 'application/manifest+json',
}

type Asset = { url: string; type: string; body: Buffer; gzipped: () => Buffer }

/** Name in a template -> address with the hash of the content, so that a browser may keep it for ever. */
export type AssetUrl = (name: string) => string

/**
 * Serves `public/` and, straight from the installed packages, htmx and Tabler's style sheet.
 * They are read once: a few hundred kB in memory, and no path of a request ever touches the file system.
 * @returns the address of an asset by its file name; an unknown name is a bug and throws
 */
export function serveAssets(app: FastifyInstance): AssetUrl {
  const files = [
    installed.resolve('htmx.org/dist/htmx.min.js'),
    installed.resolve('@tabler/core/dist/css/tabler.min.css'),
    ...readdirSync(PUBLIC, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(PUBLIC, entry.name)),
  ]
  const assets = new Map(files.map((file) => [basename(file), readAsset(file)]))
  for (const asset of assets.values()) {
    app.get(asset.url, { config: { public: true }, logLevel: 'warn' }, (request, reply) => {
      reply.header('Cache-Control', 'public, max-age=31536000, immutable').header('Vary', 'Accept-Encoding')
      reply.type(asset.type)
      const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
      return zipped ? reply.header('Content-Encoding', 'gzip').send(asset.gzipped()) : reply.send(asset.body)
    })
  }
  return (name) => {
    const asset = assets.get(name)
    if (!asset) throw new Error(`no such asset: ${name}`)
    return asset.url
  }
}

function readAsset(file: string): Asset {
  const name = basename(file)
  const body = withoutSourceMap(readFileSync(file))
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16)
  let gzipped: Buffer | undefined
  return {
    url: `/assets/${hash}/${name}`,
    type: TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    body,
    // By the first who asks for it: the start does not wait for what nobody may want.
    gzipped: () => (gzipped ??= gzipSync(body)),
  }
}

/** The packages point to source maps that are not served: in their last line, a comment. */
function withoutSourceMap(body: Buffer): Buffer {
  const at = body.lastIndexOf('# sourceMappingURL=')
  const isLast = at >= 2 && !body.subarray(at).toString('latin1').trimEnd().includes('\n')
  return isLast ? body.subarray(0, at - 2) : body
}
