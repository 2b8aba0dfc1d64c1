import type { Db } from '../db/open.ts'
import type { Check } from './health.ts'

/** How long the probe waits for another program's lock: less than any orchestrator's patience, and it stalls the loop. */
const PROBE_WAIT_MS = 100

/**
 * The database answers, its schema is in, and a row really reaches the disk: one page is written and synced, because
 * a transaction that is rolled back would not notice a full disk.
 */
export function databaseCheck(db: Db): Check {
  const sql = db.$client
  const migrated = sql.prepare('select count(*) from __drizzle_migrations').pluck()
  return {
    name: 'database',
    fault() {
      if (!sql.open) return 'データベースが閉じています。'
      const waits = Number(sql.pragma('busy_timeout', { simple: true }))
      try {
        if (migrated.get() === 0) return 'データベースの準備（マイグレーション）が済んでいません。'
        sql.pragma(`busy_timeout = ${PROBE_WAIT_MS}`)
        // A number in the file's header that nothing else uses.
        const before = Number(sql.pragma('user_version', { simple: true }))
        sql.pragma(`user_version = ${before === 1 ? 2 : 1}`)
        return undefined
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
        return `データベースに書き込めません（${code}）。空き容量と DATA_DIR の権限を確かめてください。`
      } finally {
        sql.pragma(`busy_timeout = ${waits}`)
      }
    },
  }
}
