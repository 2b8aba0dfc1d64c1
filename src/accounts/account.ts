/** An account: somebody who may come in. Pure; passwords are hashed in password.ts. */

export const ROLES = ['admin', 'staff'] as const
export type Role = (typeof ROLES)[number]

export const ROLE_LABELS = { admin: '管理者', staff: '担当者' } as const satisfies Record<Role, string>

export type Account = { id: number; email: string; role: Role; createdAt: number }

export const PASSWORD_MIN = 10
export const PASSWORD_MAX = 128

export const isRole = (text: string): text is Role => ROLES.some((role) => role === text)

/** How an e-mail address is stored and compared: width and case of its letters do not matter. */
export const normalEmail = (text: string) => text.normalize('NFKC').trim().toLowerCase()

/** @returns what is wrong with a new e-mail address (normalised), undefined where nothing is */
export function emailFault(email: string): string | undefined {
  if (email === '') return 'メールアドレスを入力してください。'
  if (email.length > 254 || !/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$/.test(email)) {
    return 'メールアドレスを name@example.jp の形で入力してください。'
  }
  return undefined
}

/** @returns what is wrong with a new password, undefined where nothing is */
export function passwordFault(password: string): string | undefined {
  const length = [...password].length
  if (length < PASSWORD_MIN) return `パスワードは${PASSWORD_MIN}文字以上にしてください。`
  if (length > PASSWORD_MAX) return `パスワードは${PASSWORD_MAX}文字以下にしてください。`
  return undefined
}

export type AccountErrors = { email?: string; password?: string; role?: string; code?: string }

export type NewAccountForm =
  | { ok: true; value: { email: string; role: Role; password: string } }
  | { ok: false; errors: AccountErrors; values: { email: string; role: string } }

/** Reads the form of a new account. Typed passwords are never given back to the page. */
export function parseNewAccount(typed: { email: string; role: string; password: string }): NewAccountForm {
  const email = normalEmail(typed.email)
  const errors: AccountErrors = {}
  const wrongEmail = emailFault(email)
  const wrongPassword = passwordFault(typed.password)
  if (wrongEmail) errors.email = wrongEmail
  if (wrongPassword) errors.password = wrongPassword
  if (isRole(typed.role) && !wrongEmail && !wrongPassword) {
    return { ok: true, value: { email, role: typed.role, password: typed.password } }
  }
  if (!isRole(typed.role)) errors.role = '役割を選んでください。'
  return { ok: false, errors, values: { email: typed.email, role: typed.role } }
}
