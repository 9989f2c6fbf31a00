/**
 * What else differs after a reboot.
 *
 * LMDB's meta pages carry the boot in which they were written: the first number of
 * /proc/sys/kernel/random/boot_id, eight bytes from the 160th on (`boot_id` in mdb.c, an addition of
 * lmdb-js). Opened with `overlappingSync`, lmdb-js takes a commit that was not flushed for good where
 * that boot is this one, as then the kernel still has it, and goes back to the last flushed one where it
 * is another (`mdb_pick_meta`). Without, as our log is opened, it does not look. Images are to be what a
 * reboot finds in either case, so each meta page of theirs names another boot than ours; not one that
 * names none, as LMDB's first two do.
 *
 * The lock file is memory that processes share, and nobody flushes it: it may be gone, cut short, or
 * hold anything. The first to open it, whom the kernel tells that it is alone, makes it anew.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Chance } from '../../soak/chance.ts'

const pageBytes = 4096
/** The third is a copy of the newest flushed meta page, which only `overlappingSync` makes. */
export const metaPages = [0, pageBytes, pageBytes / 2]
const bootOffset = 160
/** One that no kernel draws but by a chance of one in four billion. */
const anotherBoot = 1n

/** The boot that a meta page names; undefined where there is none. */
export function bootOf(bytes: Buffer, page: number): bigint | undefined {
  const at = page + bootOffset
  return bytes.length < at + 8 ? undefined : bytes.readBigUInt64LE(at)
}

/** The same file, as another boot wrote it. Its bytes are changed in place. */
export function fromAnotherBoot(bytes: Buffer): Buffer {
  for (const page of metaPages) {
    if (bootOf(bytes, page)) bytes.writeBigUInt64LE(anotherBoot, page + bootOffset)
  }
  return bytes
}

/** LMDB's lock file, for 126 readers. */
const lockBytes = 8272

/** Lays out what is never flushed, as chance has it. Nothing where there is no folder. */
export function layOutScratch(folder: string, chance: Chance): void {
  if (!existsSync(folder)) return
  const noise = () => Buffer.from(Array.from({ length: lockBytes }, () => chance.below(256)))
  for (const name of ['events.mdb-lock', 'checkpoint.mdb-lock']) {
    const lock = chance.of([undefined, '', Buffer.alloc(lockBytes), noise()])
    if (lock !== undefined) writeFileSync(join(folder, name), lock)
  }
  const writer = chance.of([undefined, '', 'process 1 on another, since long ago\n'])
  if (writer !== undefined) writeFileSync(join(folder, 'writer.lock'), writer)
}
