import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AppError } from '../errors.ts'

/**
 * Makes this process the only one on `dataDir`: an exclusive lock on a small database of its own, which the kernel
 * frees when the process dies, however it dies.
 * @returns a function that frees the lock
 * @throws AppError('conflict') in words when another process holds it
 */
export function lockDataDir(dataDir: string): () => void {
  const client = new Database(join(dataDir, 'lock.db'), { timeout: 0 })
  try {
    client.pragma('locking_mode = EXCLUSIVE')
    client.exec('begin exclusive')
  } catch (error) {
    client.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new AppError(
        'conflict',
        `別の Tsunagi がすでにこのデータフォルダー（${dataDir}）を使っています。先に動いているほうを止めてください。`,
      )
    }
    throw error
  }
  return () => client.close()
}
