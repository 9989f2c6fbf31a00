/** The LMDB tree of a checkpoint's file. */
import { rmSync } from 'node:fs'
import { open, type Transaction } from 'lmdb'
import type { Records } from './layout.ts'

/** As lmdb-js has it; its types leave the second out. */
export interface BinaryReader {
  getBinaryFast(key: number, options?: { readonly transaction: Transaction }): Buffer | undefined
}

export const openTree = (path: string, readOnly: boolean) =>
  open<Buffer, number>({
    ...{ path, encoding: 'binary', readOnly },
    // Flushed at each commit, in the order that makes it whole after a power cut; see lmdb-tree.ts.
    overlappingSync: false,
    // With it lmdb-js holds a promise of its own, which nobody handles where a commit fails.
    eventTurnBatching: false,
  })

/** Pages of a tree that are written anew for one record, on the average; its own besides. */
const bytesPerRecord = 4096

/** Room that a checkpoint leaves: the log must not be refused any for its sake. */
export const logRoomBytes = 4 * 1024 * 1024

/** How much longer the file may become by these, at the most. */
export function bytesOf(records: Records): number {
  let bytes = 0
  for (const record of records.values()) bytes += bytesPerRecord + (record?.length ?? 0)
  return bytes
}

/** Removes a checkpoint, as far as that can be done. */
export function removeFiles(path: string): void {
  for (const name of [path, `${path}-lock`]) {
    try {
      rmSync(name, { force: true })
    } catch {
      // What is in its place and cannot be removed cannot be opened either, which is then said.
    }
  }
}
