import { Presets, SingleBar } from 'cli-progress'

/** How far something has come; shown on a terminal where it takes longer than `afterMs`. */
export class ReplayBar {
  readonly #stream: NodeJS.WriteStream
  readonly #afterMs: number
  readonly #what: string
  readonly #unit: string
  readonly #startedAt = Date.now()
  #bar: SingleBar | undefined

  /** @param unit what `done` and `total` count */
  constructor(
    stream: NodeJS.WriteStream,
    afterMs: number,
    what = 'Reading the log',
    unit = 'events',
  ) {
    this.#stream = stream
    this.#afterMs = afterMs
    this.#what = what
    this.#unit = unit
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
        format: `${this.#what} {bar} {percentage}% | {value} of {total} ${this.#unit} | {eta} s left`,
        clearOnComplete: true,
        hideCursor: true,
      },
      Presets.rect,
    )
    bar.start(total, 0)
    return bar
  }
}
