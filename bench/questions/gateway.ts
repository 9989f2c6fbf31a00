/** What does the way over WebSocket cost: next to an empty server, and next to the same in process? */
import { openEngine } from '../../src/engine.ts'
import { Child } from '../child.ts'
import type { Finding } from '../goals.ts'
import {
  type Measured,
  measureInTurn,
  type Percentiles,
  type Rounds,
  ratioByRound,
  type Sample,
} from '../measure.ts'
import type { Question } from '../question.ts'
import { milliseconds, rate, table } from '../report.ts'
import type { Done, Job } from '../sockets/commanding.ts'
import { checkEngine, engineSubject } from '../subjects/engine.ts'
import { runsHere } from '../subjects/runs.ts'
import { inFolder } from '../subjects/subject.ts'
import { openEmptyServer, receiptText } from '../subjects/ws-servers.ts'
import { commandsPerOrder, expect, type OrderPlan, planOrders } from '../workload.ts'

export interface Plan extends Rounds {
  readonly folder: string
  /** Orders that a run begins with, and that do not count. */
  readonly leadInOrders: number
  readonly orders: number
  readonly connections: number
  /** Commands in flight over all connections, and in process. A multiple of those in a frame. */
  readonly inFlight: number
  readonly callsPerBatch: number
  readonly subjects: readonly GatewaySubject[]
  readonly note: (text: string) => void
}

/** A way for the commands of the orders, and back. */
export interface GatewaySubject {
  readonly name: string
  readonly does: string
  /** Takes all commands through, those of the lead-in, too, and checks what came of them. */
  run(orders: readonly OrderPlan[], plan: Plan, clients: Clients): Promise<Sample>
}

/** Drives the commands of so many orders at a port, from a process of their own. */
export type Clients = (port: number, orders: number, callsPerFrame: number) => Promise<Sample>

export interface GatewayAnswer extends Rounds {
  readonly leadInOrders: number
  readonly orders: number
  readonly connections: number
  readonly inFlight: number
  readonly callsPerBatch: number
  readonly rows: readonly {
    readonly name: string
    readonly does: string
    readonly commandsPerSecond: number
    readonly spreadPerSecond: number
    /** From a frame to its answer; in process, from a command to its answer. */
    readonly latencyMs: Percentiles
  }[]
  readonly singleToEmpty: Ratio
  readonly batchesToInProcess: Ratio
}

interface Ratio {
  readonly figure: number
  readonly range: readonly [number, number]
}

const full = {
  rounds: 5,
  warmups: 1,
  leadInOrders: 20_000,
  orders: 40_000,
  connections: 16,
  inFlight: 1024,
}
const quick = {
  rounds: 1,
  warmups: 0,
  leadInOrders: 500,
  orders: 3_000,
  connections: 16,
  inFlight: 1024,
}
const callsPerBatch = 64

const single: GatewaySubject = {
  name: 'gateway, single',
  does: 'the engine over WebSocket, one command a frame, durable',
  run: (orders, plan, clients) => overGateway(orders, plan, clients, 1),
}

const batched: GatewaySubject = {
  name: 'gateway, batches',
  does: 'the engine over WebSocket, JSON-RPC batches of commands to as many orders, durable',
  run: (orders, plan, clients) => overGateway(orders, plan, clients, plan.callsPerBatch),
}

const empty: GatewaySubject = {
  name: 'empty ws server',
  does: 'parses the same frames as JSON, one command a frame, and answers as many bytes at once',
  async run(orders, _, clients) {
    const server = await openEmptyServer(receiptText)
    try {
      const sample = await clients(server.port, orders.length, 1)
      expect('the number of frames', server.frames, orders.length * commandsPerOrder)
      return sample
    } finally {
      await server.close()
    }
  },
}

const inProcess: GatewaySubject = {
  name: 'in process',
  does: 'the engine without sockets: `submit` in the same process, durable',
  run: (_, { folder, inFlight, leadInOrders, orders }) => {
    const leadIn = { orders: leadInOrders, inFlight }
    return runsHere(folder).run(engineSubject, { leadIn, orders, load: { inFlight } })
  },
}

/** Single and empty, then batches and in process: each pair stands next to each other in a round. */
export const gatewaySubjects = [single, empty, batched, inProcess] as const

