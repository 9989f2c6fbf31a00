/** What an engine is given, and the log that it says. */
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint/stored/open.ts'
import type { Config } from './config.ts'
import type { Domain } from './domain.ts'
import type { ListenOptions } from './gateway/port/listen.ts'
import type { OpenPort } from './gateway/port/server.ts'
import type { EventLog } from './log/event-log.ts'
import { LmdbLog, openLogForWriting } from './log/lmdb-log.ts'
import type { Logger } from './log-lines/log-lines.ts'
import type { Runtime } from './runtime.ts'
import type { Inspect } from './sequencer/actor-system.ts'
import type { Progress } from './view/rebuild.ts'

export interface EngineOptions {
  /** The folder of the log; made where there is none. */
  readonly data?: string
  /**
   * Whether it keeps a checkpoint beside the log of a folder, and begins with the one that is there.
   * True by default; without, all orders are in memory, and each start reads the whole log.
   */
  readonly checkpoint?: boolean
  /** A log to use instead of a folder's, such as a MemoryLog. */
  readonly log?: EventLog
  /** For a log that is made now: the eventId it begins with. 1 by default. */
  readonly firstEventId?: number | undefined
  /** Serves WebSocket clients at this address. Left out, the engine is in-process only. */
  readonly listen?: ListenOptions
  /** What clients come in by in place of a server of HTTP, such as a simulated network. */
  readonly openPort?: OpenPort
  /** Limits other than the defaults of `config.ts`. */
  readonly limits?: Partial<Config>
  /** Takes the lines of what happens to the engine, as a pino logger does; silent without. */
  readonly logger?: Logger
  /** Watches every order's actor, as XState's `inspect` does. What it throws is thrown outside. */
  readonly inspect?: Inspect
  /** Hears how far the replay at the start has come, in events. */
  readonly onProgress?: (progress: Progress) => void
  /** Hears of the fault at which the writer stopped. Reads go on; commands are refused. */
  readonly onFault?: (fault: Error) => void
  readonly runtime?: Runtime
}

/**
 * The log that was given, or that of the folder.
 *
 * @throws {TypeError} if there is neither; what `openLogForWriting` throws
 */
export function openLog(options: EngineOptions, domain: Domain, runtime: Runtime): EventLog {
  const { log, data: folder, firstEventId } = options
  if (log) return log
  if (folder === undefined) throw new TypeError('openEngine needs `data`, a folder, or `log`.')
  return openLogForWriting({ folder, domain: domain.name, firstEventId, runtime })
}

/** The log, and the checkpoint beside it. */
export interface Kept {
  readonly log: EventLog
  readonly checkpoint: OpenedCheckpoint | undefined
}

/** The checkpoint of the folder's log; undefined where there is to be none. */
export async function openCheckpointOf(
  { data, checkpoint = true }: EngineOptions,
  log: EventLog,
  domain: Domain,
): Promise<OpenedCheckpoint | undefined> {
  const isFolders = data !== undefined && log instanceof LmdbLog
  return checkpoint && isFolders ? openCheckpoint(data, log, domain) : undefined
}
