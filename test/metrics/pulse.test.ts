import { describe, expect, it, onTestFinished } from 'vitest'
import { StorageFullError } from '../../src/errors.ts'
import { MemoryLog, openEngine } from '../../src/index.ts'
import { Durations, RecentDelay } from '../../src/metrics/pulse.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'
import { ScriptedLog } from '../support/scripted-log.ts'

async function opened() {
  let elapsed = 0
  const runtime = { ...systemRuntime, elapsed: () => (elapsed += 1) }
  const engine = await openEngine({ log: new MemoryLog(), listen: { port: 0 }, runtime })
  onTestFinished(() => engine.close())
  const { host, port } = engine.address!
  const read = async () => (await fetch(`http://${host}:${port}/pulse.json`)).json() as any
  return { engine, read, client: await connect(engine.address) }
}

describe('/pulse.json', () => {
  it('counts what was answered, and the refusals by reason', async () => {
    const { client, read } = await opened()
    await client.call('order.new', bob.new)
    await client.call('order.pay', { ...bob.pay, amount: 9999 })
    await client.call('order.ship', { orderId: 'nobody' })
    await client.call('views.subscribe', {})
    expect(await read()).toMatchObject({
      ...{ orders: 1, eventId: 1, receipts: 1, commits: 1, commitEvents: 1 },
      refused: { OVERPAYMENT: 1, ORDER_NOT_FOUND: 1 },
      ...{ inbox: 0, sockets: 1, subscriptions: 1 },
    })
  })

  it('counts how long receipts took, and no refusals', async () => {
    const { client, read } = await opened()
    const before = await read()
    await client.call('order.new', bob.new)
    await client.call('order.new', bob.new)
    const after = await read()
    const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)
    expect(sum(after.receiptMs.counts) - sum(before.receiptMs.counts)).toBe(1)
    expect(after.receiptMs.counts).toHaveLength(after.receiptMs.bounds.length)
    expect(after.elapsedMs).toBeGreaterThan(before.elapsedMs)
  })
})

describe('a full disk', () => {
  it('is told until there is a commit again', async () => {
    const log = new ScriptedLog()
    const engine = await openEngine({ log, listen: { port: 0 } })
    onTestFinished(() => engine.close())
    const { host, port } = engine.address!
    const read = async () => (await fetch(`http://${host}:${port}/pulse.json`)).json() as any
    const refused = engine.submit('order.new', bob.new)
    ;(await log.next()).fail(new StorageFullError('here'))
    expect(await refused).toMatchObject({ refused: 'STORAGE_FULL' })
    expect(await read()).toMatchObject({ isStorageFull: true })
    const taken = engine.submit('order.new', bob.new)
    ;(await log.next()).land()
    await taken
    expect(await read()).toMatchObject({ isStorageFull: false })
  })
})

describe('durations', () => {
  it.each([0, 0.05, 0.051, 1, 9.9, 250, 9999])('are counted up to the next bound: %d ms', (ms) => {
    const { bounds, counts } = (() => {
      const durations = new Durations()
      durations.add(ms)
      return durations
    })()
    const place = counts.indexOf(1)
    expect(bounds[place]).toBeGreaterThanOrEqual(ms * 0.999)
    if (place > 0) expect(bounds[place - 1]).toBeLessThan(ms * 1.001)
  })

  it('longer than the longest bound are counted with it', () => {
    const durations = new Durations()
    durations.add(1e9)
    expect(durations.counts.at(-1)).toBe(1)
  })
})

describe('the delay of the event loop', () => {
  it('is the same for readers who come soon after each other', () => {
    let elapsed = 0
    const delay = new RecentDelay({ ...systemRuntime, elapsed: () => elapsed })
    const first = delay.read()
    elapsed = 899
    expect(delay.read()).toBe(first)
    elapsed = 900
    expect(delay.read()).not.toBe(first)
    delay.close()
    expect(delay.read()).toEqual({ p50: 0, p99: 0, max: 0 })
  })
})
