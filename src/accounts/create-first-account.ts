import { normalEmail } from './account.ts'
import { hashPassword } from './password.ts'
import type { AccountRepository } from './repository.ts'

/**
 * Makes the first 管理者 from ADMIN_EMAIL and ADMIN_PASSWORD, where there is no account yet.
 * @returns the address, or undefined where nothing was to be done
 */
export async function createFirstAccount(
  accounts: AccountRepository,
  admin: { adminEmail: string | undefined; adminPassword: string | undefined },
  now: Date,
): Promise<string | undefined> {
  if (!admin.adminEmail || !admin.adminPassword || accounts.any()) return undefined
  const email = normalEmail(admin.adminEmail)
  const passwordHash = await hashPassword(admin.adminPassword)
  return accounts.createFirst({ email, passwordHash }, now.getTime())?.email
}
