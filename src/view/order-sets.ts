import type { BitsPart } from '../checkpoint/cut.ts'
import { bitsPerRecord } from '../checkpoint/stored/layout.ts'
import { Bitset } from './bitset.ts'

/** Sets of orders by a name, such as their status: by place, a bit each. */
export class OrderSets {
  readonly #sets = new Map<string, Bitset>()

  put({ name, part, words }: BitsPart): void {
    this.named(name).put(part, words)
  }

  /** The set of a name; made where there is none. */
  named(name: string): Bitset {
    const known = this.#sets.get(name)
    if (known) return known
    const members = new Bitset(bitsPerRecord)
    this.#sets.set(name, members)
    return members
  }

  has(name: string, place: number): boolean {
    return this.#sets.get(name)?.has(place) ?? false
  }

  sizeOf(name: string): number {
    return this.#sets.get(name)?.size ?? 0
  }

  /** The members of one set from a place on, ascending. */
  from(name: string, place: number): Iterable<number> {
    return this.#sets.get(name)?.from(place) ?? []
  }

  names(): Iterable<string> {
    return this.#sets.keys()
  }

  /** What has changed since the last call. */
  cut(): BitsPart[] {
    const parts: BitsPart[] = []
    for (const [name, members] of this.#sets) {
      for (const part of members.takeChanged()) {
        parts.push({ name, part, words: members.part(part) })
      }
    }
    return parts
  }

  cutDropped(parts: readonly BitsPart[]): void {
    for (const { name, part } of parts) this.named(name).markChanged(part)
  }
}

/** The numbers of several ascending lists, ascending, each once. */
export function* union(lists: readonly Iterable<number>[]): Generator<number> {
  const heads = lists.map((list) => {
    const iterator = list[Symbol.iterator]()
    return { iterator, next: iterator.next() }
  })
  while (true) {
    let least = Number.POSITIVE_INFINITY
    for (const { next } of heads) if (!next.done && next.value < least) least = next.value
    if (least === Number.POSITIVE_INFINITY) return
    yield least
    for (const head of heads) {
      if (!head.next.done && head.next.value === least) head.next = head.iterator.next()
    }
  }
}
