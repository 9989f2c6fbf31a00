/**
 * The first proof: nothing that names an event leaves the process before the flush that holds the event
 * has ended. A receipt is such a thing, and so are views, events, and the head in a greeting. And each
 * receipt is that of the event that it names, as it stands in the log in the end.
 */
import { join } from 'node:path'
import { type DiskFile, sectorBytes, type WriteNumber } from './disk/disk-file.ts'
import { walk } from './disk/walk.ts'
import { claimOf } from './recording/frames.ts'
import type { Recording } from './recording/recording.ts'

/** Where things stand in a meta page of LMDB; the file begins with two. See src/log/events-file.ts. */
const pageBytes = 4096
const entriesOffset = 128
const metas = [0, pageBytes]
const metaSectors: ReadonlySet<number> = new Set(metas.map((at) => at / sectorBytes))

export interface SaidCounts {
  /** Messages that name an event. */
  readonly messages: number
  /** Of these, receipts. */
  readonly receipts: number
  /** Those that came before their time. */
  readonly wrong: readonly string[]
}

/** A commit: from its meta page on, the log reaches to `head`. */
interface Commit {
  readonly write: WriteNumber
  readonly sector: number
  readonly head: number
}

export function checkSaid(recording: Recording): SaidCounts {
  const path = join(recording.data, 'events.mdb')
  const wrong: string[] = []
  let commits: readonly Commit[] = []
  let durable = 0
  let messages = 0
  let receipts = 0
  for (const { disk, step, told } of walk(recording)) {
    if (step.kind === 'gone') continue
    const { change } = step.operation
    const file = disk.file(path)
    if (change.kind === 'write' && change.path === path && step.kind === 'begin') {
      const commit = commitOf(file!, change.at, disk.lastWrite, recording.entries)
      if (commit) commits = [...commits, commit]
    }
    if (file && step.kind === 'end' && change.kind !== 'tell') {
      const done = commits.filter((commit) => isDone(file, commit))
      durable = Math.max(durable, ...done.map(({ head }) => head))
      commits = commits.filter((commit) => !done.includes(commit))
    }
    if (!told || told.begins === 0) continue
    messages += told.messages.filter((text) => claimOf(text) > 0).length
    const given = told.messages.filter((text) => text.includes('"replayed":'))
    receipts += given.length
    for (const text of given) {
      if (!isOfItsEvent(text, recording.events)) wrong.push(`no event is as it says: ${text}`)
    }
    if (told.begins <= durable) continue
    const [first = ''] = told.messages
    const line = `line ${step.operation.begins + 1} of the trace of process ${step.process}`
    wrong.push(`event ${told.begins} is named, and ${durable} is durable, at ${line}: ${first}`)
  }
  return { messages, receipts, wrong }
}

/** True where a receipt says of its event what the log says. */
function isOfItsEvent(text: string, events: readonly string[]): boolean {
  const { eventId, ...said } = JSON.parse(text).result
  const event = JSON.parse(events[eventId - 1] ?? '{}')
  const names = ['orderId', 'version', 'recordedAt']
  return event.eventId === eventId && names.every((name) => event[name] === said[name])
}

/** The commit that a write of a meta page is; undefined for any other write. */
function commitOf(
  { cached }: DiskFile,
  at: number,
  write: WriteNumber,
  entries: readonly number[],
): Commit | undefined {
  const meta = metas.find((start) => at >= start && at < start + sectorBytes)
  if (meta === undefined) return undefined
  const count = Number(cached.readBigUInt64LE(meta + entriesOffset))
  return { write, sector: meta / sectorBytes, head: entries[count - 1] ?? 0 }
}

/** Its meta page is on the disk, and so is everything that was written before it. */
const isDone = (file: DiskFile, { write, sector }: Commit) =>
  file.isDurable(sector, write) && file.oldestPending(metaSectors) > write
