/** A small disk to run full, made by root: a tmpfs that is filled to its last block while the program works on it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withDatabase } from './data-dir.ts'

/** Why no disk can be mounted here, or undefined where it can. */
export function whyNoMount(): string | undefined {
  try {
    smallDisk(1).close()
    return undefined
  } catch (error) {
    return `a disk cannot be mounted here: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** @param megabytes how much the disk holds */
export function smallDisk(megabytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'tsunagi-disk-'))
  const ballast: string[] = []
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tsunagi-test', folder], { stdio: 'pipe' })
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
  return {
    folder,
    /** Leaves no block free, nor room inside the database's own log. */
    fill(): void {
      withDatabase(folder, (db) => db.$client.pragma('wal_checkpoint(TRUNCATE)'))
      for (let block = 4_096 * 64; block >= 4_096; block /= 2) {
        for (let full = false; !full; ) {
          const file = join(folder, `ballast-${ballast.length}`)
          ballast.push(file)
          try {
            writeFileSync(file, Buffer.alloc(block))
          } catch {
            full = true
            rmSync(file, { force: true })
          }
        }
      }
    },
    makeRoom(): void {
      for (const file of ballast.splice(0)) rmSync(file, { force: true })
    },
    close(): void {
      execFileSync('umount', [folder], { stdio: 'pipe' })
      rmdirSync(folder)
    },
  }
}

/**
 * Takes the right to write from a folder and all its files, also where they are open already, as a disk does that turns
 * read-only; or gives it back. Ext4 can do that, for root.
 */
export function setWritable(folder: string, may: boolean): void {
  const files = readdirSync(folder).filter((name) => !name.endsWith('.sock'))
  const paths = [folder, ...files.map((name) => join(folder, name))]
  execFileSync('chattr', [may ? '-i' : '+i', ...paths], { stdio: 'pipe' })
}

/** Why `setWritable` cannot be had here, or undefined where it can. */
export function whyNoReadOnly(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tsunagi-disk-'))
  try {
    setWritable(folder, false)
    setWritable(folder, true)
    return undefined
  } catch (error) {
    return `a folder cannot be made read-only here: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    rmdirSync(folder)
  }
}
