import { Presets, SingleBar } from 'cli-progress'

/** How far a read of the log has come; shown on a terminal where it takes longer than `afterMs`. */
export class ReplayBar {
  readonly #stream: NodeJS.WriteStream
  readonly #afterMs: number
  readonly #startedAt = Date.now()
  #bar: SingleBar | undefined

  constructor(stream: NodeJS.WriteStream, afterMs: number) {
    this.#stream = stream
    this.#afterMs = afterMs
  }

  show({ done, total }: { readonly done: number; readonly total: number }): void {
    if (!this.#bar && Date.now() - this.#startedAt >= this.#afterMs) this.#bar = this.#start(total)
    this.#bar?.update(done)
    // What is written next finds a line of its own.
    if (done >= total) this.end()
  }

  end(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }

  #start(total: number): SingleBar {
    const bar = new SingleBar(
      {
        stream: this.#stream,
        format: 'Reading the log {bar} {percentage}% | {value} of {total} events | {eta} s left',
        clearOnComplete: true,
        hideCursor: true,
      },
      Presets.rect,
    )
    bar.start(total, 0)
    return bar
  }
}
