/**
 * A client that is cut off at any moment, and resumes with the cursor that it has, ends with the same
 * map of views as the server, and with each event once, whatever the filter.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { View } from '../../src/index.ts'
import { order, settle } from '../support/sequencer.ts'
import type { FakeSocket } from './fakes.ts'
import { wholeGateway } from './whole.ts'

type Step =
  | { readonly does: 'command'; readonly orderId: string; readonly kind: number }
  | { readonly does: 'cut'; readonly lost: number; readonly forgets: boolean }
  | { readonly does: 'wait' }

const customers = ['ann', 'bob']
const orderIds = ['o-1', 'o-2', 'o-3', 'o-4', 'o-5']
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant('command' as const),
      orderId: fc.constantFrom(...orderIds),
      kind: fc.constantFrom(0, 0, 1, 1, 2, 3, 4, 5),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('cut' as const),
      lost: fc.nat({ max: 6 }),
      forgets: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('wait' as const) }) },
)
const limits = { snapshotViewsMax: 2, changesKeptMax: 3, batchEventsMax: 4, looksPerTurnMax: 3 }

const commandOf = (orderId: string, kind: number, count: number): [string, object] => {
  const customerId = customers[orderIds.indexOf(orderId) % 2]
  const commands: [string, object][] = [
    ['order.new', order(orderId, { customerId })],
    ['order.pay', { orderId, paymentId: `p-${count}`, amount: 5000 }],
    ['order.cancel', { orderId }],
    ['order.ship', { orderId }],
    ['order.modify', { orderId, lines: [{ sku: 'widget', quantity: 4 }] }],
    ['order.deliver', { orderId }],
  ]
  return commands[kind] as [string, object]
}

/** Reads what a socket was sent, but for the last `lost`, which a cut kept from coming. */
const received = (socket: FakeSocket, lost: number, method: RegExp) =>
  socket.sent
    .slice(0, Math.max(1, socket.sent.length - lost))
    .filter((message) => method.test(message.method))

class Watcher {
  readonly views = new Map<string, View>()
  cursor: number | undefined
  #draft: Map<string, View> | undefined

  take(message: any): void {
    const { eventId, views, gone = [], last, part, previous } = message.params
    if (message.method === 'views.snapshot') {
      if (part === 1) {
        this.#draft = new Map()
        this.cursor = undefined
      }
    } else if (this.cursor !== undefined) {
      expect(previous).toBe(this.cursor)
      expect(eventId).toBeGreaterThan(previous)
    }
    const into = this.#draft ?? this.views
    for (const view of views) {
      const known = into.get(view.orderId)
      if (!known || known.eventId < view.eventId) into.set(view.orderId, view)
    }
    for (const orderId of gone) into.delete(orderId)
    if (last) {
      this.views.clear()
      for (const [orderId, view] of this.#draft ?? []) this.views.set(orderId, view)
      this.#draft = undefined
    }
    if (!this.#draft) this.cursor = eventId
  }
}

async function run(steps: readonly Step[], filter: Record<string, string>, ack: boolean) {
  const engine = await wholeGateway({ ...limits, ackLagMax: 3 })
  const watcher = new Watcher()
  let socket = engine.connect()
  let taken = 0
  const takeAll = (lost: number) => {
    const messages = received(socket, lost, /^views\./)
    for (const message of messages.slice(taken)) {
      watcher.take(message)
      if (!ack) continue
      const { subscription, eventId } = message.params
      socket.call('ack', 'subscription.ack', { subscription, eventId })
    }
    taken = Math.max(taken, messages.length)
  }
  const subscribe = async () => {
    taken = 0
    const { cursor } = watcher
    const from = cursor === undefined ? {} : { from: { epoch: 'this-log', eventId: cursor } }
    const { result } = await engine.call(socket, 'views.subscribe', { ...filter, ...from, ack })
    expect(result.recovered).toBe(cursor !== undefined)
  }
  await subscribe()
  let count = 0
  for (const one of steps) {
    if (one.does === 'command') void engine.submit(...commandOf(one.orderId, one.kind, ++count))
    else if (one.does === 'wait') {
      await settle(3)
      takeAll(0)
    } else {
      takeAll(one.lost)
      socket.terminate()
      socket = engine.connect()
      if (one.forgets) watcher.cursor = undefined
      await subscribe()
    }
  }
  for (let turn = 0; turn < 60; turn++) {
    await settle(2)
    takeAll(0)
  }
  return { engine, watcher }
}

describe('a watcher of views that is cut off at any moment', () => {
  it.each([
    ['all', {}],
    ['a customer', { customerId: 'ann' }],
    ['a status', { status: 'paid' }],
    ['one order', { orderId: 'o-2' }],
  ])('ends with the map that the server has: %s', async (_, filter) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 100 }),
        fc.boolean(),
        async (steps, ack) => {
          const { engine, watcher } = await run(steps, filter as Record<string, string>, ack)
          const expected = engine.view
            .list({ limit: 1000 })
            .orders.filter((view) =>
              Object.entries(filter).every(([key, value]) => (view as any)[key] === value),
            )
          const byId = (a: View, b: View) => (a.orderId < b.orderId ? -1 : 1)
          expect([...watcher.views.values()].sort(byId)).toEqual([...expected].sort(byId))
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('a watcher of events that is cut off at any moment', () => {
  it.each([
    ['all', {}, () => true],
    ['one order', { orderId: 'o-2' }, (event: any) => event.orderId === 'o-2'],
    [
      'some types',
      { types: ['OrderPaymentEvent', 'OrderCancelledEvent'] },
      (event: any) => /Payment|Cancelled/.test(event.type),
    ],
  ])('has each event once, in order: %s', async (_, filter, fits) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 100 }),
        fc.boolean(),
        async (steps, ack) => {
          const engine = await wholeGateway({ ...limits, readEventsMax: 3, ackLagMax: 2 })
          const events: any[] = []
          let cursor = 0
          let socket = engine.connect()
          let taken = 0
          const takeAll = (lost: number) => {
            const messages = received(socket, lost, /^events\.next/)
            for (const { params } of messages.slice(taken)) {
              expect(params.previous).toBe(cursor)
              events.push(...params.events)
              cursor = params.eventId
              const { subscription, eventId } = params
              if (ack) socket.call('ack', 'subscription.ack', { subscription, eventId })
            }
            taken = Math.max(taken, messages.length)
          }
          const subscribe = () => {
            taken = 0
            const from = { epoch: 'this-log', eventId: cursor }
            return engine.call(socket, 'events.subscribe', { ...filter, from, ack })
          }
          await subscribe()
          let count = 0
          for (const one of steps) {
            if (one.does === 'command') {
              void engine.submit(...commandOf(one.orderId, one.kind, ++count))
            } else if (one.does === 'wait') {
              await settle(3)
              takeAll(0)
            } else {
              takeAll(one.lost)
              socket.terminate()
              socket = engine.connect()
              await subscribe()
            }
          }
          for (let turn = 0; turn < 80; turn++) {
            await settle(2)
            takeAll(0)
          }
          const expected: unknown[] = []
          for await (const batch of engine.log.read(1)) {
            for (const { commandHash: _hash, ...event } of batch) {
              if ((fits as (event: any) => boolean)(event)) expected.push(event)
            }
          }
          expect(events).toEqual(expected)
        },
      ),
      { numRuns: 40 },
    )
  })
})
