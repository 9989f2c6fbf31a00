import type { AnyMachineSnapshot } from 'xstate'

/**
 * Freezes all of a state's context that is objects and arrays. Whatever changes it then throws where
 * it does, instead of changing what other orders, or the same one's past, are taken to be.
 */
export function freezeContext({ context }: AnyMachineSnapshot): void {
  freeze(context)
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

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  if (!isPlain) return
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
}
