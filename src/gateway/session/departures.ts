import type { Runtime } from '../../runtime.ts'

/** What leaves in two steps. */
export interface Departing {
  /** Makes ready what is to be sent. */
  load(): void
  /** Sends what was made ready. */
  leave(): void
}

/**
 * Whatever is to be sent in this tick, by all sockets: first all of it is made ready, then all of it
 * is written. Writes close together cost half of what they do with other work between them, as who
 * reads has no time to fall asleep, and need not be woken for each.
 */
export class Departures {
  readonly #runtime: Runtime
  #due: Departing[] = []

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** Has it leave at the end of this tick; to be called once a tick. */
  add(departing: Departing): void {
    if (this.#due.push(departing) === 1) this.#runtime.soon(() => this.#depart())
  }

  #depart(): void {
    const due = this.#due
    this.#due = []
    try {
      for (const departing of due) departing.load()
    } finally {
      for (const departing of due) departing.leave()
    }
  }
}
