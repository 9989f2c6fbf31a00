import { once } from 'node:events'
import { expect, it } from 'vitest'
import { defaults } from '../../src/config.ts'
import { connect } from '../support/rpc.ts'
import { HandTimers } from './fakes.ts'
import { expectServesOn, listening } from './serve.ts'

const nextTurn = () => new Promise((turn) => setImmediate(turn))

it('cuts off a socket that does not answer a ping by the next, and no other', async () => {
  const timers = new HandTimers()
  const engine = await listening({ runtime: timers.runtime })
  const alive = await connect(engine.address)
  const dead = await connect(engine.address)
  dead.socket.pause()
  for (let beat = 0; beat < 3; beat++) {
    const pinged = once(alive.socket, 'ping')
    timers.fire(defaults.heartbeatMs)
    await pinged
    // The pong was sent before this call, and so is read before it.
    await alive.call('order.list', {})
  }
  dead.socket.resume()
  expect(await dead.closed).toMatchObject({ code: 1006 })
  expect(alive.socket.readyState).toBe(alive.socket.OPEN)
  await expectServesOn(engine, 0)
})

it('lets a socket be that answered late, but before the next ping', async () => {
  const timers = new HandTimers()
  const engine = await listening({ runtime: timers.runtime })
  const late = await connect(engine.address)
  for (let beat = 0; beat < 3; beat++) {
    late.socket.pause()
    timers.fire(defaults.heartbeatMs)
    const pinged = once(late.socket, 'ping')
    late.socket.resume()
    await pinged
    await late.call('order.list', {})
  }
  expect(late.socket.readyState).toBe(late.socket.OPEN)
})

it('stops its timers when it closes', async () => {
  const timers = new HandTimers()
  const engine = await listening({ runtime: timers.runtime })
  const client = await connect(engine.address)
  expect(timers.count(defaults.heartbeatMs)).toBe(1)
  await engine.close()
  await client.closed
  expect(timers.count(defaults.heartbeatMs)).toBe(0)
  // The socket's own close comes some turns after that of its connection.
  while (timers.count(defaults.cutOffMs) > 0) await nextTurn()
})

it('cuts off a socket that does not say goodbye in time', async () => {
  const timers = new HandTimers()
  const engine = await listening({ runtime: timers.runtime })
  const client = await connect(engine.address)
  client.socket.pause()
  const closed = engine.close()
  while (timers.count(defaults.cutOffMs) === 0) await nextTurn()
  // First the time to take its answers, then the time to say goodbye.
  let isClosed = false
  void closed.then(() => {
    isClosed = true
  })
  while (!isClosed) {
    timers.fire(defaults.cutOffMs)
    await nextTurn()
  }
  await closed
  client.socket.resume()
  expect((await client.closed).code).toBeGreaterThan(0)
})
