/** Clients that send far too much of something: it costs them their socket or nothing, and nobody else. */
import { connect as connectTcp } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { defaults } from '../../src/config.ts'
import { connect, type RpcClient } from '../support/rpc.ts'
import { order, settle } from '../support/sequencer.ts'
import { type Wired, wiredGateway } from './wired.ts'

let placed = 0

/** A good client beside places an order, and gets its receipt and its view, and nothing else. */
async function expectServes(engine: Wired): Promise<void> {
  const head = engine.log.head
  const good = await connect(engine.address)
  const orderId = `good-${++placed}`
  await good.call('views.subscribe', { orderId })
  const { result } = await good.call('order.new', order(orderId))
  expect(result).toMatchObject({ orderId, version: 1, eventId: head + 1 })
  await good.find((message: any) => message.params?.views?.[0]?.orderId === orderId)
  expect(engine.log.head).toBe(head + 1)
  good.socket.close()
  await good.closed
}

/** When all sockets have closed, nothing of them is left. */
async function expectNothingLeft(engine: Wired, ...clients: RpcClient[]): Promise<void> {
  for (const client of clients) client.socket.terminate()
  await engine.until(() => engine.gateway.counters().sockets === 0)
  expect(engine.gateway.counters()).toMatchObject({
    sockets: 0,
    subscriptions: 0,
    outboxBytes: 0,
    slowestLag: 0,
  })
}

const frame = (id: unknown, method: string, params: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })

