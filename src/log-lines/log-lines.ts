/**
 * The lines that an engine writes to its log, all of them: what may be in one is to be seen here.
 * Never a token, and nothing of the params of a call or of an event's data.
 */
import type {
  ConnectionRefused,
  GatewayObserver,
  SocketClosed,
  SocketIdentity,
} from '../gateway/observer.ts'

/** Takes lines: fields for programs, and a few words for people. A pino logger is one. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What of a log its lines name. */
interface LogPlace {
  readonly epoch: string
  readonly firstEventId: number
  readonly head: number
}

const nothing = () => {}
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

export class LogLines implements GatewayObserver {
  readonly #logger: Logger

  constructor(logger: Logger = silent) {
    this.#logger = logger
  }

  starting(domain: string, { epoch, firstEventId, head }: LogPlace): void {
    this.#logger.info({ domain, epoch, firstEventId, head }, 'starting')
  }

  /** @param why what of the machine is outside of what can be compiled, a line each; empty where nothing is */
  interpreted(why: readonly string[]): void {
    if (why.length === 0) return
    this.#logger.warn({ why }, 'the machine is run by the interpreter, which is slower')
  }

  replayed({ size, eventId }: { readonly size: number; readonly eventId: number }, ms: number) {
    this.#logger.info({ orders: size, eventId, ms: Math.round(ms) }, 'the log is replayed')
  }

  /** @param why what of it keeps it from being gone on from */
  checkpointRemoved(why: string): void {
    this.#logger.warn({ why }, 'the checkpoint is of no use, and is made anew from the whole log')
  }

  noCheckpoint({ message }: Error): void {
    const what = 'there is no checkpoint: all orders are in memory, until a start that can have one'
    this.#logger.error({ why: message }, what)
  }

  checkpointFailed(error: unknown): void {
    const what = 'a checkpoint could not be written: all that has changed stays in memory'
    this.#logger.error(errorFields(error), what)
  }

  ready(address: object | undefined, eventId: number): void {
    this.#logger.info({ ...address, eventId }, 'ready')
  }

  socketOpened(socket: SocketIdentity): void {
    this.#logger.info(identityOf(socket), 'socket opened')
  }

  socketClosed(closed: SocketClosed): void {
    const { code, reason, ms, calls, subscriptions } = closed
    const how = { code, reason, ms: Math.round(ms), calls, subscriptions }
    this.#logger.info({ ...identityOf(closed), ...how }, 'socket closed')
  }

  connectionRefused({ status, why, remote }: ConnectionRefused): void {
    this.#logger.warn({ status, why, remote }, 'connection refused')
  }

  callFailed(method: string, error: unknown): void {
    this.#logger.error({ method, ...errorFields(error) }, 'a call failed')
  }

  fault(error: unknown): void {
    this.#logger.error(errorFields(error), 'a socket could not be served')
  }

  chartFailed({ message }: Error): void {
    this.#logger.error({ why: message }, 'there is no chart')
  }

  /** @param reader the process, and for how long it has read */
  readerStalled({ pid, ms }: { readonly pid: number; readonly ms: number }): void {
    const why =
      'somebody reads the log as it was long ago, so that its file grows: end that process'
    this.#logger.warn({ pid, ms: Math.round(ms) }, why)
  }

  writerStopped(fault: Error): void {
    this.#logger.error(errorFields(fault), 'the writer stopped')
  }

  stopping(): void {
    this.#logger.info({}, 'stopping')
  }

  stopped(eventId: number, ms: number): void {
    this.#logger.info({ eventId, ms: Math.round(ms) }, 'stopped')
  }
}

/** Picked one by one, so that nothing more that an object may hold gets in. */
function identityOf({ socket, remote, subject, customerId, client }: SocketIdentity) {
  return { socket, remote, subject, customerId, client }
}

/** What an error says, and where it comes from; not what it holds besides. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { error: String(error) }
  const code = 'code' in error ? error.code : undefined
  return { error: error.name, code, why: error.message, stack: error.stack }
}
