/** Small disks to run full, made by root: a tmpfs whose size is set again while the program works on it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type SmallDisk = ReturnType<typeof smallDisk>

/** Why no disk can be mounted here, or undefined where it can. */
export function whyNoMount(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tsunagi-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tsunagi-test', folder], { stdio: 'pipe' })
    execFileSync('umount', [folder], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `mount is not permitted: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    rmdirSync(folder)
  }
}

/** @param megabytes how much the disk holds at first */
export function smallDisk(megabytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'tsunagi-disk-'))
  const ballast = join(folder, 'ballast')
  const mount = (...args: string[]): void => {
    execFileSync('mount', [...args, folder], { stdio: 'pipe' })
  }
  mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tsunagi-test')
  return {
    folder,
    /** Fills whatever is free, to the last block. */
    fill(): void {
      const block = Buffer.alloc(4_096)
      for (let name = 0; ; name += 1) {
        try {
          writeFileSync(`${ballast}-${name}`, block)
        } catch {
          return
        }
      }
    },
    /** Takes the ballast away and sets the size anew. */
    grow(to: number): void {
      mount('-o', `remount,size=${to}m`)
    },
    close(): void {
      execFileSync('umount', [folder], { stdio: 'pipe' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
