/** What can go wrong, as typed errors: `reason`, `retryable` and `outcome`, as on the wire. */
import type { RpcError } from '../protocol/jsonrpc.ts'
import type { FailedOutcome } from '../protocol/wire.ts'

/** What the client itself finds wrong. Reasons of the server come in a `CallError`. */
export type ClientReason =
  /** The signal was aborted. */
  | 'ABORTED'
  /** `client.close()` was called. */
  | 'CLOSED'
  /** The connection ended under a `call`, which is not sent twice, or the client does not reconnect. */
  | 'CONNECTION_LOST'
  /** There was no final answer within `giveUpAfterMs`. */
  | 'GAVE_UP'
  /** The function for the token threw, gave no string, or took too long. */
  | 'NO_TOKEN'
  /** The platform has none, and no `socket` is given. */
  | 'NO_WEBSOCKET'
  /** 10,000 calls wait for their answer already. */
  | 'TOO_MANY_CALLS'
  /** As many are open as the server allows a client, `hello.limits.subscriptionsMax`. */
  | 'TOO_MANY_SUBSCRIPTIONS'
  /** The call is longer than a frame of the server, `hello.limits.frameBytesMax`. */
  | 'TOO_LONG'
  /** The token is for the orders of another customer than before; events cannot go on. */
  | 'CUSTOMER_CHANGED'
  /** The server sent more events than it may ahead of acks. */
  | 'TOO_FAR_AHEAD'
  /** The server closed the connection for good: the token is wrong, or has come to its end. */
  | 'UNAUTHENTICATED'
  /** The server closed the connection for good: the token has not the right. */
  | 'FORBIDDEN'
  /** The server closed the connection for good: it does not understand this client. */
  | 'REJECTED'

/** A `ClientReason`, or the server's; the `&` keeps the known ones in sight of editors. */
type AnyReason = ClientReason | (string & {})

interface Told {
  /** The same call may well succeed later. */
  readonly retryable?: boolean
  readonly outcome?: FailedOutcome
  readonly cause?: unknown
}

/** What the client itself finds wrong, and the root of all that the SDK throws of its own. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError'
  /** Stable, for programs; the message is for people. For a `CallError`, the server's. */
  readonly reason: AnyReason
  /** The same may well succeed later. */
  readonly retryable: boolean
  /** Whether the command was surely not applied, or perhaps was; for all else `not_applied`. */
  readonly outcome: FailedOutcome

  constructor(reason: AnyReason, message: string, told: Told = {}) {
    super(message, told.cause === undefined ? undefined : { cause: told.cause })
    this.reason = reason
    this.retryable = told.retryable ?? false
    this.outcome = told.outcome ?? 'not_applied'
  }
}

/** The error that the server answered a call, or a subscription, with. */
export class CallError extends ClientError {
  override readonly name = 'CallError'
  /** As in PROTOCOL.md; below zero, JSON-RPC's own. */
  readonly code: number
  /** As it came: `reason`, `retryable`, `outcome`, and what is told besides, such as `faults`. */
  readonly data: Readonly<Record<string, unknown>>

  constructor({ code, message, data }: RpcError, outcome = outcomeOf(data)) {
    const told = (data ?? {}) as Readonly<Record<string, unknown>>
    const { reason = 'INTERNAL', retryable } = told
    super(String(reason), message, { retryable: retryable === true, outcome })
    this.code = code
    this.data = told
  }
}

/**
 * A refusal: a value, as the engine's own, and no exception. The sending that was answered with it
 * recorded nothing; `outcome` says what is known of the command, all its sendings together.
 */
export interface Refused {
  /** The reason in words, such as `NOT_ALLOWED`. */
  readonly refused: string
  /** The same as a number, such as 2004. */
  readonly code: number
  /** One sentence for people. */
  readonly message: string
  /** The same command may well succeed later. */
  readonly retryable: boolean
  /**
   * `not_applied` where the command was surely not applied. `unknown` where it may have been by an
   * earlier sending whose answer was lost, and this answer says nothing of that one: for it came before
   * the server looked for a receipt (`RATE_LIMITED`, `FORBIDDEN`), or what the look found may be this
   * very command (`COMMAND_ID_REUSED`). The order's history then tells.
   */
  readonly outcome: FailedOutcome
  /** What is told besides, by reason: `{ state, guard, can }` for `NOT_ALLOWED`, say. */
  readonly details: Readonly<Record<string, unknown>>
}

export function refusedOf({ code, message, data = {} }: RpcError, outcome: FailedOutcome): Refused {
  const { reason, retryable, outcome: _, ...details } = data as Record<string, unknown>
  return {
    refused: String(reason),
    code,
    message,
    retryable: retryable === true,
    outcome,
    details,
  }
}

export function outcomeOf(data: unknown): FailedOutcome {
  return (data as { readonly outcome?: unknown } | undefined)?.outcome === 'unknown'
    ? 'unknown'
    : 'not_applied'
}

/** The error of a signal that was aborted. */
export function aborted(signal: AbortSignal, outcome: FailedOutcome = 'not_applied'): ClientError {
  const message =
    outcome === 'unknown'
      ? 'The call was aborted after it was sent. Whether it was applied is not known.'
      : 'The call was aborted.'
  return new ClientError('ABORTED', message, { outcome, cause: signal.reason })
}
