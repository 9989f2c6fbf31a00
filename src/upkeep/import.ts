import { isDeepStrictEqual, TextDecoder } from 'node:util'
import { defaults, importLineBytesMax } from '../config.ts'
import type { Domain, RecordedEvent } from '../domain.ts'
import {
  CorruptLogError,
  DataFolderError,
  ImportLineError,
  ReplayError,
  StorageFullError,
} from '../errors.ts'
import type { EventLog } from '../log/event-log.ts'
import { readMark } from '../log/folder/mark.ts'
import { openLogForWriting } from '../log/lmdb-log.ts'
import type { Runtime } from '../runtime.ts'
import { CloudEventError, recordedEventOf } from './cloud-event.ts'
import { EventChecks } from './event-checks.ts'
import type { OnProgress } from './progress.ts'
import { LongLineError, type TextLine, textLines } from './text-lines.ts'

export interface ImportOptions {
  /** The text, with a CloudEvent on each line. */
  readonly text: AsyncIterable<Buffer>
  /** The folder of the log; made where there is none, for a log that begins with the first event. */
  readonly folder: string
  readonly domain: Domain
  readonly runtime: Runtime
  /** Hears how much of a log that is there already was read. */
  readonly onProgress: OnProgress
}

export interface Imported {
  /** How many events were appended. */
  readonly appended: number
  /** How many the log had already. */
  readonly skipped: number
  /** The newest event of the log now; null where there was nothing to make one of. */
  readonly head: number | null
}

/**
 * Appends the events of a text to a log. Those that it has already are compared with its own, so that
 * a text of which a part was imported can be imported again. The others are checked as `verifyLog`
 * does, one by one, before they are appended.
 *
 * @throws {ImportLineError} naming the first line that cannot be taken; all before it are in the log
 * @throws {DataFolderError} if there is no room; and what `openLogForWriting` throws
 */
export async function importEvents(options: ImportOptions): Promise<Imported> {
  const importing = new Import(options)
  try {
    for await (const line of textLines(options.text, importLineBytesMax)) await importing.take(line)
  } catch (error) {
    throw error instanceof LongLineError ? importing.refusal(error.line, error.message) : error
  } finally {
    await importing.finish()
  }
  return importing.imported
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

class Import {
  readonly #options: ImportOptions
  #log: EventLog | undefined
  #checks: EventChecks | undefined
  /** The events that the log has already, from the first of the text on. */
  #stored: AsyncIterator<RecordedEvent> | undefined
  /** The eventId that the next line has. */
  #next = 0
  #batch: RecordedEvent[] = []
  #appended = 0
  #skipped = 0

  constructor(options: ImportOptions) {
    this.#options = options
  }

  get imported(): Imported {
    const head = this.#checks?.head ?? null
    return { appended: this.#appended, skipped: this.#skipped, head }
  }

  /** Refuses a line. */
  refusal(number: number, what: string): ImportLineError {
    return new ImportLineError(number, what, this.#checks?.head)
  }

  async take({ number, bytes }: TextLine): Promise<void> {
    const event = this.#eventOf(number, bytes)
    this.#checks ??= await this.#begin(number, event.eventId)
    if (event.eventId !== this.#next) {
      const what = `it is event ${event.eventId}, and ${this.#next} is the next`
      throw this.refusal(number, what)
    }
    if (event.eventId <= this.#checks.head) await this.#compare(number, event)
    else await this.#append(number, event, this.#checks)
    this.#next++
  }

  /** Appends what waits, and closes the log. */
  async finish(): Promise<void> {
    try {
      await this.#flush()
    } finally {
      await this.#log?.close()
    }
  }

  #eventOf(number: number, bytes: Buffer): RecordedEvent {
    let value: unknown
    try {
      value = JSON.parse(utf8.decode(bytes))
    } catch (error) {
      throw this.refusal(number, `it is not JSON in UTF-8 (${(error as Error).message})`)
    }
    try {
      return recordedEventOf(value, this.#options.domain.name)
    } catch (error) {
      if (!(error instanceof CloudEventError)) throw error
      throw this.refusal(number, error.message)
    }
  }

  /** Reads the log that there is; the first line has to be of an event in it, or the next one. */
  async #begin(number: number, eventId: number): Promise<EventChecks> {
    const { folder, domain, runtime, onProgress } = this.#options
    this.#next = eventId
    if (!readMark(folder)) return new EventChecks(domain, eventId)
    const log = openLogForWriting({ folder, domain: domain.name, runtime })
    this.#log = log
    const { firstEventId, head } = log
    if (eventId < firstEventId || eventId > head + 1) {
      const there = head < firstEventId ? 'none yet' : `${firstEventId} to ${head}`
      const what = `it is event ${eventId}, and ${folder} has ${there}; ${head + 1} is the next`
      throw this.refusal(number, what)
    }
    const checks = new EventChecks(domain, firstEventId)
    const total = head - firstEventId + 1
    for await (const batch of log.read(firstEventId)) {
      for (const event of batch) checks.take(event)
      onProgress({ of: 'events', done: checks.head - firstEventId + 1, total })
    }
    this.#stored = eachOf(log.read(eventId))
    return checks
  }

  async #compare(number: number, event: RecordedEvent): Promise<void> {
    const { value: stored } = (await this.#stored?.next()) ?? {}
    if (!isDeepStrictEqual(event, stored)) {
      const { folder } = this.#options
      throw this.refusal(number, `${folder} has another event ${event.eventId}`)
    }
    this.#skipped++
  }

  async #append(number: number, event: RecordedEvent, checks: EventChecks): Promise<void> {
    try {
      checks.take(event)
    } catch (error) {
      throw this.refusal(number, `event ${event.eventId} cannot be: ${whyNot(error, event)}`)
    }
    this.#batch.push(event)
    if (this.#batch.length >= defaults.batchEventsMax) await this.#flush()
  }

  async #flush(): Promise<void> {
    const batch = this.#batch
    const [first] = batch
    if (!first) return
    this.#batch = []
    const { folder, domain, runtime } = this.#options
    const firstEventId = first.eventId
    this.#log ??= openLogForWriting({ folder, domain: domain.name, firstEventId, runtime })
    const { head } = this.#log
    try {
      await this.#log.append(batch, head)
    } catch (error) {
      if (!(error instanceof StorageFullError)) throw error
      throw new DataFolderError(
        `There is no room left in ${folder}. Its log ends with event ${head}, and is sound; ` +
          'import the same again when there is room.',
        { cause: error },
      )
    }
    this.#appended += batch.length
  }
}

function whyNot(error: unknown, { type }: RecordedEvent): string {
  if (error instanceof CorruptLogError) return error.what
  if (!(error instanceof ReplayError)) throw error
  return `its order is ${error.state}, and does not take ${type}`
}

async function* eachOf(batches: AsyncIterable<readonly RecordedEvent[]>) {
  for await (const batch of batches) yield* batch
}
