/** A server with nothing behind it but a list of who came in, and a clock that the test sets. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Config, configure } from '../../../src/config.ts'
import { openAuthenticator } from '../../../src/gateway/auth/authenticator.ts'
import type { Authenticator, Identity } from '../../../src/gateway/auth/identity.ts'
import type { GatewayObserver } from '../../../src/gateway/observer.ts'
import type { Routes } from '../../../src/gateway/port/http.ts'
import type { ListenOptions } from '../../../src/gateway/port/listen.ts'
import { type Connect, GatewayServer } from '../../../src/gateway/port/server.ts'
import type { Socket } from '../../../src/gateway/session/socket.ts'
import { type Runtime, systemRuntime } from '../../../src/runtime.ts'
import { temporaryFolder } from '../../support/folders.ts'

export const noon = Date.parse('2030-01-01T12:00:00Z')

/** A runtime whose clock stands at noon until it is set. */
export function clockAt(now = noon): Runtime & { time: number } {
  return {
    ...systemRuntime,
    time: now,
    now(this: { time: number }) {
      return this.time
    },
  }
}

/** Writes a file of the running test's own; JSON unless it is a text or bytes. */
export function fileOf(content: unknown, name = 'file'): string {
  const path = join(temporaryFolder(), name)
  const isRaw = typeof content === 'string' || Buffer.isBuffer(content)
  writeFileSync(path, isRaw ? content : JSON.stringify(content))
  return path
}

/** The message of what a function throws. */
export function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('Nothing was thrown.')
}

export interface Door {
  readonly server: GatewayServer
  readonly address: { readonly host: string; readonly port: number }
  /** Who came in, in that order; undefined for those who have yet to say hello. */
  readonly came: (Identity | undefined)[]
  /** Resolves when that many have come in. */
  comes(count: number): Promise<void>
  /** What they sent. */
  readonly heard: string[]
  /** Resolves when that many texts have been heard. */
  hears(count: number): Promise<void>
}

export interface DoorOptions extends ListenOptions {
  readonly authenticator?: Authenticator
  readonly routes?: Routes
  readonly limits?: Partial<Config>
  readonly isOpen?: () => boolean
  readonly observer?: GatewayObserver
}

/** Opens a server on a free port of loopback, closed when the test ends. */
export async function openDoor(options: DoorOptions = {}): Promise<Door> {
  const { authenticator, routes = {}, limits, observer, ...more } = options
  const { isOpen = () => true, ...listen } = more
  const came: (Identity | undefined)[] = []
  const heard: string[] = []
  const looking = new Set<() => void>()
  const sockets = new Set<Socket>()
  const connect: Connect = (socket, identity) => {
    came.push(identity)
    for (const look of looking) look()
    sockets.add(socket)
    const text = (text: string) => {
      heard.push(text)
      for (const look of looking) look()
    }
    socket.handlers = { ...socket.handlers, text, closed: () => sockets.delete(socket) }
  }
  const server = new GatewayServer({
    listen: { port: 0, ...listen },
    authenticator: authenticator ?? openAuthenticator(listen, systemRuntime),
    config: configure(limits),
    runtime: systemRuntime,
    routes,
    observer,
    health: () => ({ status: 'ready', epoch: 'e', eventId: 0 }),
    connect: () => (isOpen() ? connect : undefined),
  })
  await server.listen()
  onTestFinished(async () => {
    for (const socket of sockets) socket.terminate()
    await server.close()
  })
  const reaches = (list: readonly unknown[]) => (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (list.length >= count) resolve()
      }
      looking.add(look)
      look()
    })
  const [comes, hears] = [reaches(came), reaches(heard)]
  return { server, address: server.address, came, comes, heard, hears }
}
