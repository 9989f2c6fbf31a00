import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { faultOfMeta, faultOfMetas, type Meta, newerOf, readMeta } from './meta.ts'

/** Meta pages are written while they are read; what is wrong with them once may be so for that. */
const readsMax = 3

/** Where the second meta page may be, if the first does not say it. */
const pageBytesTried = [4096, 8192, 16_384, 32_768, 65_536]

/** A file of LMDB's, read page by page and not mapped. */
export class PageFile {
  readonly #file: number

  /** @param flags as the system has them */
  constructor(path: string, flags = constants.O_RDONLY) {
    this.#file = openSync(path, flags)
  }

  get descriptor(): number {
    return this.#file
  }

  get bytes(): number {
    return fstatSync(this.#file).size
  }

  /**
   * The newer meta page, or what is wrong with the two; undefined where the file has none.
   *
   * @param onlyGrows true of a log, of which no entry is ever removed
   */
  meta(onlyGrows = true): Meta | string | undefined {
    let meta: Meta | string | undefined
    for (let reads = 0; reads < readsMax; reads++) {
      meta = this.#readMetas(onlyGrows)
      if (typeof meta === 'object') break
    }
    return meta
  }

  #readMetas(onlyGrows: boolean): Meta | string | undefined {
    const first = readMeta(this.#file, 0)
    if (!first) return undefined
    const fault = faultOfMeta(first, 0)
    if (fault !== undefined) return fault
    const second = readMeta(this.#file, first.pageBytes)
    if (!second) return this.bytes < 2 * first.pageBytes ? undefined : 'its meta page 1 is none'
    return (
      faultOfMeta(second, 1) ?? faultOfMetas(first, second, onlyGrows) ?? newerOf(first, second)
    )
  }

  /** The newest of the meta pages that is sound by itself; undefined where neither is. */
  anyMeta(): Meta | undefined {
    const sound = [0, ...pageBytesTried].flatMap((at) => {
      const meta = readMeta(this.#file, at)
      return meta && faultOfMeta(meta, at === 0 ? 0 : 1) === undefined ? [meta] : []
    })
    return sound.sort((a, b) => b.transaction - a.transaction)[0]
  }

  /** Reads from `at` on; what is after the end of the file is zeros. */
  read(at: number, into: Buffer): void {
    const read = readSync(this.#file, into, 0, into.length, at)
    if (read < into.length) into.fill(0, read)
  }

  close(): void {
    closeSync(this.#file)
  }
}
