/**
 * The faults, and the stable codes of refusals and faults.
 *
 * A refusal is a value (`Refusal` in domain.ts). A fault is thrown: something broke, or the caller
 * asked for what cannot be.
 */
import type { ParamFault } from './domain.ts'

/** The codes in words, and the numbers they have on the wire. A domain adds its own from 2006 on. */
export const codes = {
  UNAUTHENTICATED: 1001,
  FORBIDDEN: 1003,
  RATE_LIMITED: 1004,
  OVERLOADED: 1005,
  STORAGE_FULL: 1006,
  STOPPING: 1007,
  ORDER_NOT_FOUND: 2001,
  ORDER_EXISTS: 2002,
  VERSION_CONFLICT: 2003,
  NOT_ALLOWED: 2004,
  COMMAND_ID_REUSED: 2005,
  POSITION_AHEAD: 3001,
  EPOCH_CHANGED: 3002,
  TOO_LONG: 3003,
} as const

export type Reason = keyof typeof codes

/** Refusals after which the same call may well succeed. */
export const retryableReasons: ReadonlySet<string> = new Set<Reason>([
  'RATE_LIMITED',
  'OVERLOADED',
  'STORAGE_FULL',
  'STOPPING',
])

/** The root of all faults; `code` is stable, the message is for people. */
export abstract class Fault extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}

/** The method is none of the domain's. Nothing was recorded. */
export class UnknownMethodError extends Fault {
  readonly code = 'UNKNOWN_METHOD'
  constructor(method: string, known: readonly string[]) {
    super(`There is no method ${JSON.stringify(method)}. The methods are: ${known.join(', ')}.`)
  }
}

/** The params of a call do not have the form that the method's schema asks for. */
export class InvalidParamsError extends Fault {
  readonly code = 'INVALID_PARAMS'
  readonly faults: readonly ParamFault[]
  constructor(method: string, faults: readonly ParamFault[]) {
    const list = faults.map((fault) => `${fault.path || 'params'} ${fault.message}`).join('; ')
    super(`${method}: ${list}.`)
    this.faults = faults
  }
}

/** The domain given to the engine cannot be run. */
export class DomainError extends Fault {
  readonly code = 'DOMAIN'
}

/** The engine, or its log, was closed before: it can be read no more. */
export class ClosedError extends Fault {
  readonly code = 'CLOSED'
  constructor(what: 'engine' | 'log') {
    super(`The ${what} is closed: its log can be read no more. Open it anew.`)
  }
}

/** An eventId after the newest one was asked for. */
export class PositionAheadError extends Fault {
  readonly code = 'POSITION_AHEAD'
  readonly head: number
  constructor(eventId: number, head: number) {
    super(`There is no event ${eventId} yet: the newest is ${head}.`)
    this.head = head
  }
}

/** The log has moved on: someone else writes it. Nothing of this append was written. */
export class StaleHeadError extends Fault {
  readonly code = 'STALE_HEAD'
  constructor(expectedHead: number) {
    super(`The head of the log is not ${expectedHead} any more: someone else writes it.`)
  }
}

/** There is no room for the append, and surely nothing of it was written. */
export class StorageFullError extends Fault {
  readonly code = 'STORAGE_FULL'
  constructor(place: string, cause?: unknown) {
    super(`There is no room left in ${place}. Nothing was recorded.`, { cause })
  }
}

/** An append failed, and whether it was written is not known until the log is opened again. */
export class AppendUnknownError extends Fault {
  readonly code = 'APPEND_UNKNOWN'
  constructor(cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`An append failed (${why}); whether it was written is read at the next start.`, { cause })
  }
}

/** A command was being flushed when the engine stopped: it may have been recorded, or not. */
export class OutcomeUnknownError extends Fault {
  readonly code = 'OUTCOME_UNKNOWN'
  constructor(cause?: unknown) {
    super(
      'The engine stopped while this command was being written. Ask again after its restart, ' +
        'with the same commandId: it is honoured once.',
      { cause },
    )
  }
}

/** What the log holds cannot be right: a flipped bit, a gap, a chain that leads elsewhere. */
export class CorruptLogError extends Fault {
  readonly code = 'CORRUPT_LOG'
  readonly eventId: number
  /** What is wrong, in words that follow a colon. */
  readonly what: string
  constructor(eventId: number, what: string) {
    super(`Event ${eventId} of the log is damaged: ${what}.`)
    this.eventId = eventId
    this.what = what
  }
}

/** A checkpoint holds what was not written so. The log is sound all the same. */
export class CheckpointDamagedError extends Fault {
  readonly code = 'CHECKPOINT_DAMAGED'
  /** What is wrong, in words that follow a colon. */
  readonly what: string
  constructor(path: string, what: string) {
    super(`${path} is damaged: ${what}. The next start makes it anew from the log.`)
    this.what = what
  }
}

/** A checkpoint cannot be opened, and not be made anew, or it cannot be written. */
export class NoCheckpointError extends Fault {
  readonly code = 'NO_CHECKPOINT'
  /** @param why in words that follow the path */
  constructor(path: string, why: string, cause?: unknown) {
    super(`${path} ${why}.`, { cause })
  }
}

/** A recorded event that the order's machine does not take: the machine is not the one it was. */
export class ReplayError extends Fault {
  readonly code = 'REPLAY'
  readonly eventId: number
  /** The state of the order before it, in words. */
  readonly state: string
  constructor(eventId: number, type: string, state: string, cause?: unknown) {
    super(
      `Event ${eventId} (${type}) is recorded, and the order's machine does not take it in the ` +
        `state ${state}. Was the log written with another version of the machine?`,
      { cause },
    )
    this.eventId = eventId
    this.state = state
  }
}

/** The order's machine did not do what was decided. The writer stops rather than guess. */
export class MachineError extends Fault {
  readonly code = 'MACHINE'
}

/** The folder cannot be used as a data folder. */
export class DataFolderError extends Fault {
  readonly code = 'DATA_FOLDER'
}

/** A line of what is imported cannot be taken. What is before it was. */
export class ImportLineError extends Fault {
  readonly code = 'IMPORT_LINE'
  readonly line: number
  /** @param head the newest event of the log, where there is one */
  constructor(line: number, what: string, head: number | undefined) {
    const where =
      head === undefined ? '' : ` What is before it was: the log ends with event ${head}.`
    super(`Line ${line} cannot be imported: ${what}.${where}`)
    this.line = line
  }
}

/** Another process writes this log. */
export class LogLockedError extends Fault {
  readonly code = 'LOG_LOCKED'
  readonly holder: string
  constructor(folder: string, holder: string) {
    super(`${folder} is being written by ${holder}. One process writes a log; stop it first.`)
    this.holder = holder
  }
}

/** The files of an open log were removed or replaced: what is recorded now would be lost. */
export class LogLostError extends Fault {
  readonly code = 'LOG_LOST'
  constructor(path: string) {
    super(
      `${path} was removed or replaced while the log was open. Nothing more is recorded; a backup, ` +
        'or the folder where it was moved to, has what was.',
    )
  }
}

/** The gateway cannot listen where it was told to. */
export class ListenError extends Fault {
  readonly code = 'LISTEN'
}

/** A machine's chart could not be laid out. Nothing else depends on it. */
export class ChartError extends Fault {
  readonly code = 'CHART'
  constructor(why: string) {
    super(`The chart of the machine could not be laid out: ${why.replace(/\.$/, '')}.`)
  }
}
