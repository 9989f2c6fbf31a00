import type { RecordedEvent } from '../domain.ts'
import { CorruptLogError, StaleHeadError } from '../errors.ts'
import { freezePlain } from '../frozen.ts'
import { assertFollows, walkBack } from './batch.ts'
import type { EventLog } from './event-log.ts'

export interface MemoryLogOptions {
  readonly epoch?: string
  readonly firstEventId?: number
}

/** Events in one batch of a read. */
const readBatchEvents = 1000

/** A log that lasts as long as the process: for tests, simulations and benchmarks. */
export class MemoryLog implements EventLog {
  readonly epoch: string
  readonly firstEventId: number
  readonly appendsMax: number = 2
  readonly #events: RecordedEvent[] = []

  constructor({ epoch = 'memory', firstEventId = 1 }: MemoryLogOptions = {}) {
    this.epoch = epoch
    this.firstEventId = firstEventId
  }

  get head(): number {
    return this.firstEventId - 1 + this.#events.length
  }

  async append(batch: readonly RecordedEvent[], expectedHead: number): Promise<void> {
    assertFollows(batch, expectedHead)
    if (this.head !== expectedHead) throw new StaleHeadError(expectedHead)
    for (const event of batch) {
      // Who reads it is given the very one.
      freezePlain(event)
      this.#events.push(event)
    }
  }

  readBack(eventId: number, batchEventsMax: number): AsyncGenerator<readonly RecordedEvent[]> {
    return walkBack(eventId, batchEventsMax, (next) => this.#events[next - this.firstEventId])
  }

  read(from: number): AsyncGenerator<readonly RecordedEvent[]> {
    return this.#read(Math.max(0, Math.ceil(from) - this.firstEventId), this.#events.length)
  }

  /** Nobody else can reach it. */
  check(): void {}

  async close(): Promise<void> {}

  async *#read(start: number, end: number): AsyncGenerator<readonly RecordedEvent[]> {
    let index = start
    while (index < end) {
      const batch = this.#events.slice(index, Math.min(end, index + readBatchEvents))
      for (const [offset, event] of batch.entries()) {
        const expected = this.firstEventId + index + offset
        if (event.eventId !== expected) throw new CorruptLogError(expected, 'it is another event')
      }
      index += batch.length
      yield batch
    }
  }
}
