import type { Cut, Cuttable } from '../checkpoint/cut.ts'
import type { EventPlaces } from '../checkpoint/event-places.ts'
import type { OrderHeads } from '../checkpoint/heads.ts'
import type { View } from '../domain.ts'
import type { OrderIndex } from './order-index.ts'

/** What is shown now. */
interface Shown<V extends View> {
  readonly index: OrderIndex<V>
  readonly places: EventPlaces
  /** Of the newest event. */
  readonly eventId: number
}

export interface CutsOptions<V extends View> {
  readonly heads: OrderHeads
  readonly shown: () => Shown<V>
  readonly ownerOf: (view: V) => string | null
}

/** What checkpoints take of OrderView. */
export class Cuts<V extends View> implements Cuttable {
  readonly #options: CutsOptions<V>

  constructor(options: CutsOptions<V>) {
    this.#options = options
  }

  get changedCount(): number {
    return this.#options.heads.changedCount
  }

  cut(): Cut | undefined {
    if (this.changedCount === 0) return undefined
    const { heads } = this.#options
    const { index, places, eventId } = this.#options.shown()
    const { orderId, version, updatedAt } = heads.viewAt(places.at(eventId))
    const changed = heads.beginCheckpoint()
    return {
      ...{ eventId, heads: changed, orders: heads.size },
      newest: { orderId, version, recordedAt: updatedAt },
      viewOf: (head) => heads.viewBefore(head),
      ...index.cut(),
      places: places.words.slice(),
    }
  }

  cutWritten(cut: Cut): void {
    const { heads } = this.#options
    const { index, places } = this.#options.shown()
    heads.endCheckpoint(cut.heads)
    places.letGo(cut.places.length)
    index.cutWritten()
  }

  cutDropped(cut: Cut): void {
    this.#options.heads.dropCheckpoint(cut.heads)
    this.#options.shown().index.cutDropped(cut)
  }

  letGo(keptMax: number, countMax: number): boolean {
    return this.#options.heads.letGo(keptMax, countMax)
  }

  ownerOf(view: View): string | null {
    return this.#options.ownerOf(view as V)
  }
}
