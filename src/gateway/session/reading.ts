import type { Socket } from './socket.ts'

/** What keeps a socket from being read: too many calls that wait, the frames they came in, or bytes. */
export type Hindrance = 'calls' | 'frames' | 'bytes'

/** Whether a socket is read from: as long as nothing hinders it, and always once it is closing. */
export class Reading {
  readonly #socket: Socket
  readonly #hindrances = new Set<Hindrance>()
  #ended = false
  #wasPaused = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get isPaused(): boolean {
    return this.#hindrances.size > 0
  }

  /** True where it was not read all the time since this was last asked. */
  wasPaused(): boolean {
    const was = this.#wasPaused
    this.#wasPaused = this.isPaused
    return was
  }

  pause(hindrance: Hindrance): void {
    if (this.#ended) return
    this.#wasPaused = true
    if (!this.isPaused) this.#socket.pause()
    this.#hindrances.add(hindrance)
  }

  /** Reads again where this was the last hindrance. */
  resume(hindrance: Hindrance): void {
    if (this.#hindrances.delete(hindrance) && !this.isPaused) this.#socket.resume()
  }

  /** Reads on whatever comes: the other side's goodbye can be behind calls that nobody takes. */
  end(): void {
    this.#ended = true
    if (this.isPaused) this.#socket.resume()
    this.#hindrances.clear()
  }
}

/** Something that waits. While there is too much of it, the socket is not read from. */
export class Backlog {
  readonly #reading: Reading
  readonly #hindrance: Hindrance
  readonly #max: number
  #size = 0

  constructor(reading: Reading, hindrance: Hindrance, max: number) {
    this.#reading = reading
    this.#hindrance = hindrance
    this.#max = max
  }

  get size(): number {
    return this.#size
  }

  add(count: number): void {
    this.#size += count
    if (this.#size >= this.#max) this.#reading.pause(this.#hindrance)
  }

  /** Reads on once half of it is gone. */
  remove(count: number): void {
    this.#size -= count
    if (this.#size * 2 < this.#max) this.#reading.resume(this.#hindrance)
  }
}
