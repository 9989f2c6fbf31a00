import { describe, expect, it, onTestFinished } from 'vitest'
import { type Engine, type EngineOptions, MemoryLog, openEngine } from '../../src/index.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { settle } from '../support/sequencer.ts'
import { readMetrics, scrape } from './scrape.ts'

async function open(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await openEngine({ log: new MemoryLog(), listen: { port: 0 }, ...options })
  onTestFinished(() => engine.close())
  return engine
}

const commands = (method: string, outcome: string, reason = '') =>
  `ordinal_commands_total{method="${method}",outcome="${outcome}",reason="${reason}"}`

describe('/metrics', () => {
  it('counts commands by method and outcome', async () => {
    const engine = await open()
    await engine.submit('order.new', bob.new)
    await engine.submit('order.pay', { ...bob.pay, amount: 1, commandId: 'c-1' })
    await engine.submit('order.pay', { ...bob.pay, amount: 1, commandId: 'c-1' })
    await engine.submit('order.pay', { ...bob.pay, paymentId: 'p-2', amount: 9999 })
    await engine.submit('order.pay', { ...bob.pay, orderId: 'nobody' })
    const { values } = await scrape(engine.address!)
    expect(Object.fromEntries(values)).toMatchObject({
      [commands('order.new', 'receipt')]: 1,
      [commands('order.pay', 'receipt')]: 1,
      [commands('order.pay', 'replayed')]: 1,
      [commands('order.pay', 'refused', 'OVERPAYMENT')]: 1,
      [commands('order.pay', 'refused', 'ORDER_NOT_FOUND')]: 1,
      [commands('order.ship', 'receipt')]: 0,
    })
  })

  it('counts a command over a socket as one', async () => {
    const engine = await open()
    const client = await connect(engine.address)
    await client.call('order.new', bob.new)
    const { values } = await scrape(engine.address!)
    expect(values.get(commands('order.new', 'receipt'))).toBe(1)
  })

  it('counts what ends in a fault, and what the stopped writer refuses', async () => {
    const log = new ScriptedLog()
    const engine = await open({ log })
    const lost = engine.submit('order.new', bob.new).catch((error) => error)
    const append = await log.next()
    append.landAndFail(new Error('the disk is gone'))
    expect((await lost).code).toBe('OUTCOME_UNKNOWN')
    await engine.submit('order.pay', bob.pay)
    const { values } = await scrape(engine.address!)
    expect(values.get(commands('order.new', 'fault', 'OUTCOME_UNKNOWN'))).toBe(1)
    expect(values.get(commands('order.pay', 'refused', 'STOPPING'))).toBe(1)
    // What failed was no commit.
    expect(values.get('ordinal_commit_events_count')).toBe(0)
  })

  it('measures commits: how many, of how many events, and how long each took', async () => {
    const log = new ScriptedLog()
    let elapsed = 0
    const runtime = { ...systemRuntime, elapsed: () => elapsed }
    const engine = await open({ log, runtime, limits: { groupShareMin: 1 } })
    const submitted = ['a', 'b', 'c', 'd'].map((orderId) => {
      return engine.submit('order.new', { ...bob.new, orderId })
    })
    // Half of what is in flight goes in each of the two appends that this log takes at once.
    const appends = [await log.next(), await log.next()]
    for (const [place, ms] of [3, 20].entries()) {
      expect(appends[place]?.batch).toHaveLength(2)
      elapsed += ms
      appends[place]?.land()
      await settle()
    }
    await Promise.all(submitted)
    const { values } = await scrape(engine.address!)
    expect(values.get('ordinal_commit_events_sum')).toBe(4)
    expect(values.get('ordinal_commit_events_bucket{le="1"}')).toBe(0)
    expect(values.get('ordinal_commit_events_bucket{le="2"}')).toBe(2)
    expect(values.get('ordinal_commit_duration_seconds_sum')).toBeCloseTo(0.026)
    expect(values.get('ordinal_commit_duration_seconds_bucket{le="0.0025"}')).toBe(0)
    expect(values.get('ordinal_commit_duration_seconds_bucket{le="0.005"}')).toBe(1)
    expect(values.get('ordinal_commit_duration_seconds_bucket{le="0.025"}')).toBe(2)
  })

  it('shows commands that wait while the log is busy', async () => {
    const log = new ScriptedLog()
    const engine = await open({ log })
    const place = (orderId: string) => engine.submit('order.new', { ...bob.new, orderId })
    const submitted = [place('a')]
    const held = [await log.next()]
    submitted.push(place('b'))
    held.push(await log.next())
    submitted.push(place('c'), place('d'), place('e'))
    const { values } = await scrape(engine.address!)
    expect(values.get('ordinal_inbox_commands')).toBe(3)
    for (const append of held) append.land()
    const landing = setInterval(() => log.held.shift()?.land(), 1)
    await Promise.all(submitted)
    clearInterval(landing)
    const after = await scrape(engine.address!)
    expect(after.values.get('ordinal_inbox_commands')).toBe(0)
  })

  it('shows orders, actors, the head, sockets and subscriptions', async () => {
    const engine = await open({ log: new MemoryLog({ firstEventId: 2001 }) })
    const clients = [await connect(engine.address), await connect(engine.address)]
    await clients[0]!.call('views.subscribe', {})
    await clients[0]!.call('events.subscribe', {})
    await clients[1]!.call('views.subscribe', { orderId: 'bob-1' })
    await clients[1]!.call('order.new', bob.new)
    await clients[1]!.call('order.modify', bob.modify)
    const { values } = await scrape(engine.address!)
    expect(Object.fromEntries(values)).toMatchObject({
      ordinal_orders: 1,
      ordinal_orders_in_memory: 1,
      ordinal_live_actors: 1,
      ordinal_head_event_id: 2002,
      ordinal_sockets: 2,
      ordinal_subscriptions: 3,
    })
  })

  it('is of one engine alone, however many there are in a process', async () => {
    const [one, other] = [await open(), await open()]
    await one.submit('order.new', bob.new)
    const { values } = await scrape(other.address!)
    expect(values.get(commands('order.new', 'receipt'))).toBe(0)
    expect(values.get('ordinal_orders')).toBe(0)
  })

  it('keeps to the conventions of Prometheus', async () => {
    const engine = await open()
    const { contentType, types, values } = await scrape(engine.address!)
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    for (const [name, type] of types) {
      expect(name).toMatch(/^(?:ordinal|process|nodejs)_[a-z_]+$/)
      expect({ name, isTotal: name.endsWith('_total') }).toEqual({
        name,
        isTotal: type === 'counter',
      })
      expect(name).not.toMatch(/_(?:ms|milliseconds|kilobytes)(?:_|$)/)
    }
    for (const [name, value] of values) expect({ name, value }).not.toEqual({ name, value: NaN })
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e6)
    expect(values.get('process_start_time_seconds')).toBeGreaterThan(1.7e9)
    expect(values.get('process_cpu_user_seconds_total')).toBeGreaterThan(0)
  })
})

