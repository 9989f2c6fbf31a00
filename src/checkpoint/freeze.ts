import type { AnyMachineSnapshot } from 'xstate'
import { freezePlain } from '../frozen.ts'

/**
 * Freezes all of a state's context that is objects and arrays. Whatever changes it then throws where
 * it does, instead of changing what other orders, or the same one's past, are taken to be.
 */
export function freezeContext({ context }: AnyMachineSnapshot): void {
  freezePlain(context)
}

/** Freezes the contexts of the first so many states. */
export class Freezer {
  #left: number

  constructor(statesMax: number) {
    this.#left = statesMax
  }

  take(snapshot: AnyMachineSnapshot): void {
    if (this.#left === 0) return
    this.#left--
    freezeContext(snapshot)
  }
}
