import type { RecordedEvent } from '../domain.ts'
import { CorruptLogError } from '../errors.ts'

/** The newest event of one order. */
interface Head {
  readonly eventId: number
  readonly version: number
}

/** The last moment that ISO 8601 has in four digits of a year. */
const timeMax = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * Checks the events of a log, one after the other from its first on: each has the next eventId, and
 * follows its order's one before, in its version too.
 */
export class ChainChecks {
  readonly #heads = new Map<string, Head>()
  #head: number

  constructor(firstEventId: number) {
    this.#head = firstEventId - 1
  }

  /** eventId of the last event that was taken; that before the first where none was. */
  get head(): number {
    return this.#head
  }

  /** How many orders there are. */
  get orders(): number {
    return this.#heads.size
  }

  /**
   * Takes the next event. Where it throws, nothing has changed.
   *
   * @throws {CorruptLogError} if it cannot be what was written
   */
  take(event: RecordedEvent): void {
    this.check(event)
    const { orderId, eventId, version } = event
    this.#heads.set(orderId, { eventId, version })
    this.#head = eventId
  }

  /** Throws what `take` does, and takes nothing. */
  check({ orderId, eventId, previousEventId, version, recordedAt }: RecordedEvent): void {
    if (eventId !== this.#head + 1) {
      throw new CorruptLogError(this.#head + 1, `event ${eventId} is in its place`)
    }
    const before = this.#heads.get(orderId)
    if (previousEventId !== (before?.eventId ?? null)) {
      const [said, newest] = [previousEventId ?? 'nothing', before?.eventId ?? 'none']
      const what = `it follows ${said}, and the newest of its order ${orderId} is ${newest}`
      throw new CorruptLogError(eventId, what)
    }
    const due = (before?.version ?? 0) + 1
    if (version !== due) {
      throw new CorruptLogError(
        eventId,
        `it has version ${version}, and its order's next is ${due}`,
      )
    }
    if (!Number.isSafeInteger(recordedAt) || recordedAt < 0 || recordedAt > timeMax) {
      throw new CorruptLogError(eventId, `its time is ${recordedAt}, which is none`)
    }
  }
}
