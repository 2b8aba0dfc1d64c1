import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** Loads the whole program and says which of Drizzle's files came with it, and whether its modules work. */
const PROGRAM = `
  import { registerHooks } from 'node:module'
  const files = new Set()
  registerHooks({ load: (url, context, next) => (files.add(url), next(url, context)) })
  await import('./src/app.ts')
  const { openDatabase } = await import('./src/db/open.ts')
  const { orderStatuses } = await import('./src/db/schema.ts')
  const statuses = openDatabase(':memory:').select().from(orderStatuses).all().length
  const drizzle = [...files].filter((url) => url.includes('/drizzle-orm/'))
  const common = drizzle.filter((url) => url.endsWith('.cjs')).length
  const columns = drizzle.filter((url) => url.includes('/pg-core/columns/')).length
  console.log(JSON.stringify({ statuses, common, columns, all: drizzle.length }))
`

test('the program loads Drizzle as CommonJS and without columns of PostgreSQL, which spares its start hundreds of files', async () => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: join(import.meta.dirname, '../..'),
  })
  const { statuses, common, columns, all } = JSON.parse(stdout)
  expect(statuses).toBe(6)
  expect(common).toBeGreaterThan(50)
  expect(all).toBe(common)
  expect(columns).toBeLessThan(5)
}, 60_000)
