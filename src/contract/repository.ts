import { and, asc, desc, eq, isNull } from '../db/drizzle.ts'
import type { Db } from '../db/open.ts'
import { accounts, contractEntries } from '../db/schema.ts'
import type { ContractEntry, ContractTerms } from './contract.ts'

export type ContractRepository = ReturnType<typeof contractRepository>

/** The history of the APIオプション: rows are added and never changed. */
export function contractRepository(db: Db) {
  const all = db.select().from(contractEntries).orderBy(asc(contractEntries.id)).prepare()
  const add = (entry: typeof contractEntries.$inferInsert) => db.insert(contractEntries).values(entry).returning().get()

  return {
    /** All changes, oldest first. */
    entries: (): ContractEntry[] => all.all(),

    /** All changes with the address of whoever made them, newest first. */
    history(): (ContractEntry & { accountEmail: string | null })[] {
      return db
        .select({ entry: contractEntries, accountEmail: accounts.email })
        .from(contractEntries)
        .leftJoin(accounts, eq(accounts.id, contractEntries.accountId))
        .orderBy(desc(contractEntries.id))
        .all()
        .map((row) => ({ ...row.entry, accountEmail: row.accountEmail }))
    },

    /** Addresses of the 管理者, who record the contract: whom to ask. */
    administrators(): string[] {
      return db
        .select({ email: accounts.email })
        .from(accounts)
        .where(and(eq(accounts.role, 'admin'), isNull(accounts.deletedAt)))
        .orderBy(asc(accounts.id))
        .all()
        .map((row) => row.email)
    },

    apply(accountId: number, at: number): ContractEntry {
      return add({ at, accountId, event: 'applied' })
    },

    withdraw(accountId: number, at: number): ContractEntry {
      return add({ at, accountId, event: 'withdrawn' })
    },

    /** @param accountId null for the command line */
    record(terms: ContractTerms, accountId: number | null, at: number): ContractEntry {
      return add({ at, accountId, event: 'recorded', ...terms })
    },
  }
}
