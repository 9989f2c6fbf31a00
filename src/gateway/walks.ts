import type { Config } from '../config.ts'
import type { View } from '../domain.ts'
import type { ReadAnswer } from './reads.ts'
import { overloaded } from './refusals.ts'

/**
 * The reads, over all sockets, that walk through a long history. Each is done in slices, so it is
 * their number that decides how long everybody else waits: it is bounded, and more wait their turn.
 */
export class Walks {
  readonly #config: Config
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(config: Config) {
    this.#config = config
  }

  /** Short ones are read at once; the long ones wait for each other. */
  of({ version }: View, walk: () => Promise<ReadAnswer>): Promise<ReadAnswer> {
    return version > this.#config.eventsPerTurnMax ? this.run(walk) : walk()
  }

  /** The answer of `walk`, when it has had its turn; OVERLOADED where too many wait already. */
  async run(walk: () => Promise<ReadAnswer>): Promise<ReadAnswer> {
    const { walksMax, walksWaitingMax } = this.#config
    if (this.#running < walksMax) this.#running++
    else if (this.#waiting.length >= walksWaitingMax) {
      return overloaded(
        `${walksWaitingMax} long histories wait to be read. Try again a little later.`,
      )
    } else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await walk()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
