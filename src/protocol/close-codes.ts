/** When a socket is closed with which code: the one list, for PROTOCOL.md and the AsyncAPI document. */
import type { Config } from '../config.ts'
import { closeCodes } from './handshake.ts'

export interface CloseReason {
  readonly code: number
  /** A phrase for people. */
  readonly when: string
}

/** What WebSocket itself has codes for. */
export const webSocketCodes = {
  badWebSocket: 1002,
  notUtf8: 1007,
  tooManyFragments: 1008,
  frameTooLong: 1009,
  internalError: 1011,
} as const

/** In ascending codes. */
export function closeReasons(config: Config): readonly CloseReason[] {
  const when: Record<keyof typeof webSocketCodes | keyof typeof closeCodes, string> = {
    badWebSocket: 'a frame that WebSocket does not allow',
    notUtf8: 'a text that is not UTF-8',
    tooManyFragments: `a message of more than ${config.fragmentsMax} fragments`,
    frameTooLong: `a frame over ${config.frameBytesMax / 1024} KiB`,
    internalError: 'the log could not be read for what is watched',
    badFrame: 'a binary frame',
    unauthenticated: 'the token is wrong, or has come to its end',
    forbidden: 'reserved',
    noHello: `no token within ${config.helloTimeoutMs / 1000} seconds`,
    superseded: 'its client came again by another socket, with the same `session`',
    tooSlow: 'the socket does not take what it asked for',
    tooManySockets: 'too many sockets are open',
    shuttingDown: 'the server is shutting down',
  }
  return Object.entries({ ...webSocketCodes, ...closeCodes })
    .map(([name, code]) => ({ code, when: when[name as keyof typeof when] }))
    .sort((a, b) => a.code - b.code)
}
