import type { Writable } from 'node:stream'
import { logWaitingCharsMax } from '../config.ts'

/**
 * Lines on their way to whoever reads the log. A reader that hangs is not waited for: what waits for
 * it is bounded, and lines beyond that are dropped and counted.
 */
export class LogOutput {
  readonly #stream: Writable
  readonly #formOf: (line: string) => string
  #dropped = 0
  /** Hears how many lines were dropped, before the one that follows them is written. */
  onDropped: (lines: number) => void = () => {}

  /** @param formOf what a line of JSON is written as */
  constructor(stream: Writable, formOf = (line: string) => line) {
    this.#stream = stream
    this.#formOf = formOf
  }

  write(line: string): void {
    const text = this.#formOf(line)
    if (this.#stream.writableLength + text.length > logWaitingCharsMax) {
      this.#dropped++
      return
    }
    const dropped = this.#dropped
    this.#dropped = 0
    if (dropped > 0) this.onDropped(dropped)
    this.#stream.write(text)
  }
}
