import type { RecordedEvent, View } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'
import { IdTable } from './id-table.ts'
import { PlaceTable } from './place-table.ts'
import { nothingStored, type StoredOrders } from './stored/stored-orders.ts'

/** Where one order stands in the log, and how it is shown. */
export interface Head {
  readonly orderId: string
  /** eventId of its newest durable event. */
  readonly eventId: number
  /** Its number, from 0 on, in the order in which orders were placed. Never changes. */
  readonly place: number
  /** Its latest view; undefined before it is shown for the first time. */
  view: View | undefined
  /** What works on it, while something does: kept here, so that an order is looked for once. */
  user: object | undefined
}

/** Values of `since` that are no checkpoint's number. */
const lent = -2
const notKept = -1

/** The place of an order that has no durable event yet. */
const nowhere = -1

class Kept implements Head {
  readonly orderId: string
  eventId: number
  place: number
  view: View | undefined
  user: object | undefined
  /**
   * The number of the first checkpoint that has it as it is, or is going to; or `notKept`; or `lent`, which
   * is kept for as long as it has a user.
   */
  since = notKept

  constructor(orderId: string, eventId: number, place: number, view: View | undefined) {
    this.orderId = orderId
    this.eventId = eventId
    this.place = place
    this.view = view
    this.user = undefined
  }
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
  readonly #byId: IdTable<Kept>
  readonly #byPlace = new PlaceTable<Kept>()
  #size = 0
  /** How many of those in memory are lent. */
  #lentCount = 0
  readonly #stored: StoredOrders
  /** Without a checkpoint, nothing needs to be noted for one. */
  readonly #isStored: boolean
  /** In the order of their first change; so those that are new, by place. */
  readonly #changed: Kept[] = []
  /** Of the checkpoint that is begun next. */
  #next = 1
  /**
   * While one is under way: of the orders that it takes up, and that have changed since, how they were
   * shown when it was begun.
   */
  readonly #before = new Map<Head, View>()
  #isUnderWay = false
  /** Those that a checkpoint has, and that are kept all the same; oldest first. */
  readonly #resting: Resting[] = []
  #restingCount = 0

  /**
   * @param stored what the checkpoint has at the start; left out where there is to be none
   * @param seed of the hashes of ids, which nobody outside should know
   */
  constructor(stored?: StoredOrders, seed = '') {
    this.#byId = new IdTable(seed)
    this.#isStored = stored !== undefined
    this.#stored = stored ?? nothingStored(1)
    this.#size = this.#stored.size
    // V8 takes for constant what was never another, until it is, and then throws away the code for commands.
    this.dropCheckpoint(this.beginCheckpoint())
  }

  /** Begins once more with what the checkpoint has. No checkpoint is under way, and no order is used. */
  startOver(): void {
    this.#byId.clear()
    this.#byPlace.clear()
    this.#lentCount = 0
    this.#size = this.#stored.size
    this.#changed.length = 0
    this.#noneUnderWay()
    this.#resting.length = 0
    this.#restingCount = 0
  }

  /** How many orders there are. */
  get size(): number {
    return this.#size
  }

  /** How many orders are in memory, but for those that are there for their users alone. */
  get keptCount(): number {
    return this.#byId.size - this.#lentCount
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
    const head = this.find(orderId)
    return head && isPlaced(head) ? head : undefined
  }

  /** The same, and also an order that is used before it has a durable event. */
  find(orderId: string): Head | undefined {
    return this.#byId.get(orderId) ?? this.#fromStored(orderId)
  }

  /** The order at a place, if it is in memory. */
  keptAt(place: number): Head | undefined {
    return this.#byPlace.get(place)
  }

  /** Who uses an order; undefined where nobody does. */
  userOf(orderId: string): object | undefined {
    return this.#byId.get(orderId)?.user
  }

