/** Calls a listener. What it throws is its program's to see, and in the way of nothing here. */
export function tell<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** Who wants to be told. One that throws keeps nobody else from it. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>()

  /** Returns what takes it off again. */
  add(listener: (value: T) => void): () => void {
    // A function of its own, so that the same listener may be added twice.
    const own = (value: T) => listener(value)
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  tell(value: T): void {
    for (const listener of [...this.#listeners]) tell(listener, value)
  }

  clear(): void {
    this.#listeners.clear()
  }
}
