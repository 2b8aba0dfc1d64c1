import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** Loads the database as the program does and says how many of Drizzle's files came as CommonJS, and whether its modules work. */
const PROGRAM = `
  import { createRequire } from 'node:module'
  if (process.argv[1] === 'lean') await import('./src/db/lean-drizzle.ts')
  const { openDatabase } = await import('./src/db/open.ts')
  const { orderStatuses } = await import('./src/db/schema.ts')
  const db = openDatabase(':memory:')
  const statuses = db.select().from(orderStatuses).all().length
  const files = Object.keys(createRequire(import.meta.url).cache).filter((file) => /drizzle-orm.*[.]cjs$/.test(file)).length
  console.log(JSON.stringify({ statuses, files }))
`

test('the program loads Drizzle as CommonJS, which spares its start hundreds of reads of one large file', async () => {
  const load = async (how: string): Promise<{ statuses: number; files: number }> => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PROGRAM, how], {
      cwd: join(import.meta.dirname, '../..'),
    })
    return JSON.parse(stdout)
  }
  const [lean, plain] = await Promise.all([load('lean'), load('plain')])
  expect(lean.statuses).toBe(6)
  expect(lean.files).toBeGreaterThan(50)
  expect(plain).toEqual({ statuses: 6, files: 0 })
}, 60_000)
