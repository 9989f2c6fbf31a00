/** How long does it take until a thousand watchers have one change? */
import { type Engine, openEngine } from '../../src/engine.ts'
import { Child } from '../child.ts'
import type { Finding } from '../goals.ts'
import {
  measureInTurn,
  type Percentiles,
  type Rounds,
  ratioByRound,
  type Sample,
} from '../measure.ts'
import type { Question } from '../question.ts'
import { milliseconds, rate, table } from '../report.ts'
import type { Heard, Told } from '../sockets/watching.ts'
import { inFolder } from '../subjects/subject.ts'
import { openEmptyServer } from '../subjects/ws-servers.ts'
import { expect, planOrders, WrongResultError } from '../workload.ts'

export interface Plan extends Rounds {
  readonly folder: string
  readonly watchers: number
  /** Changes that a run begins with, and that do not count. */
  readonly leadIn: number
  /** In one run, one after the other: each when all have the one before. */
  readonly changes: number
  readonly note: (text: string) => void
}

export interface BroadcastAnswer extends Rounds {
  readonly watchers: number
  readonly leadIn: number
  readonly changes: number
  readonly bytes: number
  readonly rows: readonly {
    readonly name: string
    readonly does: string
    readonly changesPerSecond: number
    readonly spreadPerSecond: number
    /** From the change to when all watchers have it. */
    readonly latencyMs: Percentiles
  }[]
  readonly engineToWs: { readonly figure: number; readonly range: readonly [number, number] }
}

/** Something that tells its watchers of changes. */
export interface Broadcaster {
  readonly port: number
  /** The text of the call with which a watcher subscribes. */
  readonly call: string
  /** Makes the change with this number, and tells the watchers. */
  change(number: number): Promise<void>
  /** @throws {WrongResultError} if what the watchers got is not what they must get */
  check(texts: readonly string[]): void
  close(): Promise<void>
}

const full = { rounds: 5, warmups: 1, watchers: 1000, leadIn: 50, changes: 100 }
const quick = { rounds: 1, warmups: 0, watchers: 200, leadIn: 1, changes: 5 }
const does = [
  'commits a change of an order, makes its view into text once, sends it to all who watch',
  'sends the same bytes, made beforehand, to each socket: `send` of one buffer, nothing else',
]

export const broadcast: Question<BroadcastAnswer> = {
  name: 'broadcast',
  asks: 'How soon do all watchers have one change, next to the fastest broadcast that ws has?',
  run: ({ quick: isQuick, folder, note }) =>
    measureBroadcast({ ...(isQuick ? quick : full), folder, note }),
  print: printBroadcast,
  findings: ({ watchers, engineToWs }): readonly Finding[] => [
    {
      goal: {
        what: `changes/s that ${watchers} watchers have, to the same bytes sent with ws alone`,
        bound: 'least',
        value: 0.8,
        peer: 'ws alone',
      },
      ...engineToWs,
    },
  ],
}

/**
 * @param open opens what is measured first, in an empty folder
 * @throws {WrongResultError} if watchers did not get each change, all the same
 */
export async function measureBroadcast(
  plan: Plan,
  open: (folder: string) => Promise<Broadcaster> = openEngineBroadcaster,
): Promise<BroadcastAnswer> {
  const { folder, watchers, leadIn, changes, rounds, warmups, note } = plan
  const child = new Child<Told, Heard>('sockets/watching')
  const runEngine = (plan: Plan) =>
    inFolder(folder, async (data) => run(await open(data), plan, child))
  try {
    const one = await runEngine({ ...plan, watchers: 1, leadIn: 0, changes: 1 })
    const bytes = Buffer.from(one.texts[0]!)
    const names = ['engine', 'ws alone']
    const measured = await measureInTurn(names, plan, async (index) => {
      note(`broadcast: ${names[index]}, ${watchers} watchers`)
      const ran = index === 0 ? runEngine(plan) : run(await openWsBroadcaster(bytes), plan, child)
      return (await ran).sample
    })
    const rows = measured.map(({ perSecond, latencyMs }, index) => {
      const { p50: changesPerSecond, mad: spreadPerSecond } = perSecond
      const name = names[index]!
      return { name, does: does[index]!, changesPerSecond, spreadPerSecond, latencyMs }
    })
    const [engine, ws] = measured
    const engineToWs = ratioByRound(engine!.perSecondByRound, ws!.perSecondByRound)
    return { rounds, warmups, watchers, leadIn, changes, bytes: bytes.length, rows, engineToWs }
  } finally {
    child.end()
  }
}

