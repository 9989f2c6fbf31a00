/** The stages of the hot path, each as its own code run alone on recorded inputs. */

import { OrderHeads } from '../../src/checkpoint/heads.ts'
import type { Recorded } from '../../src/domain.ts'
import { openEngine } from '../../src/engine.ts'
import { nobodyInParticular } from '../../src/gateway/auth/identity.ts'
import { Gateway } from '../../src/gateway/gateway.ts'
import type { Socket, SocketHandlers } from '../../src/gateway/session/socket.ts'
import { Entry, encodeEntry } from '../../src/log/codec.ts'
import { openLogForWriting } from '../../src/log/lmdb-log.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { CommandForms, copyOf } from '../../src/protocol/commands.ts'
import { parseFrame } from '../../src/protocol/jsonrpc.ts'
import { yieldTurn } from '../../src/runtime.ts'
import { OrderView } from '../../src/view/order-view.ts'
import { checkEngine } from '../subjects/engine.ts'
import { checkFinal, drive, expect } from '../workload.ts'
import { config, domain, type Inputs, runtime, sequence } from './inputs.ts'

/** What a stage took, in milliseconds a command. */
export interface Taken {
  /** Time that the main thread was busy. */
  readonly busyMs: number
  /** With what the thread waited. */
  readonly wallMs: number
  /** Of each batch of commands; empty where the stage has none. */
  readonly batchesMs: readonly number[]
}

export interface Stage {
  readonly name: string
  readonly does: string
  /** Where it is passed: always, or only by what comes and goes by socket. `whole` is all at once. */
  readonly part: 'always' | 'sockets' | 'whole'
  /** Works through all of the inputs in an empty folder of its own, and checks what came of it. */
  run(inputs: Inputs, folder: string): Promise<Taken>
}

/** Commands in one batch of a stage that takes them one by one. */
const batchCommands = 512

const frame: Stage = {
  name: 'frame',
  does: 'the text of a frame into a JSON-RPC call',
  part: 'sockets',
  async run({ frames }) {
    return perBatch(inBatches(frames), (texts) => {
      for (const text of texts) {
        const [part] = parseFrame(text, config.batchCallsMax).parts
        if (!part || 'error' in part) expect('the call of a frame', part, 'a call')
      }
    })
  },
}

const parse: Stage = {
  name: 'parse',
  does: 'the params copied, and checked against the schema of their method',
  part: 'always',
  async run({ asked }) {
    const forms = new CommandForms(domain, runtime)
    return perBatch(inBatches(asked), (commands) => {
      for (const { method, params } of commands) {
        const { orderId } = forms.prepare(method, copyOf(method, params))
        if (orderId !== params.orderId) expect('the order of a command', orderId, params.orderId)
      }
    })
  },
}

const decide: Stage = {
  name: 'decide',
  does: 'the sequencer: actors made, decided, told, numbered, grouped, answered; a log in memory',
  part: 'always',
  async run({ orders, inFlight, asked, commands }) {
    const batchesMs: number[] = []
    let shown = 0
    let last = performance.now()
    const tell = (batch: readonly unknown[]) => {
      const now = performance.now()
      batchesMs.push((now - last) / batch.length)
      last = now
      shown += batch.length
    }
    const taken = await timed(asked.length, () => sequence(orders, inFlight, commands, tell))
    expect('the number of events', shown, asked.length)
    return { ...taken, batchesMs }
  },
}

const encode: Stage = {
  name: 'encode',
  does: 'the events of a commit into the bytes of an entry',
  part: 'always',
  async run({ events, asked }) {
    const entries: Buffer[] = []
    const taken = perBatch(events, (batch) => entries.push(encodeEntry(batch)))
    let decoded = 0
    for (const entry of entries) decoded += new Entry(decoded + 1, entry).events().length
    expect('the number of events in all entries', decoded, asked.length)
    return taken
  },
}

const append: Stage = {
  name: 'append',
  does: 'entries into the LMDB log, two under way at once; encoding is taken off',
  part: 'always',
  async run({ events, asked }, folder) {
    const log = openLogForWriting({ folder, domain: domain.name, runtime })
    const batchesMs: number[] = []
    let next = 0
    const writer = async () => {
      for (let batch = events[next++]; batch; batch = events[next++]) {
        const began = performance.now()
        await log.append(batch, batch[0]!.eventId - 1)
        batchesMs.push((performance.now() - began) / batch.length)
      }
    }
    const writers = async () => {
      await Promise.all(Array.from({ length: log.appendsMax }, writer))
    }
    const { busyMs, wallMs } = await timed(count(events), writers)
    expect('the head of the log', log.head, asked.length)
    await log.close()
    const { busyMs: encodingMs } = perBatch(events, encodeEntry)
    return { busyMs: Math.max(0, busyMs - encodingMs), wallMs, batchesMs }
  },
}

