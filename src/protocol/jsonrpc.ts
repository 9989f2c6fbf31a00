/** JSON-RPC 2.0, strictly: from a frame's text to calls, and from answers to text. */

export type CallId = string | number | null

/** One call that can be answered, or was meant to be a notification (`id` undefined). */
export interface Call {
  readonly id: CallId | undefined
  readonly method: string
  readonly params: unknown
}

/** What JSON-RPC itself answers to what is not a call. */
export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
} as const

/** A part of a frame: a call, or why it is none. */
export type Parsed = Call | { readonly id: CallId; readonly error: RpcError }

export interface Frame {
  /** True where the frame was an array, and is answered with one. */
  readonly isBatch: boolean
  readonly parts: readonly Parsed[]
}

/** Reads one frame. Never throws: what is wrong comes back as a part with an error. */
export function parseFrame(text: string, batchCallsMax: number): Frame {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return whole(rpcCodes.parseError, 'The frame is not JSON.')
  }
  if (!Array.isArray(value)) return { isBatch: false, parts: [parseCall(value)] }
  if (value.length === 0) return whole(rpcCodes.invalidRequest, 'A batch needs at least one call.')
  if (value.length > batchCallsMax) {
    const message = `A batch may hold ${batchCallsMax} calls, and this one holds ${value.length}.`
    return whole(rpcCodes.invalidRequest, message)
  }
  return { isBatch: true, parts: value.map(parseCall) }
}

function whole(code: number, message: string): Frame {
  return { isBatch: false, parts: [{ id: null, error: { code, message } }] }
}

function parseCall(value: unknown): Parsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid(null, 'A call is an object.')
  }
  const { jsonrpc, id, method, params } = value as Record<string, unknown>
  if (!isId(id)) return invalid(null, 'id must be a string, a finite number or null.')
  if (jsonrpc !== '2.0') return invalid(id ?? null, 'jsonrpc must be "2.0".')
  if (typeof method !== 'string') return invalid(id ?? null, 'method must be a string.')
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return invalid(id ?? null, 'params must be an object.')
  }
  return { id, method, params: params ?? {} }
}

/** A number such as 1e400 is read as Infinity, which an answer could not give back. */
function isId(id: unknown): id is CallId | undefined {
  return id === undefined || id === null || typeof id === 'string' || Number.isFinite(id)
}

function invalid(id: CallId, message: string): Parsed {
  return { id, error: { code: rpcCodes.invalidRequest, message } }
}

/** An id as JSON. */
export function idText(id: CallId): string {
  return typeof id === 'number' ? `${id}` : JSON.stringify(id)
}

/** The text of an answer; `result` is JSON already. */
export function resultText(id: CallId, result: string): string {
  return `{"jsonrpc":"2.0","id":${idText(id)},"result":${result}}`
}

export function errorText(id: CallId, error: RpcError): string {
  return `{"jsonrpc":"2.0","id":${idText(id)},"error":${JSON.stringify(error)}}`
}

/** The text of a notification; `params` is JSON already. */
export function notificationText(method: string, params: string): string {
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${params}}`
}
