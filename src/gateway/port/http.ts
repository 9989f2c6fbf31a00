/** Answers over plain HTTP: to requests, and to upgrades that come to nothing. */
import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Role } from '../../protocol/methods.ts'

/** What is served by GET at one path. */
export interface Route {
  /**
   * The role that it takes where tokens are asked for; null where anyone may have it. With a role, it
   * is of the server as a whole, and so not for a token that is bound to a customer.
   */
  readonly role: Role | null
  answer(request: IncomingMessage): Promise<RouteAnswer>
}

export interface RouteAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string | Buffer
  /** Besides those that every answer has, or in place of them; in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Routes by path, such as `/metrics`. */
export type Routes = Readonly<Record<string, Route>>

/** The path of a request. A target that is no URL is just a path that is not served. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

/**
 * Makes the request one for a path, where its target is a whole address (`GET http://host/health`),
 * as some proxies have it. The host in the address then is the one that counts (RFC 9112, 3.2.2).
 */
export function toOriginForm(request: IncomingMessage): void {
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/is.exec(request.url ?? '')
  if (!absolute) return
  const [, host, path = ''] = absolute
  request.headers.host = host
  request.url = path.startsWith('/') ? path : `/${path}`
}

/** Whether a request asks for a WebSocket, and not for another protocol, such as h2c. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** A response to a request whose connection the server has let go; it ends the connection. */
export function responseOn(request: IncomingMessage, connection: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(connection)
  response.once('finish', () => connection.destroySoon())
  return response
}

export const jsonType = 'application/json; charset=utf-8'

export function send(response: ServerResponse, answer: RouteAnswer): void {
  const { status, contentType, body } = answer
  // What has not changed is not sent, and nothing is said of it.
  const content =
    status === 304 ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, {
    ...content,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...answer.headers,
  })
  response.end(body)
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, { status, contentType: jsonType, body: `${JSON.stringify(body)}\n` })
}

/** What the header WWW-Authenticate says to those whose token does not do. */
export const challenges = {
  none: 'Bearer realm="ordinal"',
  wrong: 'Bearer realm="ordinal", error="invalid_token"',
  mayNot: 'Bearer realm="ordinal", error="insufficient_scope"',
} as const

/** Answers an upgrade that is refused, and hangs up. */
export function refuse(
  socket: Duplex,
  status: number,
  reason: string,
  headers: readonly string[] = [],
): void {
  const body = `${JSON.stringify({ error: reason })}\n`
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${jsonType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...headers,
  ]
  // The server keeps half-open connections: without this, one that never hangs up would stay.
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
