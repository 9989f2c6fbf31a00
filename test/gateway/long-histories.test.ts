/** Orders with many events: nobody waits for the whole of one to be read. */
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { order } from '../support/sequencer.ts'
import { identityOf, wholeGateway } from './whole.ts'

const eventsOf = (orderId: string, count: number): [string, object][] =>
  Array.from({ length: count }, (_, index) =>
    index === 0
      ? ['order.new', order(orderId, { customerId: `of-${orderId}` })]
      : ['order.pay', { orderId, paymentId: `p-${index}`, amount: 1 }],
  )

/** An engine with an order of 200 events, and one of four, which is what is read in a turn. */
async function withDeep(limits: Partial<Config> = {}) {
  const made = await wholeGateway({ eventsPerTurnMax: 4, ...limits })
  for (const command of [...eventsOf('deep', 200), ...eventsOf('short', 4)]) {
    await made.submit(...command)
  }
  return made
}

describe('reads of a long history', () => {
  it('leave others their turn', async () => {
    for (const [method, params] of [
      ['order.at', { orderId: 'deep', eventId: 190 }],
      ['order.history', { orderId: 'deep' }],
    ] as const) {
      const { connect, call } = await withDeep()
      const [slow, quick] = [connect(), connect()]
      const late = call(slow, method, params)
      expect((await call(quick, 'order.get', { orderId: 'deep' })).result.version).toBe(200)
      expect(slow.sent).toEqual([])
      const { result } = await late
      expect(result.version ?? result.events.length).toBe(method === 'order.at' ? 190 : 200)
    }
  })

  it('are few at once over all sockets; more wait, and yet more are refused', async () => {
    const { connect, call } = await withDeep({ walksMax: 1, walksWaitingMax: 2 })
    const at = { orderId: 'deep', eventId: 100 }
    const order: string[] = []
    const ask = async (name: string, method: string, params: object) => {
      const answer = await call(connect(), method, params)
      order.push(name)
      return answer
    }
    const asked = [
      ask('first', 'order.at', at),
      ask('second', 'order.history', { orderId: 'deep' }),
      ask('third', 'order.at', at),
    ]
    const refused = ask('refused', 'order.at', at)
    const short = ask('short', 'order.at', { orderId: 'short', eventId: 204 })
    expect((await refused).error).toMatchObject({
      code: 1005,
      data: { reason: 'OVERLOADED', retryable: true },
    })
    expect((await short).result).toMatchObject({ version: 4 })
    expect((await asked[0])?.result).toMatchObject({ version: 100 })
    expect((await asked[1])?.result.events).toHaveLength(200)
    expect((await asked[2])?.result).toMatchObject({ version: 100 })
    expect(order.slice(-3)).toEqual(['first', 'second', 'third'])
    expect((await ask('again', 'order.at', at)).result).toMatchObject({ version: 100 })
  })

  it('do not keep their place where they fail', async () => {
    const { connect, call, log } = await withDeep({ walksMax: 1, walksWaitingMax: 1 })
    const { readBack } = log
    log.readBack = () => {
      throw new Error('the disk is gone')
    }
    const at = { orderId: 'deep', eventId: 100 }
    const failed = [call(connect(), 'order.at', at), call(connect(), 'order.at', at)]
    for (const { error } of await Promise.all(failed)) expect(error.code).toBe(-32603)
    log.readBack = readBack
    expect((await call(connect(), 'order.at', at)).result).toMatchObject({ version: 100 })
  })
})

describe('order.history', () => {
  it.each([
    ['events', { historyEventsMax: 199 }],
    ['bytes', { outboxCloseBytes: 10_000 }],
  ])('is refused where one answer would hold too many %s, and says how else', async (_, limits) => {
    const { connect, call } = await withDeep(limits)
    const socket = connect()
    const { error } = await call(socket, 'order.history', { orderId: 'deep' })
    expect(error).toMatchObject({
      code: 3003,
      data: { reason: 'TOO_LONG', retryable: false, orderId: 'deep', version: 200 },
    })
    expect(error.message).toMatch(/200 events.*events.subscribe.*events.read.*order.at/)
    expect(socket.closedWith).toBeUndefined()
    const { result } = await call(socket, 'order.history', { orderId: 'short' })
    expect(result.events).toHaveLength(4)
    const from = { epoch: 'this-log', eventId: 0 }
    await call(socket, 'events.subscribe', { orderId: 'deep', from })
    await call(socket, 'order.at', { orderId: 'deep', eventId: 200 })
    const told = socket.sent.flatMap(({ params }) => params?.events ?? [])
    expect(told.map((event) => event.version)).toEqual([...Array(200)].map((_, at) => at + 1))
  })

  it('is as long as it may be', async () => {
    const { connect, call } = await withDeep({ historyEventsMax: 200 })
    const { result } = await call(connect(), 'order.history', { orderId: 'deep' })
    expect(result.events).toHaveLength(200)
  })
})

it('gives others their turn where events.read looks through many of other customers', async () => {
  let turns = 0
  const soon = (run: () => void) => {
    turns++
    systemRuntime.soon(run)
  }
  const runtime = { ...systemRuntime, soon }
  const { connect, call, submit } = await wholeGateway({}, { runtime })
  await Promise.all(eventsOf('deep', 3500).map((command) => submit(...command)))
  const socket = connect(identityOf({ customerId: 'nobody' }))
  turns = 0
  const { result } = await call(socket, 'events.read', { from: 1 })
  expect(result).toEqual({ events: [], head: 3500 })
  // One for each batch of the log but the first, and one in which the answer leaves.
  expect(turns).toBe(4)
})