export const gateway: Question<GatewayAnswer> = {
  name: 'gateway',
  asks: 'What does the way over WebSocket cost, next to an empty server and to the same in process?',
  run: ({ quick: isQuick, folder, note }) =>
    measureGateway({
      ...(isQuick ? quick : full),
      callsPerBatch,
      subjects: gatewaySubjects,
      folder,
      note,
    }),
  print: printGateway,
  findings: ({ singleToEmpty, batchesToInProcess, ...plan }): readonly Finding[] => [
    {
      goal: {
        what: `commands/s over ${plan.connections} sockets, one a frame, to an empty ws server`,
        bound: 'least',
        value: 0.7,
      },
      ...singleToEmpty,
    },
    {
      goal: {
        what: `commands/s over ${plan.connections} sockets, ${plan.callsPerBatch} a frame, to in process`,
        bound: 'least',
        value: 0.5,
      },
      ...batchesToInProcess,
    },
  ],
}

/** @throws {WrongResultError} if the orders are not as they must be; Error if one is refused */
export async function measureGateway(plan: Plan): Promise<GatewayAnswer> {
  const { subjects, note, rounds, warmups, connections, inFlight } = plan
  const orders = planOrders(plan.leadInOrders + plan.orders)
  const names = subjects.map(({ name }) => name)
  const child = new Child<Job, Done>('sockets/commanding')
  const clients: Clients = async (port, count, callsPerFrame) => {
    const framesInFlight = inFlight / callsPerFrame / connections
    const job = { port, connections, framesInFlight, callsPerFrame }
    const from = plan.leadInOrders
    await child.ask({ ...job, from: 0, orders: from })
    const orders = count - from
    const { elapsedMs, latenciesMs } = await child.ask({ ...job, from, orders })
    return { unitMs: elapsedMs / (orders * commandsPerOrder), latenciesMs }
  }
  try {
    const measured = await measureInTurn(names, plan, (index) => {
      note(`gateway: ${names[index]}`)
      return subjects[index]!.run(orders, plan, clients)
    })
    const rows = measured.map(({ perSecond, latencyMs }, index) => {
      const { name, does } = subjects[index]!
      const { p50: commandsPerSecond, mad: spreadPerSecond } = perSecond
      return { name, does, commandsPerSecond, spreadPerSecond, latencyMs }
    })
    const [one, nothing, batches, inside] = measured as Measured[]
    return {
      ...{ rounds, warmups, connections, inFlight, rows },
      leadInOrders: plan.leadInOrders,
      orders: plan.orders,
      callsPerBatch: plan.callsPerBatch,
      singleToEmpty: ratioByRound(one!.perSecondByRound, nothing!.perSecondByRound),
      batchesToInProcess: ratioByRound(batches!.perSecondByRound, inside!.perSecondByRound),
    }
  } finally {
    child.end()
  }
}

function overGateway(
  orders: readonly OrderPlan[],
  { folder: parent }: Plan,
  clients: Clients,
  callsPerFrame: number,
): Promise<Sample> {
  return inFolder(parent, async (data) => {
    // The bound on one socket's calls is not what is measured.
    const limits = { callsPerSecondMax: 10_000_000 }
    const engine = await openEngine({ data, limits, listen: { port: 0 } })
    try {
      const sample = await clients(engine.address!.port, orders.length, callsPerFrame)
      await checkEngine(engine, orders)
      return sample
    } finally {
      await engine.close()
    }
  })
}

function printGateway(answer: GatewayAnswer): string {
  const { rows, rounds, warmups, leadInOrders, orders, connections, inFlight } = answer
  return [
    gateway.asks,
    table(
      ['subject', 'commands/s', '±', 'p50 ms', 'p99 ms', 'p99.9 ms'],
      rows.map(({ name, commandsPerSecond, spreadPerSecond, latencyMs }) => [
        name,
        rate(commandsPerSecond),
        rate(spreadPerSecond),
        milliseconds(latencyMs.p50),
        milliseconds(latencyMs.p99),
        milliseconds(latencyMs.p999),
      ]),
      1,
    ),
    `${orders} orders after ${leadInOrders} that do not count, three commands each, ${inFlight} in flight over ${connections} sockets whose ` +
      `clients are a process of their own; batches of ${answer.callsPerBatch}; ms: from a frame to ` +
      `its answer. Medians of ${rounds} rounds in turn after ${warmups} to warm up; results checked.`,
    ...rows.map(({ name, does }) => `${name}: ${does}.`),
  ].join('\n')
}
