/** Changes that leave at once, as nothing waits before them; and what they must not overtake. */
import { expect, it } from 'vitest'
import { gatewayByHand } from './gateway-by-hand.ts'

async function watching(limits = {}, params: object = {}) {
  const made = gatewayByHand(limits)
  const socket = made.connect()
  const placed = made.placed()
  made.change(placed)
  socket.isTaking = true
  socket.call('s', 'views.subscribe', params)
  await made.settle()
  socket.sent.length = 0
  return { ...made, socket, placed }
}

type Span = readonly [previous: number, eventId: number, views: number]

const next = ({ method, params }: any): Span => {
  expect(method).toBe('views.next')
  return [params.previous, params.eventId, params.views.length]
}

it('each change is told once, in its order, however many are told in a tick', async () => {
  const { change, paidOnce, placed, settle, socket } = await watching()
  change(paidOnce(placed))
  change(paidOnce(placed), paidOnce(placed))
  change(paidOnce(placed))
  await settle()
  expect(socket.sent.map(next)).toEqual([
    [1, 2, 1],
    [2, 5, 3],
  ])
  change(paidOnce(placed), paidOnce(placed))
  await settle()
  expect(socket.sent.slice(2).map(next)).toEqual([[5, 7, 2]])
})

it('answers that wait leave before', async () => {
  const { change, paidOnce, placed, settle, socket } = await watching()
  socket.call('c', 'order.list')
  change(paidOnce(placed))
  socket.call('d', 'order.list')
  await settle()
  expect(socket.sent.map(({ id, method }) => id ?? method)).toEqual(['c', 'd', 'views.next'])
})

it('a watcher that is just about to be told, and goes, is told no more', async () => {
  const { change, paidOnce, placed, settle, socket } = await watching()
  change(paidOnce(placed))
  socket.call('u', 'subscription.cancel', { subscription: 1 })
  await settle()
  expect(socket.sent.map(({ id, method }) => id ?? method)).toEqual(['u'])
})

it('what one socket does not take waits, and is told when it does', async () => {
  const limits = { outboxConflateBytes: 64 * 1024 }
  const { change, paidOnce, placed, settle, socket } = await watching(limits)
  socket.isTaking = false
  const perFrame = () => socket.sent.length
  let rounds = 0
  // Until it holds more than it may, and then some.
  for (let before = -1; perFrame() > before || rounds < 20; rounds++) {
    before = perFrame()
    change(...Array.from({ length: 20 }, () => paidOnce(placed)))
    await settle()
  }
  const told = perFrame()
  expect(told).toBeLessThan(rounds)
  socket.isTaking = true
  socket.take()
  await settle()
  const spans = socket.sent.map(next)
  expect(spans.length).toBeGreaterThan(told)
  for (const [index, [previous]] of spans.entries()) {
    expect(previous).toBe(index === 0 ? 1 : spans[index - 1]![1])
  }
  expect(spans.at(-1)![1]).toBe(1 + 20 * rounds)
})

it('no more is sent than acks were promised for', async () => {
  const limits = { ackLagMax: 3 }
  const { change, paidOnce, placed, settle, socket } = await watching(limits, { ack: true })
  // The snapshot's one view counts, too.
  change(paidOnce(placed), paidOnce(placed), paidOnce(placed))
  await settle()
  expect(socket.sent.map(next)).toEqual([[1, 3, 2]])
  socket.call('a', 'subscription.ack', { subscription: 1, eventId: 3 })
  await settle()
  expect(socket.sent.slice(1).map(({ id, ...told }) => id ?? next(told))).toEqual(['a', [3, 4, 1]])
})

it('changes that are too large for one frame are told in several', async () => {
  const limits = { outboxConflateBytes: 64 * 1024 }
  const { change, paidOnce, placed, settle, socket } = await watching(limits)
  change(...Array.from({ length: 400 }, () => paidOnce(placed)))
  await settle()
  const spans = socket.sent.map(next)
  expect(spans.length).toBeGreaterThan(1)
  expect(spans.at(-1)![1]).toBe(401)
})