  /**
   * Notes who uses an order, and keeps it in memory until it is let go of. Nobody uses it.
   *
   * @param isNew there is no such order yet
   */
  use(orderId: string, user: object, isNew: boolean): Head {
    const known = isNew ? undefined : (this.find(orderId) as Kept | undefined)
    const head = known ?? new Kept(orderId, 0, nowhere, undefined)
    head.user = user
    if (head.since !== notKept) return head
    this.#lentCount++
    head.since = lent
    this.#remember(head)
    return head
  }

  /** Nobody uses the order any more. */
  letGoOf(head: Head): void {
    const kept = head as Kept
    kept.user = undefined
    if (kept.since !== lent) return
    this.#lentCount--
    this.#forget(kept)
  }

  /** The latest view of the order at a place, which there is. */
  viewAt(place: number): View {
    return this.#byPlace.get(place)?.view ?? this.#stored.view(place)
  }

  /**
   * Takes in an event that is durable.
   *
   * @param known the head of its order, of whoever has it: from the event before, or as its user
   * @returns the head of its order
   * @throws {CorruptLogError} if it does not follow the order's head: a wrong chain
   */
  apply({ orderId, eventId, previousEventId }: RecordedEvent, known?: Head): Head {
    const head =
      (known as Kept | undefined) ??
      (this.find(orderId) as Kept | undefined) ??
      new Kept(orderId, 0, nowhere, undefined)
    const before = isPlaced(head) ? head.eventId : null
    if (previousEventId !== before) {
      throw new CorruptLogError(
        eventId,
        `it follows ${previousEventId ?? 'nothing'}, and its order's newest is ${before ?? 'none'}`,
      )
    }
    head.eventId = eventId
    if (before === null) this.#place(head)
    return head.since === this.#next ? head : this.#keep(head)
  }

  /**
   * Those that have changed since the last call, which begins a checkpoint: those that no checkpoint has
   * by place, others anywhere between them.
   */
  beginCheckpoint(): readonly Head[] {
    this.#next++
    this.#isUnderWay = true
    return this.#changed.splice(0)
  }

  /** How an order of the checkpoint that is under way was shown when that was begun. */
  viewBefore(head: Head): View {
    return this.#before.get(head) ?? head.view!
  }

  /** The checkpoint that was begun has them as they were then. */
  endCheckpoint(heads: readonly Head[]): void {
    this.#noneUnderWay()
    this.#resting.push({ number: this.#next - 1, heads: heads as readonly Kept[], next: 0 })
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
    this.#noneUnderWay()
    const unchanged = (heads as readonly Kept[]).filter(({ since }) => since !== this.#next)
    for (const head of unchanged) head.since = this.#next
    for (const head of unchanged) this.#changed.push(head)
    this.#changed.sort((a, b) => a.place - b.place)
  }

  #fromStored(orderId: string): Kept | undefined {
    const found = this.#stored.find(orderId)
    return found && new Kept(orderId, found.view.eventId, found.place, found.view)
  }

  #place(head: Kept): void {
    head.place = this.#size++
    if (head.since === lent) this.#byPlace.add(head.place, head)
  }

  #keep(head: Kept): Head {
    if (head.since === lent) this.#lentCount--
    else if (head.since === notKept) this.#remember(head)
    else if (this.#isUnderWay && head.since === this.#next - 1) this.#before.set(head, head.view!)
    head.since = this.#next
    if (this.#isStored) this.#changed.push(head)
    return head
  }

  #noneUnderWay(): void {
    this.#isUnderWay = false
    this.#before.clear()
  }

  /** Stays in memory where it has a user. */
  #letGo(head: Kept): void {
    if (head.user) {
      head.since = lent
      this.#lentCount++
    } else this.#forget(head)
  }

  #remember(head: Kept): void {
    this.#byId.add(head)
    if (isPlaced(head)) this.#byPlace.add(head.place, head)
  }

  #forget(head: Kept): void {
    this.#byId.delete(head)
    if (isPlaced(head)) this.#byPlace.delete(head.place)
    head.since = notKept
  }
}

function isPlaced({ place }: Head): boolean {
  return place !== nowhere
}