const view: Stage = {
  name: 'view',
  does: 'recorded events applied to OrderView',
  part: 'always',
  async run({ batches, orders }) {
    const { view, headOf } = newView()
    const durable = batches.map((batch) => batch.map((one) => ({ one, head: headOf(one) })))
    const taken = perBatch(durable, (batch) => {
      for (const { one, head } of batch) view.apply(one, head)
    })
    for (const plan of orders) checkFinal(plan, view.get(plan.orderId) as never)
    return taken
  },
}

const notify: Stage = {
  name: 'notify',
  does: 'changes into the text of one notification, for one watcher of all views',
  part: 'sockets',
  async run({ batches, asked }) {
    const { view, headOf } = newView()
    const log = new MemoryLog()
    const forms = new CommandForms(domain, runtime)
    const take = () => {
      throw new Error('No commands come by this socket.')
    }
    const gateway = new Gateway({
      stages: { domain, forms, log, view: view as never, take },
      config,
      runtime,
    })
    const socket = new CountingSocket()
    gateway.connect(socket, nobodyInParticular)
    const params = { from: { epoch: log.epoch, eventId: view.eventId } }
    socket.handlers.text(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'views.subscribe', params }),
    )
    await socket.next()
    const commands = count(batches)
    const batchesMs: number[] = []
    let busyMs = 0
    for (const batch of batches) {
      const changes = batch.map((one) => {
        const head = headOf(one)
        const before = head.view
        return { view: view.apply(one, head), before }
      })
      const told = socket.next()
      const began = performance.now()
      gateway.tell(batch, changes as never)
      await told
      const ms = performance.now() - began
      busyMs += ms
      batchesMs.push(ms / batch.length)
    }
    expect('the eventId of the last notification', socket.lastEventId, asked.length)
    await gateway.close()
    return { busyMs: busyMs / commands, wallMs: busyMs / commands, batchesMs }
  },
}

const whole: Stage = {
  name: 'whole',
  does: 'the engine in process, durable, with all that is in flight',
  part: 'whole',
  async run({ orders, inFlight, asked }, folder) {
    const engine = await openEngine({ data: folder })
    const taken = await timed(asked.length, async () => {
      await drive(orders, inFlight, ({ method, params }) => engine.submit(method, params))
    })
    expect('the last eventId', engine.eventId, asked.length)
    await checkEngine(engine, orders)
    await engine.close()
    return { ...taken, batchesMs: [] }
  },
}

/** In the order of the hot path. */
export const stages: readonly Stage[] = [frame, parse, decide, encode, append, view, notify, whole]

/** A socket that sends nowhere. */
class CountingSocket implements Socket {
  handlers: SocketHandlers = {
    text: () => {},
    binary: () => {},
    pong: () => {},
    drain: () => {},
    closed: () => {},
  }
  readonly remote = undefined
  readonly bufferedBytes = 0
  #last: string | Buffer = ''
  #onSent: () => void = () => {}

  /** Resolves once something more was sent. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSent = resolve
    })
  }

  get lastEventId(): number {
    return JSON.parse(this.#last.toString()).params.eventId
  }

  send(text: string | Buffer): void {
    this.#last = text
    this.#onSent()
  }

  cork(): void {}
  uncork(): void {}
  close(code: number): boolean {
    this.handlers.closed(code)
    return true
  }

  pause(): void {}
  resume(): void {}
  ping(): void {}
  terminate(): void {}
}

function newView() {
  const heads = new OrderHeads()
  const view = new OrderView(domain as never, new MemoryLog(), heads, runtime)
  return { view, headOf: ({ event }: Recorded) => heads.apply(event) }
}

/** Of work that never waits. */
function perBatch<T>(batches: readonly (readonly T[])[], work: (batch: readonly T[]) => unknown) {
  const batchesMs: number[] = []
  let totalMs = 0
  for (const batch of batches) {
    const began = performance.now()
    work(batch)
    const ms = performance.now() - began
    totalMs += ms
    batchesMs.push(ms / batch.length)
  }
  const perCommand = totalMs / count(batches)
  return { busyMs: perCommand, wallMs: perCommand, batchesMs }
}

/** Of work that waits, too: how long the event loop of the main thread was busy. */
async function timed(commands: number, work: () => Promise<void>) {
  // A turn of its own, as the loop counts its time turn by turn.
  await yieldTurn(runtime)
  const before = performance.eventLoopUtilization()
  const began = performance.now()
  await work()
  const wallMs = performance.now() - began
  const { active } = performance.eventLoopUtilization(before)
  return { busyMs: Math.min(active, wallMs) / commands, wallMs: wallMs / commands }
}

function inBatches<T>(all: readonly T[]): readonly (readonly T[])[] {
  const batches: T[][] = []
  for (let at = 0; at < all.length; at += batchCommands) {
    batches.push(all.slice(at, at + batchCommands))
  }
  return batches
}

function count(batches: readonly (readonly unknown[])[]): number {
  return batches.reduce((total, { length }) => total + length, 0)
}
