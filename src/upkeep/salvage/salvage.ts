import { existsSync } from 'node:fs'
import { defaults } from '../../config.ts'
import type { Domain, RecordedEvent } from '../../domain.ts'
import { DataFolderError, Fault } from '../../errors.ts'
import { decodeRecord } from '../../log/codec.ts'
import { eventsPath } from '../../log/events-file.ts'
import { type FolderMark, folderFormat, readSoundMark } from '../../log/folder/mark.ts'
import { sayingWhy } from '../../log/folder/reasons.ts'
import { keepWritersOut } from '../../log/folder/writer-lock.ts'
import { PageFile } from '../../log/pages/page-file.ts'
import type { Runtime } from '../../runtime.ts'
import { EventChecks } from '../event-checks.ts'
import { type Append, makeLog } from '../make-log.ts'
import type { OnProgress } from '../progress.ts'
import { type Found, findRecords } from './find.ts'
import { Ranges } from './ranges.ts'
import { LeftOutFile, type SalvageReport, writeReport } from './report.ts'
import { Sorting } from './sorting.ts'

export interface SalvageOptions {
  /** The folder of the damaged log. Nothing in it is changed. */
  readonly source: string
  /** The folder of the new one, which is empty or does not exist yet. */
  readonly target: string
  readonly domain: Domain
  readonly runtime: Runtime
  readonly onProgress: OnProgress
}

/**
 * Makes a new log of all that is sound in a damaged one; `Sorting` decides which events are kept. What
 * is left out is told in a report, and written, beside the new log.
 *
 * @throws {DataFolderError} if there is nothing sound, or no empty folder for it
 * @throws {LogLockedError} if a process writes the damaged log
 */
export async function salvageLog(options: SalvageOptions): Promise<SalvageReport> {
  const { source, domain, onProgress } = options
  const mark = readSoundMark(source)
  if (mark && mark.domain !== domain.name) {
    throw new DataFolderError(`${source} holds the log of ${mark.domain}, not of ${domain.name}.`)
  }
  const path = eventsPath(source)
  if (!existsSync(path))
    throw new DataFolderError(`${path} is missing: there is nothing to salvage.`)
  const release = sayingWhy(source, () => keepWritersOut(source))
  const file = sayingWhy(source, () => new PageFile(path))
  try {
    const found = findRecords(file, mark?.firstEventId, onProgress)
    return await new Salvage(options, mark, file, found).run()
  } finally {
    file.close()
    release()
  }
}

class Salvage {
  readonly #options: SalvageOptions
  readonly #mark: FolderMark | undefined
  readonly #file: PageFile
  readonly #found: Found
  readonly #astray = new Ranges()

  constructor(options: SalvageOptions, mark: FolderMark | undefined, file: PageFile, found: Found) {
    this.#options = options
    this.#mark = mark
    this.#file = file
    this.#found = found
  }

  run(): Promise<SalvageReport> {
    const { source, target, domain, runtime, onProgress } = this.#options
    const firstEventId = this.#firstKept()
    if (firstEventId === undefined) {
      throw new DataFolderError(
        `There is no sound event in ${source} with which a log could begin.`,
      )
    }
    const mark = {
      format: folderFormat,
      epoch: runtime.id(),
      firstEventId,
      domain: domain.name,
      createdAt: new Date(runtime.now()).toISOString(),
      ...(this.#mark ? { copyOf: this.#mark.epoch } : {}),
    }
    return makeLog(target, mark, runtime, onProgress, async (append) => {
      const sorting = new Sorting(domain, firstEventId)
      await this.#sort(sorting, append)
      const { head, lost, leftOut, renumbered, orders, ofUnknownOrders } = sorting
      const report = {
        source,
        sourceEpoch: this.#mark?.epoch ?? null,
        sourceHead: this.#found.head ?? null,
        ...{ epoch: mark.epoch, domain: domain.name, firstEventId, head },
        kept: head - firstEventId + 1,
        ...{ lost: lost.all, leftOut: leftOut.all, renumbered, orders },
        clues: this.#cluesOf(lost),
        ofUnknownOrders: ofUnknownOrders.all,
        foundAstray: this.#astray.all,
      }
      writeReport(target, report)
      return report
    })
  }

  /** The first event that can be kept: an order begins with it. */
  #firstKept(): number | undefined {
    for (const eventId of this.#eventIds()) {
      if (this.#recordsOf(eventId).some((event) => this.#canBeFirst(event))) return eventId
    }
    return undefined
  }

  #canBeFirst(event: RecordedEvent): boolean {
    if (event.previousEventId !== null || event.version !== 1) return false
    try {
      new EventChecks(this.#options.domain, event.eventId).check(event)
      return true
    } catch (error) {
      if (error instanceof Fault) return false
      throw error
    }
  }

  /** The eventIds of which there is a record, from the log's first one to its head. */
  *#eventIds(): Generator<number> {
    const { places, head = Number.POSITIVE_INFINITY } = this.#found
    const first = this.#mark?.firstEventId ?? 1
    for (const eventId of places.eventIds()) {
      if (eventId > head) return
      if (eventId >= first) yield eventId
    }
  }

  /** What the tree leads to; where that is not sound, all that lies elsewhere. */
  #recordsOf(eventId: number): readonly RecordedEvent[] {
    const places = this.#found.places.of(eventId)
    const named = places.filter(({ isNamed }) => isNamed)
    return (named.length > 0 ? named : places).map(({ at, bytes }) => {
      const record = Buffer.alloc(bytes)
      this.#file.read(at, record)
      return decodeRecord(record, eventId)
    })
  }

  #cluesOf(lost: Ranges): SalvageReport['clues'] {
    const clues = []
    for (const { first, last } of lost.all) {
      for (let eventId = first; eventId <= last; eventId++) {
        const clue = this.#found.clues.get(eventId)
        if (clue) clues.push({ eventId, ...clue })
      }
    }
    return clues
  }

  async #sort(sorting: Sorting, append: Append): Promise<void> {
    const { target, domain, onProgress } = this.#options
    const { places, head } = this.#found
    const leftOut = new LeftOutFile(target, domain.name, this.#mark?.epoch)
    let batch: RecordedEvent[] = []
    let done = 0
    let next = this.#mark?.firstEventId
    for (const eventId of this.#eventIds()) {
      next ??= eventId
      if (eventId > next) sorting.lost.add(next, eventId - 1)
      next = eventId + 1
      const records = this.#recordsOf(eventId)
      const kept = sorting.take(records)
      if (!kept) leftOut.write(records)
      else {
        batch.push(kept)
        if (!places.of(eventId).some(({ isNamed }) => isNamed)) this.#astray.add(eventId)
      }
      done++
      if (batch.length < defaults.batchEventsMax) continue
      await append(batch)
      batch = []
      onProgress({ of: 'events', done, total: places.count })
    }
    if (batch.length > 0) await append(batch)
    if (next !== undefined && head !== undefined && next <= head) sorting.lost.add(next, head)
    leftOut.close()
  }
}
