import type { RecordedEvent, View } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'
import { PlaceTable } from './place-table.ts'
import { nothingStored, type StoredOrders } from './stored/stored-orders.ts'

/** Where one order stands in the log, and how it is shown. */
export interface Head {
  /** eventId of its newest durable event. */
  readonly eventId: number
  /** Its number, from 0 on, in the order in which orders were placed. Never changes. */
  readonly place: number
  /** Its latest view; undefined before it is shown for the first time. */
  view: View | undefined
}

/** Values of `since` that are no checkpoint's number. */
const notKept = -1
const changed = 0

interface Kept extends Head {
  eventId: number
  /** The number of the checkpoint that has it as it is; or `changed`, or `notKept`. */
  since: number
}

/** Those that a checkpoint has, from the one on that is let go of next. */
interface Resting {
  readonly number: number
  readonly heads: readonly Kept[]
  next: number
}

/**
 * The head of every order, derived from the log: where the walk through an order's history begins.
 * Holds what is durable, and nothing that is not. Those that have changed since the last checkpoint
 * are in memory, with some more; the others are read from the checkpoint.
 */
export class OrderHeads {
  readonly #byId = new Map<string, Kept>()
  readonly #byPlace = new PlaceTable<Kept>()
  #size = 0
  readonly #stored: StoredOrders
  /** Without a checkpoint, nothing needs to be noted for one. */
  readonly #isStored: boolean
  #changed: Kept[] = []
  /** How many checkpoints were begun. */
  #number = 0
  /** Those that a checkpoint has, and that are kept all the same; oldest first. */
  readonly #resting: Resting[] = []
  #restingCount = 0

  /** @param stored what the checkpoint has at the start; left out where there is to be none */
  constructor(stored?: StoredOrders) {
    this.#isStored = stored !== undefined
    this.#stored = stored ?? nothingStored(1)
    this.#size = this.#stored.size
  }

  /** Begins once more with what the checkpoint has. No checkpoint is under way. */
  startOver(): void {
    this.#byId.clear()
    this.#byPlace.clear()
    this.#size = this.#stored.size
    this.#changed = []
    this.#resting.length = 0
    this.#restingCount = 0
  }

  /** How many orders there are. */
  get size(): number {
    return this.#size
  }

  /** How many orders are in memory. */
  get keptCount(): number {
    return this.#byId.size
  }

  /** How many orders have changed since the last checkpoint was begun. */
  get changedCount(): number {
    return this.#changed.length
  }

  get stored(): StoredOrders {
    return this.#stored
  }

  /** Undefined where there is no such order. */
  get(orderId: string): Head | undefined {
    return this.#byId.get(orderId) ?? this.#fromStored(orderId)
  }

  /** The latest view of the order at a place, which there is. */
  viewAt(place: number): View {
    return this.#byPlace.get(place)?.view ?? this.#stored.view(place)
  }

  /**
   * Takes in an event that is durable.
   *
   * @param known the head of its order that was returned for the event before, of whoever has it; null of
   * whoever knows that there was no such order
   * @returns the head of its order
   * @throws {CorruptLogError} if it does not follow the order's head: a wrong chain
   */
  apply({ orderId, eventId, previousEventId }: RecordedEvent, known?: Head | null): Head {
    const head =
      (known as Kept | null | undefined) ??
      this.#byId.get(orderId) ??
      (known === null ? undefined : this.#fromStored(orderId))
    const before = head?.eventId ?? null
    if (previousEventId !== before) {
      throw new CorruptLogError(
        eventId,
        `it follows ${previousEventId ?? 'nothing'}, and its order's newest is ${before ?? 'none'}`,
      )
    }
    if (!head) {
      return this.#keep(orderId, { eventId, place: this.#size++, view: undefined, since: notKept })
    }
    head.eventId = eventId
    return head.since === changed ? head : this.#keep(orderId, head)
  }

  /** Those that have changed since the last call, which begins a checkpoint; by place. */
  beginCheckpoint(): readonly Head[] {
    const heads = this.#changed
    this.#changed = []
    this.#number++
    for (const head of heads) head.since = this.#number
    return heads.sort((a, b) => a.place - b.place)
  }

  /** The checkpoint that was begun has them as they were then. */
  endCheckpoint(heads: readonly Head[]): void {
    this.#resting.push({ number: this.#number, heads: heads as readonly Kept[], next: 0 })
    this.#restingCount += heads.length
  }

  /**
   * Lets go of those that have not changed for the longest time, for as long as more than `keptMax`
   * are kept that need not be; of `countMax` at the most, to be called again.
   *
   * @returns whether there are more
   */
  letGo(keptMax: number, countMax: number): boolean {
    for (let count = 0; this.#restingCount > keptMax; count++) {
      if (count === countMax) return true
      const oldest = this.#resting[0]!
      const head = oldest.heads[oldest.next++]
      if (head === undefined) {
        this.#resting.shift()
        continue
      }
      this.#restingCount--
      if (head.since === oldest.number) this.#letGo(head)
    }
    return false
  }

  /** The checkpoint that was begun is not there: the next one has to have them, too. */
  dropCheckpoint(heads: readonly Head[]): void {
    for (const head of heads as readonly Kept[]) {
      if (head.since === changed) continue
      head.since = changed
      this.#changed.push(head)
    }
  }

  #fromStored(orderId: string): Kept | undefined {
    const found = this.#stored.find(orderId)
    if (!found) return undefined
    const { place, view } = found
    return { eventId: view.eventId, place, view, since: notKept }
  }

  #keep(orderId: string, head: Kept): Head {
    if (head.since === notKept) {
      this.#byId.set(orderId, head)
      this.#byPlace.add(head.place, head)
    }
    head.since = changed
    if (this.#isStored) this.#changed.push(head)
    return head
  }

  #letGo(head: Kept): void {
    this.#byId.delete(head.view!.orderId)
    this.#byPlace.delete(head.place)
    head.since = notKept
  }
}
