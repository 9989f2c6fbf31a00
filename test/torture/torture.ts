/**
 * Many clients send commands to a real server, which is killed at random moments and started again;
 * after each start, and at the end, what the log holds is held against what the clients were told.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { connect } from '../../src/client/index.ts'
import { Chance } from '../soak/chance.ts'
import type { Command } from '../soak/commands.ts'
import { frequentCheckpoints, SoakServer } from '../soak/server.ts'
import { readTruth, readViews } from '../soak/truth.ts'
import { type Answered, TortureClient } from './client.ts'
import { Ledger } from './ledger.ts'

export interface TortureOptions {
  /** The built command line. */
  readonly program: string
  readonly clients: number
  readonly kills: number
  /** The longest time from a start to the next kill. */
  readonly pauseMsMax: number
  readonly seed: number
}

export interface TortureCounts {
  readonly seed: number
  readonly kills: number
  /** Of these, while the server was starting. */
  readonly killsInStart: number
  readonly clientDeaths: number
  /** Answers, each of a command that was sent until it had one. */
  readonly answers: number
  readonly receipts: number
  readonly refusals: number
  /** Sendings besides the first, but for those that the SDK makes by itself. */
  readonly resent: number
  readonly events: number
  readonly orders: number
  readonly types: Readonly<Record<string, number>>
  /** How often a view that the server showed was held against the fold of the log. */
  readonly viewsCompared: number
  /** What was found wrong; empty where all is well. */
  readonly wrong: readonly string[]
  /** The data folder, where something is wrong; it is removed where not. */
  readonly folder?: string
}

/** A server that starts is ready, or at least listens, after about so long. */
const startMs = 400

export async function torture(options: TortureOptions): Promise<TortureCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'ordinal-torture-'))
  const sent = new Map<string, Command>()
  const answers: Answered[] = []
  const ledger = new Ledger(folder, sent)
  const server = await SoakServer.start(options.program, folder, {
    nodeArgs: frequentCheckpoints(options.program),
  })
  let isSound = false
  try {
    const clients = Array.from({ length: options.clients }, (_, index) => {
      const chance = new Chance(options.seed + index + 1)
      // Every third client has a share in the orders of the one before.
      const ordersOf = `c${index % 3 === 2 ? index - 1 : index}`
      const { url } = server
      return new TortureClient({ name: `c${index}`, ordersOf, url, chance, sent, answers })
    })
    let goesOn = true
    const working = Promise.all(clients.map((client) => client.work(() => goesOn)))
    // Should one of them throw, the server is killed in vain until then.
    working.catch(() => {})
    const done = await killAll({ server, clients, answers, ledger, options })
    goesOn = false
    await working
    const compared = await checkAtRest(server, ledger, answers)
    for (const client of clients) client.close()
    const { wrong } = ledger
    isSound = wrong.length === 0
    return {
      ...{ seed: options.seed, ...done, viewsCompared: done.viewsCompared + compared },
      ...countsOf(clients, answers, ledger),
      ...{ wrong, ...(isSound ? {} : { folder }) },
    }
  } finally {
    await server.end('SIGKILL')
    if (isSound) rmSync(folder, { recursive: true, force: true })
  }
}

interface Victims {
  readonly server: SoakServer
  readonly clients: readonly TortureClient[]
  readonly answers: readonly Answered[]
  readonly ledger: Ledger
  readonly options: TortureOptions
}

/**
 * Kills the server again and again. How long each waits is the seed's; at which instruction the kill
 * finds the server is the machine's.
 */
async function killAll({ server, clients, answers, ledger, options }: Victims) {
  const chance = new Chance(options.seed)
  let killsInStart = 0
  let viewsCompared = 0
  let checked = 0
  for (let kills = 0; kills < options.kills; kills++) {
    await wait(chance.below(options.pauseMsMax))
    await server.end('SIGKILL')
    for (const client of clients) if (chance.below(6) === 0) client.die()
    while (kills + 1 < options.kills && chance.below(4) === 0) {
      const starting = server.start().catch(() => {})
      await wait(chance.below(startMs))
      await server.end('SIGKILL')
      await starting
      killsInStart++
      kills++
    }
    const told = answers.slice(checked)
    checked = answers.length
    await server.start()
    await ledger.readOn()
    ledger.check(told)
    viewsCompared += await viewsOf(server, ledger)
  }
  return { kills: options.kills, killsInStart, viewsCompared }
}

/** Once nothing moves any more: everything, from the first event on. */
async function checkAtRest(server: SoakServer, ledger: Ledger, answers: readonly Answered[]) {
  await ledger.readOn()
  await ledger.readAgain()
  ledger.check(answers)
  const { views, events } = await readTruth(server.url)
  ledger.checkEvents(events)
  const compared = ledger.checkViews(views)
  if (views.size !== ledger.orders || compared !== ledger.orders) {
    ledger.wrong.push(`the server shows ${views.size} orders, and the log has ${ledger.orders}`)
  }
  return compared
}

async function viewsOf({ url }: SoakServer, ledger: Ledger): Promise<number> {
  const client = connect(url, { socket: (to, protocols) => new WebSocket(to, protocols) as never })
  try {
    return ledger.checkViews(await readViews(client))
  } finally {
    client.close()
  }
}

function countsOf(
  clients: readonly TortureClient[],
  answers: readonly Answered[],
  { head, orders, types }: Ledger,
) {
  const sum = (count: (client: TortureClient) => number) =>
    clients.reduce((total, client) => total + count(client), 0)
  const receipts = answers.filter((answer) => answer.receipts.length > 0).length
  return {
    ...{ answers: answers.length, receipts, refusals: answers.length - receipts },
    ...{ resent: sum(({ resent }) => resent), clientDeaths: sum(({ deaths }) => deaths) },
    ...{ events: head, orders, types },
  }
}
