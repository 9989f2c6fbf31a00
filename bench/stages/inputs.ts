/** What the stages are given when they are run alone: recorded once, from the engine's own parts. */
import { OrderHeads } from '../../src/checkpoint/heads.ts'
import { configure } from '../../src/config.ts'
import type { Command, Domain, Recorded, RecordedEvent } from '../../src/domain.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { orderDomain } from '../../src/order/index.ts'
import { CommandForms } from '../../src/protocol/commands.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { Asked as AskedHere } from '../../src/sequencer/asked.ts'
import { Sequencer, type SequencerOptions } from '../../src/sequencer/sequencer.ts'
import {
  type Command as Asked,
  commandsPerOrder,
  drive,
  expect,
  type OrderPlan,
  planOrders,
} from '../workload.ts'

export const domain = orderDomain as unknown as Domain
export const config = configure()
export const runtime = systemRuntime

export interface Inputs {
  readonly orders: readonly OrderPlan[]
  readonly inFlight: number
  readonly asked: readonly Asked[]
  /** The same, as they are once their form was checked. */
  readonly commands: ReadonlyMap<Asked, Command>
  /** The frames that a client sends for them. */
  readonly frames: readonly string[]
  /** What was committed together. */
  readonly batches: readonly (readonly Recorded[])[]
  readonly events: readonly (readonly RecordedEvent[])[]
}

export async function recordInputs(orderCount: number, inFlight: number): Promise<Inputs> {
  const orders = planOrders(orderCount)
  const asked = orders.flatMap(({ commands }) => commands)
  const frames = asked.map((command, id) => JSON.stringify({ jsonrpc: '2.0', id, ...command }))
  const forms = new CommandForms(domain, runtime)
  const commands = new Map<Asked, Command>()
  for (const one of asked) commands.set(one, forms.prepare(one.method, one.params))
  const batches: (readonly Recorded[])[] = []
  await sequence(orders, inFlight, commands, (batch) => batches.push(batch.slice()))
  const events = batches.map((batch) => batch.map(({ event }) => event))
  return { orders, inFlight, asked, commands, frames, batches, events }
}

/** Takes all commands through the sequencer, on a log in memory. */
export async function sequence(
  orders: readonly OrderPlan[],
  inFlight: number,
  commands: ReadonlyMap<Asked, Command>,
  tell: SequencerOptions['tell'],
): Promise<void> {
  const log = new MemoryLog()
  const sequencer = new Sequencer({
    domain,
    log,
    heads: new OrderHeads(),
    config,
    runtime,
    ownerOf: () => null,
    show: () => {},
    tell,
    onFault: (fault) => {
      throw fault
    },
  })
  const submit = (asked: Asked) => {
    const waiting = new AskedHere(commands.get(asked)!)
    sequencer.take(waiting)
    return waiting.answer
  }
  await drive(orders, inFlight, submit)
  await sequencer.close()
  const events = orders.length * commandsPerOrder
  expect('the head of the log', log.head, events)
}
