import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordedEvent } from '../../domain.ts'
import { salvageFiles } from '../../log/folder/data-folder.ts'
import { cloudEventOf } from '../cloud-event.ts'
import type { Range } from './ranges.ts'

/** Events that have other eventIds in the new log. */
export interface Renumbered extends Range {
  /** The new eventId of the first of them; the others follow. */
  readonly now: number
}

/** An order that lacks events: it is as it was before the first of them. */
export interface CutOrder {
  readonly orderId: string
  /** The version that it has in the new log; 0 where it is not in it. */
  readonly version: number
  /** How many of its events were found, and are not in the new log. */
  readonly leftOut: number
  /** The first of those, and why it is not. */
  readonly eventId: number
  readonly why: string
}

/** What a salvage kept and what it did not, with the eventIds that the events had. */
export interface SalvageReport {
  readonly source: string
  /** The epoch of the damaged log; null where its mark cannot be read. */
  readonly sourceEpoch: string | null
  /** Its newest event; null where the way to it is damaged, so that later ones may be lost, too. */
  readonly sourceHead: number | null
  readonly epoch: string
  readonly domain: string
  /** The eventIds of the new log's first event and its last. */
  readonly firstEventId: number
  readonly head: number
  /** How many events it has. */
  readonly kept: number
  /** Of which nothing sound was found. */
  readonly lost: readonly Range[]
  /** What can still be read of some of those: not to be relied on. */
  readonly clues: readonly {
    readonly eventId: number
    readonly type: string
    readonly orderId: string
  }[]
  /** That were found, and cannot follow what was kept. */
  readonly leftOut: readonly Range[]
  readonly renumbered: readonly Renumbered[]
  /** Orders that are known to lack events. */
  readonly orders: readonly CutOrder[]
  /** Lost events that no later one names: of any order they may have been the newest. */
  readonly ofUnknownOrders: readonly Range[]
  /** Events that were kept though the tree of the log does not lead to them. */
  readonly foundAstray: readonly Range[]
}

/** Writes the report beside the new log. */
export function writeReport(folder: string, report: SalvageReport): void {
  writeFileSync(join(folder, salvageFiles.report), `${JSON.stringify(report, null, 2)}\n`)
}

/** The events that were left out, beside the new log: a file that is there once there is one. */
export class LeftOutFile {
  readonly #path: string
  readonly #lineOf: (event: RecordedEvent) => string
  #file: number | undefined

  /** @param epoch of the damaged log, where it is known */
  constructor(folder: string, domain: string, epoch: string | undefined) {
    this.#path = join(folder, salvageFiles.leftOut)
    this.#lineOf = (event) => JSON.stringify(cloudEventOf(event, domain, epoch ?? 'unknown'))
  }

  write(events: readonly RecordedEvent[]): void {
    this.#file ??= openSync(this.#path, 'wx')
    for (const event of events) writeSync(this.#file, `${this.#lineOf(event)}\n`)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }
}
