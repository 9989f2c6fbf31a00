/**
 * Many clients on one server, with random disconnects, kills, restarts and slow readers; and at the
 * end the questions: has every client the map that the server has, every watcher of events each event
 * once, and every command exactly one outcome?
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { Chance } from './chance.ts'
import { SoakClient } from './client.ts'
import { SoakServer } from './server.ts'
import { readTruth, type Truth } from './truth.ts'

export interface SoakOptions {
  /** The built command line. */
  readonly program: string
  readonly clients: number
  readonly slowReaders: number
  /** Disturbances: cuts, kills and restarts, one after the other. */
  readonly disturbances: number
  /** Time between two disturbances, at the most. */
  readonly pauseMsMax: number
  readonly seed: number
}

export interface SoakCounts {
  readonly seed: number
  readonly commands: number
  readonly receipts: number
  readonly refusals: number
  readonly unknown: number
  readonly events: number
  readonly orders: number
  readonly cuts: number
  readonly kills: number
  readonly restarts: number
  readonly reconnects: number
  /** What was found wrong; empty where all is well. */
  readonly wrong: readonly string[]
}

export async function soak(options: SoakOptions): Promise<SoakCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'ordinal-soak-'))
  const chance = new Chance(options.seed)
  const server = await SoakServer.start(options.program, folder)
  try {
    const clients = Array.from({ length: options.clients }, (_, index) => {
      const own = new Chance(options.seed + index + 1)
      return new SoakClient(`c${index}`, server.url, own, index % 4 === 0)
    })
    const slow = Array.from({ length: options.slowReaders }, () => slowReader(server.url))
    let goesOn = true
    const working = clients.map((client) => client.work(() => goesOn))
    const done = await disturb(server, clients, chance, options)
    goesOn = false
    await Promise.all(working)
    for (const socket of slow) socket.terminate()
    const truth = await readTruth(server.url)
    await caughtUp(clients, truth.head)
    const wrong = clients.flatMap((client) => faultsOf(client, truth))
    wrong.push(...twiceHonoured(truth))
    for (const client of clients) client.close()
    return { ...countsOf(clients, truth), ...done, seed: options.seed, wrong }
  } finally {
    await server.end('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function disturb(
  server: SoakServer,
  clients: readonly SoakClient[],
  chance: Chance,
  { disturbances, pauseMsMax }: SoakOptions,
) {
  let cuts = 0
  let kills = 0
  let restarts = 0
  for (let done = 0; done < disturbances; done++) {
    await wait(chance.below(pauseMsMax))
    const die = chance.below(10)
    if (die < 6) {
      for (let count = 1 + chance.below(5); count > 0; count--, cuts++) chance.of(clients).cut()
    } else if (die < 8) {
      await server.end('SIGKILL')
      await server.start()
      kills++
    } else {
      await server.end('SIGTERM')
      await server.start()
      restarts++
    }
  }
  return { cuts, kills, restarts }
}

/** Subscribes to everything, and reads nothing any more. */
function slowReader(url: string): WebSocket {
  const socket = new WebSocket(url)
  socket.on('error', () => {})
  socket.on('open', () => {
    const subscribe = (method: string, id: number) =>
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params: {} }))
    subscribe('views.subscribe', 1)
    subscribe('events.subscribe', 2)
    socket.pause()
  })
  return socket
}

const catchUpMsMax = 60_000

async function caughtUp(clients: readonly SoakClient[], head: number): Promise<void> {
  const until = Date.now() + catchUpMsMax
  const isBehind = ({ map, events, watchesEvents }: SoakClient) =>
    (map.cursor?.eventId ?? 0) < head || (watchesEvents && (events.at(-1)?.eventId ?? 0) < head)
  while (clients.some(isBehind)) {
    if (Date.now() > until) return
    await wait(20)
  }
}

function faultsOf({ map, events, watchesEvents, told }: SoakClient, truth: Truth): string[] {
  const wrong: string[] = []
  if (map.size !== truth.views.size) {
    wrong.push(`a map holds ${map.size} orders, and the server ${truth.views.size}`)
  }
  for (const view of map) {
    if (JSON.stringify(view) !== JSON.stringify(truth.views.get(view.orderId))) {
      wrong.push(`a map shows ${view.orderId} as it is not`)
    }
  }
  const watched = events.map(({ eventId }) => eventId).join()
  if (watchesEvents && watched !== truth.events.map(({ eventId }) => eventId).join()) {
    wrong.push(`a watcher has ${events.length} of ${truth.events.length} events, or not in order`)
  }
  for (const { commandId, outcome } of told) {
    const recorded = truth.byCommand.get(commandId)?.[0]?.eventId
    if (outcome === 'unknown') continue
    const expected = typeof outcome === 'number' ? outcome : undefined
    if (recorded !== expected) {
      wrong.push(`${commandId} was told ${outcome}, and its event is ${recorded ?? 'none'}`)
    }
  }
  return wrong
}

function twiceHonoured({ byCommand }: Truth): string[] {
  return [...byCommand]
    .filter(([commandId, events]) => commandId !== '' && events.length > 1)
    .map(([commandId, events]) => `${commandId} was honoured ${events.length} times`)
}

function countsOf(clients: readonly SoakClient[], { events, views }: Truth) {
  const told = clients.flatMap((client) => client.told)
  const receipts = told.filter(({ outcome }) => typeof outcome === 'number').length
  const unknown = told.filter(({ outcome }) => outcome === 'unknown').length
  const reconnects = clients.reduce((sum, client) => sum + client.reconnects, 0)
  const refusals = told.length - receipts - unknown
  return {
    ...{ commands: told.length, receipts, refusals, unknown },
    ...{ events: events.length, orders: views.size, reconnects },
  }
}
