/** Where a record of an event is in the file. */
export interface Place {
  readonly at: number
  readonly bytes: number
  readonly checksum: number
  /** Whether the tree of the log leads to it. */
  readonly isNamed: boolean
}

const idsPerBlock = 4096

/** The places of so many eventIds that follow each other: 0 bytes where there is none. */
interface Block {
  readonly at: Float64Array
  readonly bytes: Uint32Array
  readonly checksum: Uint32Array
  readonly isNamed: Uint8Array
}

/**
 * Where sound records of events are in a file, by eventId. Old copies of the same record count once:
 * they are known by their length and checksum. About 17 bytes an event.
 */
export class Places {
  readonly #blocks = new Map<number, Block>()
  /** Records that are other than the first that was found of their event. */
  readonly #others = new Map<number, Place[]>()
  #count = 0

  /** Of how many events there is one. */
  get count(): number {
    return this.#count
  }
  add(eventId: number, place: Place): void {
    const number = Math.floor(eventId / idsPerBlock)
    const index = eventId % idsPerBlock
    let block = this.#blocks.get(number)
    if (!block) {
      block = newBlock()
      this.#blocks.set(number, block)
    }
    if (block.bytes[index] === 0) {
      this.#count++
      block.at[index] = place.at
      block.bytes[index] = place.bytes
      block.checksum[index] = place.checksum
      block.isNamed[index] = place.isNamed ? 1 : 0
    } else if (this.of(eventId).every((known) => isOther(known, place))) {
      this.#others.set(eventId, [...(this.#others.get(eventId) ?? []), place])
    }
  }

  /** The eventIds of which there is one, ascending. */
  *eventIds(): Generator<number> {
    for (const number of [...this.#blocks.keys()].sort((a, b) => a - b)) {
      const { bytes } = this.#blocks.get(number)!
      for (let index = 0; index < idsPerBlock; index++) {
        if (bytes[index] !== 0) yield number * idsPerBlock + index
      }
    }
  }

  /** All that differ, the first that was found first. */
  of(eventId: number): readonly Place[] {
    const block = this.#blocks.get(Math.floor(eventId / idsPerBlock))
    const index = eventId % idsPerBlock
    if (!block || block.bytes[index] === 0) return []
    const first: Place = {
      at: block.at[index]!,
      bytes: block.bytes[index]!,
      checksum: block.checksum[index]!,
      isNamed: block.isNamed[index] === 1,
    }
    return [first, ...(this.#others.get(eventId) ?? [])]
  }
}

const newBlock = (): Block => ({
  at: new Float64Array(idsPerBlock),
  bytes: new Uint32Array(idsPerBlock),
  checksum: new Uint32Array(idsPerBlock),
  isNamed: new Uint8Array(idsPerBlock),
})

const isOther = (a: Place, b: Place) => a.bytes !== b.bytes || a.checksum !== b.checksum
