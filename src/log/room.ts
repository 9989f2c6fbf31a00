import { statfsSync } from 'node:fs'

/** Less room than this on a file system is taken for a full disk. */
export const roomBytesMin = 1024 * 1024

/**
 * Whether there is room for so many bytes more where a file is, or a folder. True where the system does
 * not say.
 *
 * To be asked before LMDB is given something to write. Of a write that finds no room lmdb-js makes a text
 * that can be longer than the memory that it has for it, and the process ends of that a little later.
 */
export function hasRoom(path: string, bytes: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize >= roomBytesMin + bytes
  } catch {
    return true
  }
}
