import { createHash } from 'node:crypto'
import type { Db } from '../db/open.ts'

type Done = (error: unknown) => void
type Session = { accountId?: number | undefined; cookie: unknown }

const SWEEP_EVERY_MS = 3_600_000

/** Only the hash of an id is kept: a copy of the database opens no session. */
const hashOf = (id: string) => createHash('sha256').update(id).digest('hex')

export type SessionStore = ReturnType<typeof sessionStore>

/**
 * Where sessions are kept, in the form that @fastify/session asks for.
 * @param lifetimeMs a session ends this long after its login, by our own clock
 */
export function sessionStore(db: Db, now: () => Date, lifetimeMs: number) {
  const sql = db.$client
  const read = sql.prepare('select data, expires_at as expiresAt from sessions where id_hash = ?')
  // The end of a session stands from its login on; a later change of its data does not move it.
  const write = sql.prepare(
    `insert into sessions (id_hash, account_id, data, expires_at) values (?, ?, ?, ?)
     on conflict (id_hash) do update set account_id = excluded.account_id, data = excluded.data`,
  )
  const remove = sql.prepare('delete from sessions where id_hash = ?')
  const removeExpired = sql.prepare('delete from sessions where expires_at <= ?')
  let sweptAt = 0

  function sweep(at: number): void {
    if (at - sweptAt < SWEEP_EVERY_MS) return
    sweptAt = at
    removeExpired.run(at)
  }

  return {
    // biome-ignore lint/suspicious/noExplicitAny: the plugin's own type asks for a whole session, cookie and all
    get(id: string, done: (error: unknown, session?: any) => void): void {
      try {
        const row = read.get(hashOf(id))
        done(null, isRow(row) && row.expiresAt > now().getTime() ? JSON.parse(row.data) : undefined)
      } catch (error) {
        done(error)
      }
    },
    set(id: string, session: Session, done: Done): void {
      try {
        const at = now().getTime()
        sweep(at)
        const { cookie: _ours, ...data } = session
        write.run(hashOf(id), session.accountId ?? null, JSON.stringify(data), at + lifetimeMs)
        done(null)
      } catch (error) {
        done(error)
      }
    },
    destroy(id: string, done: Done): void {
      try {
        remove.run(hashOf(id))
        done(null)
      } catch (error) {
        done(error)
      }
    },
  }
}

const isRow = (row: unknown): row is { data: string; expiresAt: number } =>
  typeof row === 'object' && row !== null && 'data' in row && 'expiresAt' in row
