/** How an engine opens, closes, and stops where something breaks. */
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ClosedError,
  type Engine,
  type EngineOptions,
  ListenError,
  LogLockedError,
  MachineError,
  MemoryLog,
  OutcomeUnknownError,
  openEngine,
  orderDomain,
  type Refusal,
  ReplayError,
} from '../src/index.ts'
import { systemRuntime } from '../src/runtime.ts'
import { temporaryFolder } from './support/folders.ts'
import { bob, recorded } from './support/orders.ts'
import { connect } from './support/rpc.ts'
import { ScriptedLog } from './support/scripted-log.ts'

async function open(options: EngineOptions): Promise<Engine> {
  const engine = await openEngine(options)
  onTestFinished(() => engine.close())
  return engine
}

describe('opening', () => {
  it('needs a folder or a log', async () => {
    await expect(openEngine({})).rejects.toThrow(/needs `data`, a folder, or `log`/)
  })

  it('says how far the replay has come, and has it all again', async () => {
    const log = new MemoryLog({ firstEventId: 2001, epoch: 'e' })
    const first = await open({ log })
    await first.submit('order.new', bob.new)
    await first.submit('order.modify', bob.modify)
    const before = first.list()
    await first.close()
    const progress: object[] = []
    const again = await open({ log, onProgress: (one) => progress.push(one) })
    expect(progress.at(-1)).toEqual({ done: 2, total: 2 })
    expect(again.list()).toEqual(before)
    expect([again.epoch, again.eventId, again.address]).toEqual(['e', 2002, undefined])
  })

  it('keeps the log in a folder, numbered from where it is told', async () => {
    const data = temporaryFolder()
    const first = await openEngine({ data, firstEventId: 2001 })
    await first.submit('order.new', bob.new)
    await expect(openEngine({ data })).rejects.toThrow(LogLockedError)
    await first.close()
    const again = await openEngine({ data })
    expect(await again.submit('order.modify', bob.modify)).toMatchObject({ eventId: 2002 })
    await again.close()
  })

  it('gives the lock back when the port is in use', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as { port: number }
    const data = temporaryFolder()
    const opening = openEngine({ data, listen: { port } })
    await expect(opening).rejects.toThrow(ListenError)
    await expect(opening).rejects.toThrow(/in use/)
    holder.close()
    const engine = await openEngine({ data })
    await engine.close()
  })

  it('gives the lock back when it cannot be built or replayed', async () => {
    const data = temporaryFolder()
    await expect(openEngine({ data, limits: { liveActorsMax: 1 } })).rejects.toThrow(RangeError)
    await expect(openEngine({ data, limits: { noSuch: 1 } as never })).rejects.toThrow(/noSuch/)
    await (await openEngine({ data })).close()
    const log = new MemoryLog()
    await log.append([recorded({ eventId: 1, type: 'NoSuchEvent' })], 0)
    await expect(openEngine({ log, listen: { port: 0 } })).rejects.toThrow(ReplayError)
  })

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.org', '127.0.0.1.example.org'])(
    'refuses to listen on %s, which others can reach',
    async (host) => {
      const opening = openEngine({ log: new MemoryLog(), listen: { host, port: 0 } })
      await expect(opening).rejects.toThrow(ListenError)
      await expect(opening).rejects.toThrow(/tokens/)
    },
  )
})

