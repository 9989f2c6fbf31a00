import type { RecordedEvent } from '../domain.ts'

/** The append-only record of everything that happened, in one total order. */
export interface EventLog {
  /**
   * Names this log, so that a cursor of another one is told from one of this. Made with the log;
   * a copy that is written gets its own.
   */
  readonly epoch: string

  /** The eventId of the first event, chosen when the log is made; at least 1. */
  readonly firstEventId: number

  /** eventId of the newest durable event; `firstEventId - 1` when the log is empty. */
  readonly head: number

  /** How many appends may be under way at once. */
  readonly appendsMax: number

  /**
   * Appends the batch whole or not at all, and resolves once it is durable: flushed to the disk,
   * not merely committed.
   *
   * The head is compared where the write happens, so that a second writer cannot slip in between.
   * An append may begin while earlier ones are under way; as it names the head that they lead to,
   * it cannot land where one of them did not.
   *
   * @throws {StaleHeadError} if the log is not at `expectedHead`. Nothing was written.
   * @throws {StorageFullError} if there is no room, and surely nothing was written. The log can be
   * appended to again once all appends under way have ended.
   * @throws {LogLostError} if it was written to what is not there any more, or surely not written
   * @throws {AppendUnknownError} if it failed in any other way. It may have been written; the log
   * takes no more appends, and the next one to open it reads what is true.
   */
  append(batch: readonly RecordedEvent[], expectedHead: number): Promise<void>

  /**
   * Yields the event with this id, then the one that it names as its order's before, and so on back
   * to the order's first, newest first, in batches of at most `batchEventsMax`. Nothing where the
   * log does not hold the event. Each batch is a short read of its own; whether the chain is right
   * is the reader's to check.
   *
   * @throws {CorruptLogError} if what is stored is not what was written, or if it is missing
   */
  readBack(eventId: number, batchEventsMax: number): AsyncIterable<readonly RecordedEvent[]>

  /**
   * Yields batches of events from `from` (inclusive) up to the head as it was at the call, in
   * order. Each batch is a short read of its own: a slow reader holds nothing open.
   *
   * @throws {CorruptLogError} if what is stored is not what was written, or if an eventId is missing
   */
  read(from: number): AsyncIterable<readonly RecordedEvent[]>

  /**
   * Sees whether an open log is still there for the next one to open it. Cheap; an append looks by
   * itself before it is said to be durable.
   *
   * @throws {LogLostError} if it was removed or replaced, or what it broke with before. It takes no
   * more appends
   */
  check(): void

  /**
   * Who is reading, of this process and of others; those whose process has ended are let go of. Only
   * where somebody who reads for long makes the log grow.
   */
  readers?(): readonly LogReader[]

  /**
   * Waits for the appends under way, and gives back what the log holds. One that then cannot be read
   * any more throws ClosedError at each read.
   */
  close(): Promise<void>
}

/** Somebody who reads a log. */
export interface LogReader {
  /** The process. */
  readonly pid: number
  /** Tells its readers apart. */
  readonly thread: string
  /** The commit whose state is read. What was freed since cannot be used again meanwhile. */
  readonly commit: number
}
