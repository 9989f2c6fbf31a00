import type { CheckpointFile } from '../checkpoint/stored/checkpoint-file.ts'
import { checkpointFile, openCheckpointForReading } from '../checkpoint/stored/open.ts'
import type { Domain } from '../domain.ts'
import { CheckpointDamagedError, CorruptLogError, Fault, ReplayError } from '../errors.ts'
import { Entry } from '../log/codec.ts'
import { checkEventsFile } from '../log/events-file.ts'
import { type FolderMark, markOf } from '../log/folder/mark.ts'
import { sayingWhy } from '../log/folder/reasons.ts'
import { checkReadersRight } from '../log/folder/writer-lock.ts'
import { LmdbLog } from '../log/lmdb-log.ts'
import { LmdbTree } from '../log/lmdb-tree.ts'
import { faultOf, walkFile } from '../log/pages/check-file.ts'
import { type Runtime, yieldTurn } from '../runtime.ts'
import { faultOfCheckpoint } from './checkpoint-check.ts'
import { EventChecks } from './event-checks.ts'
import type { OnProgress } from './progress.ts'

/** Something that is wrong with a log. */
export interface Finding {
  /** The event at which it was found; null where it is no event's. */
  readonly eventId: number | null
  readonly what: string
  /** Where it is of the checkpoint, and not of the log. */
  readonly of?: 'checkpoint'
}

export interface Verdict {
  readonly firstEventId: number
  /** The event up to which all are sound; `firstEventId - 1` where not even the first is. */
  readonly soundUntil: number
  /** How many orders those events are of. */
  readonly orders: number
  /** Empty where the log is sound. */
  readonly findings: readonly Finding[]
}

export interface VerifyOptions {
  readonly folder: string
  readonly domain: Domain
  /** Things that are told of the pages. */
  readonly findingsMax: number
  readonly runtime: Runtime
  readonly onProgress: OnProgress
}

/** Leaves that are read between two calls of `onProgress`. */
const leavesPerCall = 256

/**
 * Reads all of a log: the pages of its file; then of its events the checksums, eventIds, chains,
 * versions and forms, and whether the machines of their orders take them, up to the first event with
 * which something is wrong; and whether the checkpoint, where there is one that a start would go on
 * from, has what they lead to.
 *
 * Reads only, also beside a process that writes. While it looks at the pages it holds a read
 * transaction, so that the file may grow by what is written in the meantime.
 *
 * @throws {DataFolderError} if the folder holds no log of this domain, or it cannot be read
 */
export async function verifyLog(options: VerifyOptions): Promise<Verdict> {
  const { folder, domain, findingsMax, onProgress } = options
  const mark = markOf(folder, domain.name)
  checkReadersRight(folder)
  const checks = new EventChecks(domain, mark.firstEventId)
  const findings: Finding[] = []
  try {
    sayingWhy(folder, () => checkEventsFile(folder))
    const tree = sayingWhy(folder, () => new LmdbTree(folder, { readOnly: true }))
    try {
      const faults = tree.pinned(() => pageFaults(folder, mark, onProgress))
      for (const fault of faults.slice(0, findingsMax)) findings.push(findingOf(fault))
      if (faults.length > 0) tree.pinned(() => takeFromPages(folder, mark, checks))
      else {
        const log = new LmdbLog(folder, mark, tree)
        await takeFromLog(log, checks, options)
        findings.push(...(await checkpointFindings(log, options)))
      }
    } finally {
      await tree.close()
    }
  } catch (error) {
    // What the system does not let it read says nothing of the log.
    if (!(error instanceof Fault) || error.cause instanceof Error) throw error
    findings.push(findingOf(error))
  }
  const { head: soundUntil, orders } = checks
  return { firstEventId: mark.firstEventId, soundUntil, orders, findings: inOrder(findings) }
}

/** What is wrong with the checkpoint of a log that is sound. */
async function checkpointFindings(log: LmdbLog, options: VerifyOptions): Promise<Finding[]> {
  const { folder, domain } = options
  let file: CheckpointFile | undefined
  try {
    file = await openCheckpointForReading(folder, log, domain)
    const fault = file && (await faultOfCheckpoint({ ...options, file, log }))
    return fault === undefined ? [] : [findingOfCheckpoint(fault)]
  } catch (error) {
    if (!(error instanceof CheckpointDamagedError)) throw error
    return [findingOfCheckpoint(error.what)]
  } finally {
    await file?.close()
  }
}

const findingOfCheckpoint = (why: string): Finding => ({
  eventId: null,
  what: `${checkpointFile} is damaged: ${why}. Remove it while no server runs: the next one makes it anew.`,
  of: 'checkpoint',
})

function findingOf(fault: Fault): Finding {
  const isOfEvent = fault instanceof CorruptLogError || fault instanceof ReplayError
  return { eventId: isOfEvent ? fault.eventId : null, what: fault.message }
}

/** By eventId, as the first is what counts; what is no event's at the end. Each once. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const each = new Map(findings.map((finding) => [finding.what, finding]))
  const last = Number.POSITIVE_INFINITY
  return [...each.values()].sort((a, b) => (a.eventId ?? last) - (b.eventId ?? last))
}

function pageFaults(folder: string, mark: FolderMark, onProgress: OnProgress): Fault[] {
  const faults: Fault[] = []
  walkFile(folder, mark, {
    onFault: (fault) => faults.push(faultOf(folder, fault)),
    onLeaf: (done, total) => {
      if (done % leavesPerCall === 0) onProgress({ of: 'pages', done, total })
    },
  })
  return faults
}

/** Takes the events up to the first page that is not sound, without LMDB, which could fall there. */
function takeFromPages(folder: string, mark: FolderMark, checks: EventChecks): void {
  walkFile(folder, mark, {
    onFault: (fault) => {
      throw faultOf(folder, fault)
    },
    onEntry: ({ first, at, bytes }, file) => {
      const stored = Buffer.alloc(bytes)
      file.read(at, stored)
      const entry = new Entry(first, stored)
      for (let eventId = first; eventId <= entry.last; eventId++) checks.take(entry.event(eventId))
    },
  })
}

async function takeFromLog(
  log: LmdbLog,
  checks: EventChecks,
  { runtime, onProgress }: VerifyOptions,
): Promise<void> {
  const total = log.head - log.firstEventId + 1
  let done = 0
  try {
    for await (const batch of log.read(log.firstEventId)) {
      for (const event of batch) checks.take(event)
      done += batch.length
      onProgress({ of: 'events', done, total })
      await yieldTurn(runtime)
    }
  } catch (error) {
    // A batch that holds a damaged event was not given out; those before it may be worse.
    if (error instanceof CorruptLogError) await takeUntil(log, checks, error.eventId)
    throw error
  }
}

async function takeUntil(log: LmdbLog, checks: EventChecks, end: number): Promise<void> {
  for (let eventId = checks.head + 1; eventId < end; eventId++) {
    for await (const [event] of log.readBack(eventId, 1)) {
      if (event) checks.take(event)
      break
    }
  }
}