async function run(
  broadcaster: Broadcaster,
  { watchers, leadIn, changes }: Plan,
  child: Child<Told, Heard>,
): Promise<{ readonly sample: Sample; readonly texts: readonly string[] }> {
  const texts: string[] = []
  const latenciesMs = new Float64Array(changes)
  try {
    const { port, call } = broadcaster
    const ready = await child.ask({ watch: { port, watchers, call } })
    expect('what the watchers say first', ready, { ready: true })
    let began = 0
    for (let number = -leadIn; number < changes; number++) {
      const changedAt = performance.now()
      if (number === 0) began = changedAt
      await broadcaster.change(leadIn + number)
      const heard = await child.next()
      if (number >= 0) latenciesMs[number] = performance.now() - changedAt
      if (!('text' in heard))
        throw new WrongResultError(`The watchers said ${JSON.stringify(heard)}.`)
      texts.push(heard.text)
    }
    const elapsedMs = performance.now() - began
    broadcaster.check(texts)
    return { sample: { unitMs: elapsedMs / changes, latenciesMs }, texts }
  } finally {
    await child.ask({ end: true }).catch(() => {})
    await broadcaster.close()
  }
}

const { orderId, commands } = planOrders(1)[0]!
const quantityOf = (number: number) => 5 + (number % 2)

export async function openEngineBroadcaster(data: string): Promise<Broadcaster> {
  const engine = await openEngine({ data, listen: { port: 0 } })
  const [placing] = commands
  await engine.submit(placing!.method, placing!.params)
  const from = { epoch: engine.epoch, eventId: engine.eventId }
  const call = { jsonrpc: '2.0', id: 1, method: 'views.subscribe', params: { from } }
  return {
    port: engine.address!.port,
    call: JSON.stringify(call),
    async change(number) {
      const lines = [{ sku: 'widget', quantity: quantityOf(number) }]
      const answer = await engine.submit('order.modify', { orderId, lines })
      if ('refused' in answer) throw new WrongResultError(answer.message)
    },
    check: (texts) => checkTexts(engine, from.eventId, texts),
    close: () => engine.close(),
  }
}

function checkTexts(engine: Engine, from: number, texts: readonly string[]): void {
  for (const [number, text] of texts.entries()) {
    const { eventId, previous, views } = JSON.parse(text).params
    expect('where a notification goes on', [previous, eventId], [from + number, from + number + 1])
    const quantities = views.map(
      ({ lines }: { lines: { quantity: number }[] }) => lines[0]?.quantity,
    )
    expect('the quantities of its views', quantities, [quantityOf(number)])
  }
  expect('the last eventId', engine.eventId, from + texts.length)
}

async function openWsBroadcaster(bytes: Buffer): Promise<Broadcaster> {
  const server = await openEmptyServer((id) => `{"jsonrpc":"2.0","id":${id},"result":{}}`)
  const text = bytes.toString()
  return {
    port: server.port,
    call: '{"jsonrpc":"2.0","id":1,"method":"views.subscribe","params":{}}',
    async change() {
      server.broadcast(bytes)
    },
    check: (texts) => {
      for (const got of texts) expect('what a watcher got', got, text)
    },
    close: () => server.close(),
  }
}

function printBroadcast({
  rows,
  watchers,
  leadIn,
  changes,
  bytes,
  rounds,
  warmups,
}: BroadcastAnswer): string {
  return [
    broadcast.asks,
    table(
      ['subject', 'changes/s', '±', 'frames/s', 'p50 ms', 'p99 ms', 'p99.9 ms'],
      rows.map(({ name, changesPerSecond, spreadPerSecond, latencyMs }) => [
        name,
        rate(changesPerSecond),
        rate(spreadPerSecond),
        rate(changesPerSecond * watchers),
        milliseconds(latencyMs.p50),
        milliseconds(latencyMs.p99),
        milliseconds(latencyMs.p999),
      ]),
      1,
    ),
    `${changes} changes a run after ${leadIn} that do not count, one after the other, each to ${watchers} sockets in a process of their ` +
      `own, in a frame of ${bytes} bytes; ms: from the change to when all have it. Medians of ` +
      `${rounds} rounds in turn after ${warmups} to warm up; every watcher must get every change.`,
    ...rows.map(({ name, does }) => `${name}: ${does}.`),
  ].join('\n')
}
