/** What is found by an id of its own. */
export interface Named {
  readonly orderId: string
}

/** Slots at the beginning; always a power of two. */
export const slotsMin = 1024
/** Slots that are looked at for one id. Where so many hashes meet, what comes more is kept in a map. */
export const looksMax = 64
/** Of what is in a slot: nothing; what was taken out; else its number and this. */
const empty = 0
const gone = -1
const firstNumber = 1

/**
 * Orders by their ids, as a map has them. V8's own looks at each id that lies in the way of another, which
 * with many orders is to wait for memory several times; here their hashes lie side by side.
 */
export class IdTable<T extends Named> {
  readonly #seed: number
  /** Of each slot the hash of the id, and what there is. */
  #slots = new Int32Array(2 * slotsMin)
  #mask = slotsMin - 1
  /** How many slots are not empty. */
  #taken = 0
  /** By their numbers. */
  #items: (T | undefined)[] = []
  #free: number[] = []
  #size = 0
  readonly #crowded = new Map<string, T>()

  /** @param seed makes the hashes others than anyone outside can know, who chooses ids */
  constructor(seed: string) {
    this.#seed = hashOf(seed, seed.length)
  }

  get size(): number {
    return this.#size
  }

  /** How many ids there is a place for, half of which are used. */
  get slots(): number {
    return this.#mask + 1
  }

  get(orderId: string): T | undefined {
    const hash = hashOf(orderId, this.#seed)
    const slots = this.#slots
    const mask = this.#mask
    for (let slot = hash & mask, looks = 0; looks < looksMax; slot = (slot + 1) & mask, looks++) {
      const number = slots[2 * slot + 1]!
      if (number === empty) break
      if (slots[2 * slot] !== hash || number === gone) continue
      const item = this.#items[number - firstNumber]!
      if (item.orderId === orderId) return item
    }
    return this.#crowded.size === 0 ? undefined : this.#crowded.get(orderId)
  }

  /** Takes in one of whose id there is none. */
  add(item: T): void {
    this.#size++
    if (2 * (this.#taken + 1) > this.#mask) this.#makeRoom()
    const hash = hashOf(item.orderId, this.#seed)
    const slot = this.#freeSlot(hash)
    if (slot === undefined) {
      this.#crowded.set(item.orderId, item)
      return
    }
    const number = this.#free.pop() ?? this.#items.length + firstNumber
    this.#items[number - firstNumber] = item
    this.#put(slot, hash, number)
  }

  /** Takes out one that there is. */
  delete(item: T): void {
    this.#size--
    const hash = hashOf(item.orderId, this.#seed)
    const slots = this.#slots
    for (let look = 0; look < looksMax; look++) {
      const slot = (hash + look) & this.#mask
      const number = slots[2 * slot + 1]!
      if (number === empty) break
      if (slots[2 * slot] !== hash || number === gone) continue
      if (this.#items[number - firstNumber] !== item) continue
      slots[2 * slot + 1] = gone
      this.#items[number - firstNumber] = undefined
      this.#free.push(number)
      return
    }
    this.#crowded.delete(item.orderId)
  }

  clear(): void {
    this.#slots = new Int32Array(2 * slotsMin)
    this.#mask = slotsMin - 1
    this.#taken = 0
    this.#items = []
    this.#free = []
    this.#size = 0
    this.#crowded.clear()
  }

  #freeSlot(hash: number): number | undefined {
    for (let look = 0; look < looksMax; look++) {
      const slot = (hash + look) & this.#mask
      if (this.#slots[2 * slot + 1]! <= empty) return slot
    }
    return undefined
  }

  #put(slot: number, hash: number, number: number): void {
    if (this.#slots[2 * slot + 1] === empty) this.#taken++
    this.#slots[2 * slot] = hash
    this.#slots[2 * slot + 1] = number
  }

  /** Half of the slots stay empty: twice as many of them, or as many without what is gone. */
  #makeRoom(): void {
    const before = this.#slots
    const count = this.#items.length - this.#free.length
    const slots = 4 * count > this.#mask ? 2 * (this.#mask + 1) : this.#mask + 1
    this.#slots = new Int32Array(2 * slots)
    this.#mask = slots - 1
    this.#taken = 0
    for (let at = 0; at < before.length; at += 2) {
      const number = before[at + 1]!
      if (number < firstNumber) continue
      const hash = before[at]!
      const slot = this.#freeSlot(hash)
      if (slot !== undefined) {
        this.#put(slot, hash, number)
        continue
      }
      const item = this.#items[number - firstNumber]!
      this.#crowded.set(item.orderId, item)
      this.#items[number - firstNumber] = undefined
      this.#free.push(number)
    }
  }
}

/** Multiplies in two characters at a time, and mixes as MurmurHash3 ends (public domain, 2011). */
export function hashOf(text: string, seed: number): number {
  const { length } = text
  let hash = seed ^ length
  let at = 0
  for (; at + 1 < length; at += 2) {
    const two = text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 16)
    hash = Math.imul(hash ^ two, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  if (at < length) hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  return hash
}
