/** What passes over the wire, in the form it has there. */
import type { Receipt, RecordedEvent, Refusal } from '../domain.ts'
import {
  ClosedError,
  codes,
  type Fault,
  InvalidParamsError,
  MachineError,
  OutcomeUnknownError,
  PositionAheadError,
  retryableReasons,
  UnknownMethodError,
} from '../errors.ts'
import { type CallId, idText, type RpcError, rpcCodes } from './jsonrpc.ts'

/** An event as clients see it: all of it but the hash, which is the sequencer's own. */
export type WireEvent = Omit<RecordedEvent, 'commandHash'>

export function wireEvent(event: RecordedEvent): WireEvent {
  const { eventId, type, orderId, version, previousEventId } = event
  const { recordedAt, by, commandId, schema, data } = event
  return {
    eventId,
    type,
    orderId,
    version,
    previousEventId,
    recordedAt,
    by,
    commandId,
    schema,
    data,
  }
}

/** Whether a command that got no receipt was surely not applied, or perhaps was. */
export type FailedOutcome = 'not_applied' | 'unknown'

/** A refusal as a JSON-RPC error. Domain codes are looked up in `domainCodes`. */
export function refusalError(
  refusal: Refusal,
  domainCodes: Readonly<Record<string, number>>,
): RpcError {
  const { refused, message, details } = refusal
  const code = (codes as Record<string, number>)[refused] ?? domainCodes[refused]
  return {
    code: code ?? rpcCodes.internalError,
    message,
    // Last, so that no detail of a domain takes the place of what every client relies on.
    data: {
      ...details,
      reason: refused,
      retryable: retryableReasons.has(refused),
      outcome: 'not_applied',
    },
  }
}

/** A fault as a JSON-RPC error. What is not known to be harmless to tell stays untold. */
export function faultError(fault: unknown): RpcError {
  const told = (code: number, reason: string, more: object = {}): RpcError => ({
    code,
    message: (fault as Fault).message,
    data: { reason, retryable: false, outcome: 'not_applied', ...more },
  })
  if (fault instanceof InvalidParamsError) {
    return told(rpcCodes.invalidParams, 'INVALID_PARAMS', { faults: fault.faults })
  }
  if (fault instanceof UnknownMethodError) return told(rpcCodes.methodNotFound, 'UNKNOWN_METHOD')
  if (fault instanceof PositionAheadError) {
    return told(codes.POSITION_AHEAD, 'POSITION_AHEAD', { head: fault.head })
  }
  if (fault instanceof ClosedError) return told(codes.STOPPING, 'STOPPING', { retryable: true })
  if (fault instanceof OutcomeUnknownError) {
    return told(codes.STOPPING, 'STOPPING', { retryable: true, outcome: 'unknown' })
  }
  const message =
    fault instanceof MachineError
      ? 'The order machine failed on this command, and the engine stops. Nothing was recorded.'
      : 'Something broke while this call was answered.'
  const data = { reason: 'INTERNAL', retryable: false, outcome: 'not_applied' }
  return { code: rpcCodes.internalError, message, data }
}

/** What JSON writes as it is. */
const plainText = /^[\w.:-]*$/

/** The text of an answer with a receipt, as `JSON.stringify` writes it, at less cost. */
export function receiptText(id: CallId, receipt: Receipt): string {
  const { orderId, version, eventId, recordedAt, replayed } = receipt
  // What an id may hold is the domain's to say.
  const order = plainText.test(orderId) ? `"${orderId}"` : JSON.stringify(orderId)
  return `{"jsonrpc":"2.0","id":${idText(id)},"result":{"orderId":${order},"version":${version},"eventId":${eventId},"recordedAt":${recordedAt},"replayed":${replayed}}}`
}
