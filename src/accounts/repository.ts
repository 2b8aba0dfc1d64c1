import { and, eq, isNull, sql } from '../db/drizzle.ts'
import type { Db } from '../db/open.ts'
import { accounts } from '../db/schema.ts'
import { AppError } from '../errors.ts'
import type { Account, Role } from './account.ts'

export type AccountRepository = ReturnType<typeof accountRepository>

const LAST_ADMIN = '管理者が一人もいなくなるため、この変更はできません。先に別のアカウントを管理者にしてください。'

const columns = { id: accounts.id, email: accounts.email, role: accounts.role, createdAt: accounts.createdAt }

const isThere = isNull(accounts.deletedAt)

/** The accounts. Hashes leave it for `hashOf` only. */
export function accountRepository(db: Db) {
  const byId = db
    .select(columns)
    .from(accounts)
    .where(and(isThere, eq(accounts.id, sql.placeholder('id'))))
    .prepare()
  const credentials = db
    .select({ id: accounts.id, hash: accounts.passwordHash })
    .from(accounts)
    .where(and(isThere, eq(sql`lower(${accounts.email})`, sql.placeholder('email'))))
    .prepare()
  const named = db
    .select({ email: accounts.email, deletedAt: accounts.deletedAt })
    .from(accounts)
    .where(eq(accounts.id, sql.placeholder('id')))
    .prepare()
  const any = db.select({ id: accounts.id }).from(accounts).limit(1).prepare()

  const find = (id: number): Account | undefined => byId.get({ id })
  const endSessions = db.$client.prepare('delete from sessions where account_id = ?')
  const admins = db.$client.prepare("select count(*) from accounts where role = 'admin' and deleted_at is null").pluck()

  const existing = (id: number): Account => {
    const account = find(id)
    if (!account) throw new AppError('not_found', 'このアカウントはもうありません。')
    return account
  }
  /** Runs a change that must leave a 管理者; two at once cannot both be the last but one. */
  const keepingAnAdmin = (change: () => void) =>
    db.$client
      .transaction(() => {
        change()
        if (admins.get() === 0) throw new AppError('conflict', LAST_ADMIN)
      })
      .immediate()

  return {
    find,
    /** @throws AppError('not_found') */
    existing,
    list: (): Account[] => db.select(columns).from(accounts).where(isThere).orderBy(accounts.email).all(),
    /** Who did something, in words; also of somebody whose account was deleted since. */
    nameOf(id: number): string | undefined {
      const found = named.get({ id })
      return found && (found.deletedAt === null ? found.email : `${found.email}（削除済み）`)
    },
    /** false on the very first start. */
    any: () => any.get() !== undefined,
    /** @param email normalised */
    credentials: (email: string) => credentials.get({ email }),

    /**
     * @param values e-mail normalised, password as its hash
     * @throws AppError('conflict') where the address is taken
     */
    create(values: { email: string; role: Role; passwordHash: string }, now: number): Account {
      return db.transaction(
        (tx) => {
          if (credentials.get({ email: values.email })) {
            throw new AppError('conflict', 'このメールアドレスのアカウントはすでにあります。')
          }
          return tx
            .insert(accounts)
            .values({ ...values, createdAt: now })
            .returning(columns)
            .get()
        },
        { behavior: 'immediate' },
      )
    },

    /**
     * The very first account, a 管理者.
     * @returns undefined where somebody else was quicker
     */
    createFirst(values: { email: string; passwordHash: string }, now: number): Account | undefined {
      return db.transaction(
        (tx) => {
          if (any.get()) return undefined
          return tx
            .insert(accounts)
            .values({ ...values, role: 'admin', createdAt: now })
            .returning(columns)
            .get()
        },
        { behavior: 'immediate' },
      )
    },

    /** Changes the role and ends the account's sessions. @throws AppError('conflict') for the last 管理者 */
    changeRole(id: number, role: Role): void {
      keepingAnAdmin(() => {
        if (existing(id).role === role) return
        db.update(accounts).set({ role }).where(eq(accounts.id, id)).run()
        endSessions.run(id)
      })
    },

    /** Sets a new password and ends the account's sessions. */
    changePassword(id: number, passwordHash: string): void {
      db.$client
        .transaction(() => {
          existing(id)
          db.update(accounts).set({ passwordHash }).where(eq(accounts.id, id)).run()
          endSessions.run(id)
        })
        .immediate()
    },

    /**
     * Ends the account and its sessions, and forgets its password. Its address stays, for what that person did.
     * @param now ms UTC
     * @throws AppError('conflict') for the last 管理者
     */
    remove(id: number, now: number): void {
      keepingAnAdmin(() => {
        existing(id)
        db.update(accounts).set({ deletedAt: now, passwordHash: '' }).where(eq(accounts.id, id)).run()
        endSessions.run(id)
      })
    },
  }
}
