/** Chooses what of all that was not flushed has reached the disk. */
import type { Chance } from '../../soak/chance.ts'
import type { DiskReach } from '../disk/disk.ts'
import { type PendingSector, sectorBytes, type WriteNumber } from '../disk/disk-file.ts'

const sectorsOfPage = 4096 / sectorBytes

/** From what a kind disk does to what the unkindest may do. */
export const manners = [
  'nothing',
  'everything',
  'whole writes',
  'pages',
  'sectors',
  'all but one sector',
  'one sector alone',
  'in order',
] as const
export type Manner = (typeof manners)[number]

export class ReachByChance implements DiskReach {
  readonly manner: Manner
  readonly #chance: Chance
  /** How likely each thing is to be there, where each is by itself. */
  readonly #share: number
  readonly #isNoise: boolean
  readonly #choices = new Map<string, boolean>()
  readonly #pending: readonly PendingSector[]
  /** The one sector, and the place in the order, that the manner speaks of. */
  readonly #one: number

  /** @param pending of the one file of which single sectors are chosen */
  constructor(chance: Chance, pending: readonly PendingSector[]) {
    this.#chance = chance
    this.manner = chance.of(manners)
    this.#share = chance.of([0.1, 0.5, 0.9])
    this.#isNoise = chance.below(2) === 0
    this.#pending = inOrder(pending)
    this.#one = chance.below(Math.max(1, this.#pending.length))
  }

  name(index: number): boolean {
    if (this.manner === 'nothing') return false
    if (this.manner === 'everything') return true
    return this.#choose(`name ${index}`)
  }

  versions({ sector, writes }: PendingSector): number {
    const all = writes.length
    const { sector: chosen, writes: chosenWrites } = this.#pending[this.#one] ?? {
      sector: -1,
      writes: [],
    }
    switch (this.manner) {
      case 'nothing':
        return 0
      case 'everything':
        return all
      case 'whole writes':
        return this.#last(writes, (write) => this.#choose(`write ${write}`))
      case 'pages': {
        const page = Math.floor(sector / sectorsOfPage)
        return this.#last(writes, (write) => this.#choose(`write ${write} of page ${page}`))
      }
      case 'sectors':
        return this.#chance.below(all + 1)
      case 'all but one sector':
        return sector === chosen ? this.#chance.below(all) : all
      case 'one sector alone':
        return sector === chosen ? 1 + this.#chance.below(all) : 0
      case 'in order': {
        const until = chosenWrites[0] ?? 0
        return this.#last(writes, (write) => write < until || (write === until && sector <= chosen))
      }
    }
  }

  length(least: number, most: number): number {
    if (this.manner === 'nothing' || least === most) return least
    if (this.manner === 'everything') return most
    const between =
      least + sectorBytes * this.#chance.below(Math.ceil((most - least) / sectorBytes))
    return this.#chance.of([least, most, most, between])
  }

  fill(bytes: Buffer): void {
    if (!this.#isNoise) return
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.#chance.below(256)
  }

  /** How many versions are there, up to the last that is. */
  #last(writes: readonly WriteNumber[], isThere: (write: WriteNumber) => boolean): number {
    return writes.findLastIndex(isThere) + 1
  }

  #choose(what: string): boolean {
    const known = this.#choices.get(what)
    if (known !== undefined) return known
    const choice = this.#chance.next() < this.#share
    this.#choices.set(what, choice)
    return choice
  }
}

/** In the order in which a disk gets them that keeps to it. */
function inOrder(pending: readonly PendingSector[]): readonly PendingSector[] {
  return [...pending].sort(
    (one, other) => (one.writes[0] ?? 0) - (other.writes[0] ?? 0) || one.sector - other.sector,
  )
}