describe('closing', () => {
  it('can be done twice, and answers what was asked before', async () => {
    const log = new ScriptedLog()
    const engine = await open({ log })
    const answer = engine.submit('order.new', bob.new)
    const append = await log.next()
    const closing = [engine.close(), engine.close()]
    const late = (await engine.submit('order.new', { ...bob.new, orderId: 'late' })) as Refusal
    expect(late.refused).toBe('STOPPING')
    append.land()
    expect(await answer).toMatchObject({ version: 1 })
    await Promise.all(closing)
    await engine.close()
    expect(await engine.submit('order.new', bob.new)).toMatchObject({ refused: 'STOPPING' })
    expect(engine.eventId).toBe(1)
  })

  it.each([
    ['a folder', () => ({ data: temporaryFolder() })],
    ['a log', () => ({ log: new MemoryLog() })],
  ])('ends the reads of the log, which say so: of %s', async (_, options) => {
    const engine = await openEngine(options())
    await engine.submit('order.new', bob.new)
    await engine.close()
    await expect(engine.history('bob-1')).rejects.toThrow(ClosedError)
    await expect(engine.at('bob-1', 1)).rejects.toThrow(/engine is closed.*Open it anew/)
    expect(() => engine.events()).toThrow(ClosedError)
    expect(engine.get('bob-1')).toMatchObject({ version: 1 })
    expect(engine.list().orders).toHaveLength(1)
  })

  it('ends a read that is under way, which says so', async () => {
    const engine = await openEngine({ data: temporaryFolder(), limits: { batchEventsMax: 500 } })
    const orders = Array.from({ length: 1500 }, (_, at) => ({ ...bob.new, orderId: `o-${at}` }))
    await Promise.all(orders.map((order) => engine.submit('order.new', order)))
    const read = engine.events()[Symbol.asyncIterator]()
    expect((await read.next()).value?.length).toBeLessThan(1500)
    await engine.close()
    await expect(read.next()).rejects.toThrow(ClosedError)
  })

  it('closes its sockets and its port', async () => {
    const engine = await open({ log: new MemoryLog(), listen: { port: 0 } })
    const { address } = engine
    const client = await connect(address)
    await engine.close()
    expect(await client.closed).toMatchObject({ code: 4200 })
    await expect(connect(address)).rejects.toThrow('ECONNREFUSED')
  })
})

describe('faults', () => {
  const throwing: typeof orderDomain = {
    ...orderDomain,
    decide(snapshot, method, params) {
      if (method === 'order.ship') throw new Error('the domain broke')
      return orderDomain.decide(snapshot, method, params)
    },
  }

  it('stops where the domain throws: nothing is recorded, and reads go on', async () => {
    const faults: Error[] = []
    const log = new MemoryLog()
    const engine = await openEngine({ domain: throwing, log, onFault: (one) => faults.push(one) })
    onTestFinished(() => engine.close())
    await engine.submit('order.new', bob.new)
    const [broken, after] = await Promise.allSettled([
      engine.submit('order.ship', { orderId: 'bob-1' }),
      engine.submit('order.modify', bob.modify),
    ])
    expect(broken).toMatchObject({ status: 'rejected', reason: expect.any(MachineError) })
    expect(after).toMatchObject({ value: { refused: 'STOPPING' } })
    expect(await engine.submit('order.cancel', { orderId: 'bob-1' })).toMatchObject({
      refused: 'STOPPING',
    })
    expect(faults).toHaveLength(1)
    expect(faults[0]?.message).toContain('the domain broke')
    expect(log.head).toBe(1)
    expect(engine.get('bob-1')).toMatchObject({ version: 1 })
  })

  it('tells a client no more of it than that it happened', async () => {
    const engine = await openEngine({
      domain: throwing,
      log: new MemoryLog(),
      listen: { port: 0 },
    })
    onTestFinished(() => engine.close())
    const client = await connect(engine.address)
    await client.call('order.new', bob.new)
    const { error } = await client.call('order.ship', { orderId: 'bob-1' })
    expect(error).toMatchObject({ code: -32603, data: { outcome: 'not_applied' } })
    expect(JSON.stringify(error)).not.toContain('the domain broke')
  })

  it('rejects what was being written when the log failed, and says so', async () => {
    const log = new ScriptedLog()
    const faults: Error[] = []
    const engine = await open({ log, onFault: (one) => faults.push(one) })
    const answer = engine.submit('order.new', bob.new)
    const append = await log.next()
    append.fail(new Error('the disk is gone'))
    await expect(answer).rejects.toThrow(OutcomeUnknownError)
    expect(faults).toHaveLength(1)
  })

  it('closes all the same where onFault throws, and lets the program see it', async () => {
    const thrown: unknown[] = []
    const soon = (run: () => void) =>
      systemRuntime.soon(() => {
        try {
          run()
        } catch (error) {
          thrown.push(error)
        }
      })
    const mine = new Error('mine')
    const engine = await openEngine({
      domain: throwing,
      log: new MemoryLog(),
      runtime: { ...systemRuntime, soon },
      onFault: () => {
        throw mine
      },
    })
    await engine.submit('order.new', bob.new)
    const broken = engine.submit('order.ship', { orderId: 'bob-1' })
    const closed = engine.close()
    await expect(broken).rejects.toThrow(MachineError)
    await closed
    await new Promise((turn) => setImmediate(turn))
    expect(thrown).toEqual([mine])
  })
})
