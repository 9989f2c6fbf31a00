import { aborted, type ClientError } from '../errors.ts'
import { tell } from '../listeners.ts'
import { onAborted } from '../signals.ts'

const nothing = () => {}

/** Where a feed's items come from, and what ends it there. */
export interface FeedSource<T> {
  /** The next item; undefined where there is none yet. */
  take(): T | undefined
  stop(): void
}

/**
 * Items that come with time, for `for await`. It ends quietly when it is left, when its signal is
 * aborted and when the client is closed by its program, and throws where something else ends it.
 */
export class Feed<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #source: FeedSource<T>
  readonly #wakers = new Set<() => void>()
  #release = nothing
  #isOver = false
  #error: ClientError | undefined

  constructor(source: FeedSource<T>) {
    this.#source = source
  }

  /** Ends it when the signal is aborted. */
  endOn(signal: AbortSignal | undefined): this {
    this.#release = onAborted(signal, () => this.#stop())
    return this
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const item = this.#isOver && !this.#error ? undefined : this.#source.take()
      if (item !== undefined) return { value: item, done: false }
      if (this.#isOver) return this.#last()
      await new Promise<void>((resolve) => this.#wakers.add(resolve))
    }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#stop()
    return { value: undefined, done: true }
  }

  /** There may be something to take. */
  wake(): void {
    const wakers = [...this.#wakers]
    this.#wakers.clear()
    for (const waker of wakers) waker()
  }

  /** The source gives no more; what it has is still taken. */
  end(error: ClientError): void {
    if (this.#isOver) return
    this.#isOver = true
    if (error.reason !== 'CLOSED' && error.reason !== 'ABORTED') this.#error = error
    this.#release()
    this.wake()
  }

  #last(): IteratorResult<T, undefined> {
    const error = this.#error
    this.#error = undefined
    if (error) throw error
    return { value: undefined, done: true }
  }

  #stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#release()
    this.#source.stop()
    this.wake()
  }
}

/** The callback form of a feed. */
export interface Watching {
  /**
   * Resolves when it was cancelled, its signal aborted or the client closed by its program; rejects
   * where something else ended it, or the listener threw. It need not be looked at: `onError` is told
   * the same, and where nobody asks for either, there is no unhandled rejection.
   */
  readonly ended: Promise<void>
  /** Ends it, quietly: the listener is called no more. */
  cancel(): void
}

/** Hands each item to the listener, one after the other; a promise that it returns is waited for. */
export function listen<T>(
  feed: Feed<T>,
  listener: (item: T) => unknown,
  onError: (error: unknown) => void = nothing,
): Watching {
  const run = async () => {
    for await (const item of feed) await listener(item)
  }
  const ended = run()
  // Seen to here, so that it is not an unhandled one where nobody asks for it.
  ended.catch((error) => tell(onError, error))
  return { ended, cancel: () => void feed.return() }
}

/** @throws {ClientError} `ABORTED` where the signal is aborted already */
export function expectNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}
