import type { OrderHeads } from './heads.ts'
import { WordList } from './stored/words.ts'

/** Which order each event is of, by its place: of the newest in memory, of the others in the checkpoint. */
export class EventPlaces {
  readonly #heads: OrderHeads
  /** The eventId of the first in memory. */
  #first: number
  #places = new WordList()

  constructor(heads: OrderHeads, firstEventId: number) {
    this.#heads = heads
    this.#first = firstEventId
  }

  /** Takes in the next event. */
  push(place: number): void {
    this.#places.push(place)
  }

  at(eventId: number): number {
    if (eventId < this.#first) return this.#heads.stored.placeOf(eventId)
    return this.#places.at(eventId - this.#first)
  }

  /** Those in memory. */
  get words(): Uint32Array {
    return this.#places.words
  }

  /** The checkpoint has the first so many of them. */
  letGo(count: number): void {
    this.#places = new WordList(this.#places.words.slice(count))
    this.#first += count
  }
}
