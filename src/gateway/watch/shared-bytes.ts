/**
 * Texts and frames that several watchers are sent, made once. They are kept from one change to the
 * next, and no more than a bound of them: watchers that are behind, each at a place of its own, must
 * not fill the memory.
 */
export class SharedBytes {
  readonly #bytesMax: number
  readonly #texts = new Map<object, string>()
  readonly #frames = new Map<string, Buffer>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The JSON of a view or an event, in the form that it has on the wire. */
  text<Value extends object>(value: Value, onWire: (value: Value) => object = itself): string {
    const known = this.#texts.get(value)
    if (known !== undefined) return known
    const text = JSON.stringify(onWire(value))
    this.#remember(text.length)
    this.#texts.set(value, text)
    return text
  }

  /** The frame that `make` makes, or the same bytes again where another watcher was sent them. */
  frame(key: string, make: () => string): Buffer {
    const known = this.#frames.get(key)
    if (known) return known
    const frame = Buffer.from(make())
    this.#remember(frame.length)
    this.#frames.set(key, frame)
    return frame
  }

  forget(): void {
    this.#frames.clear()
    this.#texts.clear()
    this.#bytes = 0
  }

  #remember(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#bytesMax) this.forget()
  }
}

const itself = <Value>(value: Value): Value => value
