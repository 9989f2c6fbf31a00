/** What an engine is given, and the log that it says. */
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint/stored/open.ts'
import type { Config } from './config.ts'
import type { Domain } from './domain.ts'
import { NoCheckpointError } from './errors.ts'
import type { ListenOptions } from './gateway/port/listen.ts'
import type { OpenPort } from './gateway/port/server.ts'
import type { EventLog } from './log/event-log.ts'
import { openLogForWriting } from './log/lmdb-log.ts'
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

/** The log, and the checkpoint beside it. */
export class Kept {
  readonly log: EventLog
  readonly checkpoint: OpenedCheckpoint | undefined
  /** Why there is none, where there should be one. */
  readonly noCheckpoint: Error | undefined

  constructor(log: EventLog, checkpoint?: OpenedCheckpoint, noCheckpoint?: Error) {
    this.log = log
    this.checkpoint = checkpoint
    this.noCheckpoint = noCheckpoint
  }

  async close(): Promise<void> {
    await this.checkpoint?.file.close()
    await this.log.close()
  }
}

/**
 * The log that was given, or that of the folder with its checkpoint, where there is to be one and can be.
 *
 * @throws {TypeError} if there is neither; what `openLogForWriting` throws
 */
export async function openKept(
  { log, data: folder, firstEventId, checkpoint = true }: EngineOptions,
  domain: Domain,
  runtime: Runtime,
): Promise<Kept> {
  if (log) return new Kept(log)
  if (folder === undefined) throw new TypeError('openEngine needs `data`, a folder, or `log`.')
  const opened = openLogForWriting({ folder, domain: domain.name, firstEventId, runtime })
  if (!checkpoint) return new Kept(opened)
  try {
    return new Kept(opened, await openCheckpoint(folder, opened, domain, runtime))
  } catch (error) {
    if (error instanceof NoCheckpointError) return new Kept(opened, undefined, error)
    await opened.close()
    throw error
  }
}
