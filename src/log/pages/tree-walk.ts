import type { Meta, TreeRoot } from './meta.ts'
import {
  checkPage,
  childOf,
  type Data,
  dataOf,
  keyOf,
  type NumberOfKey,
  overflowPagesOf,
  PageError,
  transactionOf,
} from './page.ts'
import type { PageFile } from './page-file.ts'
import type { PageSet } from './page-set.ts'

export interface TreeWalkOptions {
  readonly file: PageFile
  readonly meta: Meta
  readonly root: TreeRoot
  /** The pages that are known to be in use; those of this tree are put to them. */
  readonly taken: PageSet
  readonly numberOfKey: NumberOfKey
  /** Hears of each entry, in order. What it throws as a PageError is a fault of the leaf. */
  readonly onEntry: (key: number, data: Data, leaf: Buffer, page: number) => void
  readonly onFault: (what: string) => void
  /** Hears how many leaves were read. */
  readonly onLeaf?: ((leaves: number) => void) | undefined
}

/**
 * Walks through one tree of a file, from its root on, and sees whether everything that LMDB relies on
 * is as it should be. What lies below a page that is not sound is left out.
 */
export class TreeWalk {
  readonly #options: TreeWalkOptions
  /** A page for each level. */
  readonly #levels: Buffer[] = []
  readonly #found = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 }
  #isSound = true
  #lastKey = Number.NEGATIVE_INFINITY
  /** The least that the next key may be, by the branches above it. */
  #leastKey = Number.NEGATIVE_INFINITY

  constructor(options: TreeWalkOptions) {
    this.#options = options
  }

  /** Whether all of it is sound. */
  run(): boolean {
    const { root, meta } = this.#options
    if (root.depth > 0) this.#page(root.page, root.depth, meta.transaction)
    if (this.#isSound) this.#compareCounts()
    return this.#isSound
  }

  #page(number: number, level: number, newest: number): void {
    const { file, meta, taken } = this.#options
    this.#levels[level] ??= Buffer.alloc(meta.pageBytes)
    const page = this.#levels[level]
    const isBranch = level > 1
    let nodes = 0
    this.#trying(number, () => {
      taken.add(number)
      file.read(number * meta.pageBytes, page)
      nodes = checkPage(page, number, isBranch ? 'branch' : 'leaf', newest)
    })
    if (isBranch) this.#branch(page, number, nodes, level)
    else this.#leaf(page, number, nodes)
  }

  #branch(page: Buffer, number: number, nodes: number, level: number): void {
    if (nodes > 0) this.#found.branchPages++
    const newest = transactionOf(page)
    for (let index = 0; index < nodes; index++) {
      // The first key of a branch says nothing, and is often empty.
      if (index > 0) {
        this.#trying(number, () => {
          this.#leastKey = this.#keyAt(page, index)
        })
      }
      this.#page(childOf(page, index), level - 1, newest)
    }
  }

  #leaf(page: Buffer, number: number, nodes: number): void {
    if (nodes > 0) this.#found.leafPages++
    for (let index = 0; index < nodes; index++) {
      this.#trying(number, () => {
        const key = this.#keyAt(page, index)
        if (key < this.#leastKey) throw new PageError('has a key that belongs elsewhere')
        this.#lastKey = key
        const data = dataOf(page, index)
        if (data.at === undefined) this.#overflow(data)
        this.#found.entries++
        this.#options.onEntry(key, data, page, number)
      })
    }
    this.#options.onLeaf?.(this.#found.leafPages)
  }

  /** The key of a node, which is greater than all before it. */
  #keyAt(page: Buffer, index: number): number {
    const { start, end } = keyOf(page, index)
    const key = this.#options.numberOfKey(page, start, end)
    if (key === undefined) throw new PageError('has a key that is no number')
    if (key <= this.#lastKey) throw new PageError('has a key that is not after the one before it')
    return key
  }

  #overflow({ page, pages, bytes }: Data): void {
    const { meta, taken } = this.#options
    if (pages !== overflowPagesOf(bytes, meta.pageBytes)) {
      throw new PageError(`has ${bytes} bytes on ${pages} pages`)
    }
    taken.add(page, pages)
    this.#found.overflowPages += pages
  }

  /** The root says how much there is. */
  #compareCounts(): void {
    const { root, onFault } = this.#options
    const { branchPages, leafPages, overflowPages, entries } = this.#found
    for (const [what, found, said] of [
      ['branches', branchPages, root.branchPages],
      ['leaves', leafPages, root.leafPages],
      ['overflow pages', overflowPages, root.overflowPages],
      ['entries', entries, root.entries],
    ] as const) {
      if (found === said) continue
      this.#isSound = false
      onFault(`the meta page says that there are ${said} ${what}, and there are ${found}`)
    }
  }

  #trying(page: number, step: () => void): void {
    try {
      step()
    } catch (error) {
      if (!(error instanceof PageError)) throw error
      this.#isSound = false
      this.#options.onFault(`page ${page} ${error.message}`)
    }
  }
}