/** A connection that has become a WebSocket, and whose bytes are the test's to write. */
async function bareSocket(engine: Wired) {
  const { host, port } = engine.address
  const socket = connectTcp(port, host)
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => {})
  const isClosed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(
    `GET /ws HTTP/1.1\r\nhost: ${host}:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
      'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await new Promise((resolve) => socket.once('data', resolve))
  return { socket, isClosed }
}

/** Frames with the mask 0, so that the payload is as it is. */
const masked = (first: number, payload: string) =>
  Buffer.concat([Buffer.from([first, 0x80 + payload.length, 0, 0, 0, 0]), Buffer.from(payload)])

it('cuts off a client that sends 100,000 pings and reads no pong', async () => {
  const engine = await wiredGateway()
  const { socket, isClosed } = await bareSocket(engine)
  await engine.until(() => engine.gateway.counters().sockets === 1)
  socket.pause()
  const ping = masked(0x89, 'x'.repeat(125))
  let outboxBytes = 0
  let isOver = false
  void isClosed.then(() => {
    isOver = true
  })
  for (let sent = 0; sent < 100_000 && !isOver; sent += 1000) {
    socket.write(Buffer.concat(Array(1000).fill(ping)))
    await settle(1)
    outboxBytes = Math.max(outboxBytes, engine.gateway.counters().outboxBytes)
  }
  socket.resume()
  await isClosed
  expect(outboxBytes).toBeLessThan(64 * 1024)
  await expectServes(engine)
  await expectNothingLeft(engine)
})

it('answers pings that come one after the other, however many', async () => {
  const engine = await wiredGateway()
  const client = await connect(engine.address)
  for (let ping = 0; ping < 500; ping++) {
    const pong = new Promise((resolve) => client.socket.once('pong', resolve))
    client.socket.ping()
    await pong
  }
  expect((await client.call('order.list')).result).toEqual({ orders: [] })
  await expectNothingLeft(engine, client)
})

it('takes 50,000 tiny frames that are no calls, and answers each', async () => {
  const engine = await wiredGateway()
  const client = await connect(engine.address)
  let errors = 0
  const all = new Promise<void>((resolve) => {
    client.socket.on('message', () => {
      client.messages.length = 0
      if (++errors === 50_000) resolve()
    })
  })
  for (let sent = 0; sent < 50_000; sent++) client.send('1')
  await expectServes(engine)
  await all
  await expectNothingLeft(engine, client)
})

it('does not read on from a client that sends tiny frames and reads no answer', async () => {
  const limits = { outboxConflateBytes: 64 * 1024 }
  const engine = await wiredGateway(limits)
  const { socket } = await bareSocket(engine)
  socket.pause()
  const frames = Buffer.concat(Array(10_000).fill(masked(0x81, '1')))
  // What is answered is more than ten times as long: 60 MB of frames would make 800 MB.
  for (let sent = 0; sent < 1000; sent++) socket.write(frames)
  const outboxBytes = () => engine.gateway.counters().outboxBytes
  await engine.until(() => outboxBytes() > limits.outboxConflateBytes)
  // 64 kB come at once, and are answered with some 900 kB.
  for (let turn = 0; turn < 50; turn++) {
    await expectServes(engine)
    expect(outboxBytes()).toBeLessThan(3 * 1024 * 1024)
  }
  expect(socket.writableLength).toBeGreaterThan(0)
  socket.destroy()
  await expectNothingLeft(engine)
})

it('closes with 1008 a socket whose message has too many fragments, and takes none of it', async () => {
  const engine = await wiredGateway()
  const client = await connect(engine.address)
  const text = frame(1, 'order.new', order('in-parts'))
  for (let part = 0; part <= defaults.fragmentsMax; part++) {
    const piece = part === 0 ? text : ' '
    client.socket.send(piece, { binary: false, fin: part === defaults.fragmentsMax })
  }
  expect(await client.closed).toMatchObject({ code: 1008 })
  expect(engine.log.head).toBe(0)
  await expectServes(engine)
  await expectNothingLeft(engine)
})

it('counts the bytes of all fragments together', async () => {
  const engine = await wiredGateway()
  const client = await connect(engine.address)
  for (let part = 0; part < 5; part++) {
    client.socket.send(' '.repeat(64 * 1024), { binary: false, fin: false })
  }
  expect(await client.closed).toMatchObject({ code: 1009 })
  await expectServes(engine)
  await expectNothingLeft(engine)
})

it('gives one socket 100 subscriptions of the 10,000 that it asks for', async () => {
  const engine = await wiredGateway()
  const client = await connect(engine.address)
  for (let id = 1; id <= 10_000; id++) client.send(frame(id, 'views.subscribe'))
  await client.find((message: any) => message.id === 10_000)
  const answers = client.messages.filter((message: any) => 'id' in message) as any[]
  expect(answers.filter(({ result }) => result)).toHaveLength(100)
  const refusals = answers.filter(({ error }) => error)
  expect(refusals).toHaveLength(9900)
  for (const { error } of refusals) {
    expect(error).toMatchObject({ code: 1005, data: { reason: 'OVERLOADED', retryable: true } })
  }
  expect(engine.gateway.counters().subscriptions).toBe(100)
  await expectServes(engine)
  expect(engine.gateway.counters().subscriptions).toBe(100)
  await expectNothingLeft(engine, client)
})

it.each(['views', 'events'])(
  'keeps nothing of 10,000 subscriptions to %s that were cancelled',
  async (what) => {
    const engine = await wiredGateway()
    await engine.submit('order.new', order('o-1'))
    const client = await connect(engine.address)
    const from = { epoch: engine.log.epoch, eventId: 0 }
    for (let number = 1; number <= 10_000; number++) {
      client.send(frame(`s${number}`, `${what}.subscribe`, { from }))
      client.send(frame(`c${number}`, 'subscription.cancel', { subscription: number }))
    }
    const { result } = await client.find<any>((message: any) => message.id === 'c10000')
    expect(result).toEqual({ cancelled: true })
    expect(client.messages.filter((message: any) => message.error)).toEqual([])
    expect(engine.gateway.counters().subscriptions).toBe(0)
    const told = () =>
      client.messages.filter((message: any) => message.method !== 'session.heartbeat').length
    const before = told()
    await expectServes(engine)
    // Nobody is told of the order that was placed.
    await client.call('order.list')
    expect(told()).toBe(before + 1)
    await expectNothingLeft(engine, client)
  },
)

it('forgets sockets that vanish without a goodbye, and what they watched', async () => {
  const engine = await wiredGateway()
  for (let round = 0; round < 30; round++) {
    const client = await connect(engine.address)
    await client.call('views.subscribe')
    await client.call('events.subscribe')
    await expectNothingLeft(engine, client)
  }
  await expectServes(engine)
})
