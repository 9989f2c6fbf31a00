import { after } from '../platform.ts'

/** Runs the newest of what it is given, once nothing newer has come for a while. */
export class Later {
  readonly #ms: number
  #cancel = () => {}

  constructor(ms: number) {
    this.#ms = ms
  }

  run(what: () => void): void {
    this.#cancel()
    this.#cancel = after(this.#ms, what)
  }
}