describe('the metrics', () => {
  const sequencer = { waiting: 1, liveActors: 2 }
  const view = { size: 3, keptCount: 2, eventId: 4 }

  it('are read when they are asked for', async () => {
    const gateway = {
      sockets: 5,
      subscriptions: 6,
      outboxBytes: 7,
      conflations: 8,
      slowestLag: 9,
    }
    let stands = { sequencer, view, gateway }
    const metrics = new Metrics([], () => stands)
    onTestFinished(() => metrics.close())
    const read = async () => Object.fromEntries(readMetrics(await metrics.text()).values)
    expect(await read()).toMatchObject({
      ordinal_inbox_commands: 1,
      ordinal_live_actors: 2,
      ordinal_orders: 3,
      ordinal_orders_in_memory: 2,
      ordinal_head_event_id: 4,
      ordinal_sockets: 5,
      ordinal_subscriptions: 6,
      ordinal_outbox_bytes: 7,
      ordinal_conflations_total: 8,
      ordinal_slowest_watcher_lag_events: 9,
    })
    stands = { ...stands, gateway: { ...gateway, conflations: 80, slowestLag: 0 } }
    expect(await read()).toMatchObject({
      ordinal_conflations_total: 80,
      ordinal_slowest_watcher_lag_events: 0,
    })
  })

  it('are zero where there is no gateway yet', async () => {
    const metrics = new Metrics([], () => ({ sequencer, view, gateway: undefined }))
    onTestFinished(() => metrics.close())
    const { values } = readMetrics(await metrics.text())
    expect(values.get('ordinal_sockets')).toBe(0)
    expect(values.get('ordinal_conflations_total')).toBe(0)
  })

  it('take no notice of a method that is none of the domain', async () => {
    const metrics = new Metrics(['known'], () => ({ sequencer, view, gateway: undefined }))
    onTestFinished(() => metrics.close())
    metrics.answered('unknown', new Error('x'))
    metrics.answered('known', new Error('x'))
    const { values } = readMetrics(await metrics.text())
    const counted = [...values].filter(([name, value]) => value > 0 && name.includes('commands_'))
    expect(counted).toEqual([[commands('known', 'fault', 'INTERNAL'), 1]])
  })

  it('see that the event loop was late', async () => {
    const metrics = new Metrics([], () => ({ sequencer, view, gateway: undefined }))
    onTestFinished(() => metrics.close())
    const worst = 'ordinal_event_loop_delay_seconds{quantile="1"}'
    // The monitor has to have looked once before and once after what blocks it.
    let delay = 0
    for (let turn = 0; turn < 100 && delay < 0.1; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      const until = performance.now() + 150
      while (performance.now() < until);
      await new Promise((resolve) => setTimeout(resolve, 20))
      delay = readMetrics(await metrics.text()).values.get(worst) ?? 0
    }
    expect(delay).toBeGreaterThan(0.1)
    expect(delay).toBeLessThan(1000)
  })
})
