import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { AppError } from '../errors.ts'

/** Seals secrets that must be readable again (API keys): AES-256-GCM, `v1.<iv>.<tag>.<text>` in base64url. */
export type Seal = { seal: (plain: string) => string; open: (sealed: string) => string }

/** @param secret any text of 16 characters or more; hashed to the key, so its form does not matter */
export function sealer(secret: string): Seal {
  const key = createHash('sha256').update('tsunagi-seal').update(secret).digest()
  return {
    seal(plain) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return ['v1', iv, cipher.getAuthTag(), body]
        .map((part) => (typeof part === 'string' ? part : part.toString('base64url')))
        .join('.')
    },
    /** @throws AppError('unavailable') when the key is another one or the text was changed */
    open(sealed) {
      const [version, iv, tag, body] = sealed.split('.')
      try {
        if (version !== 'v1' || iv === undefined || tag === undefined || body === undefined)
          throw new Error('not a sealed text')
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
        decipher.setAuthTag(Buffer.from(tag, 'base64url'))
        return Buffer.concat([decipher.update(Buffer.from(body, 'base64url')), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new AppError(
          'unavailable',
          '保存されたAPIキーを開けません。SECRET_KEY が変わっていないか確かめ、APIキーを入力し直してください。',
          { cause },
        )
      }
    },
  }
}
