import { type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type Runtime, systemRuntime } from '../../../src/runtime.ts'
import { connect, type RpcClient } from '../../support/rpc.ts'
import { listening, order } from '../serve.ts'
import { fileOf } from './door.ts'

const token = 'the-token-of-ann-1234'
const secret = 'a secret that is long enough for HS256'

const jwtOf = (claims: JWTPayload) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret))

/** A runtime whose clock can be moved on, past timers that wait for it. */
function movable(): Runtime & { move(ms: number): void } {
  let moved = 0
  const waiting = new Set<{ at: number; run: () => void }>()
  const now = () => Date.now() + moved
  return {
    ...systemRuntime,
    now,
    after(ms, run) {
      const timer = { at: now() + ms, run }
      waiting.add(timer)
      const cancel = systemRuntime.after(ms, run)
      return () => {
        waiting.delete(timer)
        cancel()
      }
    },
    move(ms) {
      moved += ms
      // Those that repeat, such as heartbeats, run once.
      for (const timer of [...waiting]) {
        if (timer.at <= now() && waiting.delete(timer)) timer.run()
      }
    },
  }
}

const open = (limits = {}, runtime = systemRuntime) =>
  listening({
    limits,
    runtime,
    listen: {
      port: 0,
      tokensFile: fileOf([
        { token, subject: 'ann', roles: ['read', 'write'] },
        { token: 'the-token-of-bob-1234', subject: 'bob', roles: ['read'], customerId: 'bob' },
      ]),
      jwtSecretFile: fileOf(secret),
    },
  })
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

/** Places an order, and gives who is recorded to have done it. */
async function placedBy(client: RpcClient, orderId: string): Promise<unknown> {
  const { result } = await client.call('order.new', order(orderId))
  expect(result).toMatchObject({ orderId })
  const history = await client.call('order.history', { orderId })
  return history.result.events[0].by
}

describe('a token', () => {
  it('in the header needs no hello, and is whose the events are', async () => {
    const { address } = await open()
    const client = await connect(address, [], bearer(token))
    expect(await placedBy(client, 'by-header')).toBe('ann')
    const { result } = await client.call('session.hello', {})
    expect(result).toMatchObject({ roles: ['read', 'write'], customerId: null })
  })

  it('in session.hello does as well, and nothing is done before it', async () => {
    const { address } = await open()
    const client = await connect(address)
    const early = await client.call('order.get', { orderId: 'by-hello' })
    expect(early.error).toMatchObject({ code: 1001, data: { reason: 'UNAUTHENTICATED' } })
    const { result } = await client.call('session.hello', { token })
    expect(result).toMatchObject({ roles: ['read', 'write'], customerId: null })
    expect(await placedBy(client, 'by-hello')).toBe('ann')
  })

  it('may be a JWT, in either', async () => {
    const { address } = await open()
    const jwt = await jwtOf({ sub: 'ida', roles: ['admin'], exp: Date.now() / 1000 + 3600 })
    expect(await placedBy(await connect(address, [], bearer(jwt)), 'by-header')).toBe('ida')
    const client = await connect(address)
    await client.call('session.hello', { token: jwt })
    expect(await placedBy(client, 'by-hello')).toBe('ida')
  })

  it('in the address is no token', async () => {
    const { address } = await open()
    const { host, port } = address!
    const there = { host, port: `${port}/ws?token=${token}&access_token=${token}&path=` }
    const client = await connect(there as never)
    const answer = await client.call('order.get', { orderId: 'a' })
    expect(answer.error).toMatchObject({ code: 1001 })
  })

  it('that is wrong in session.hello is answered 1001, and the socket closed with 4001', async () => {
    const { address } = await open()
    const client = await connect(address)
    const { error } = await client.call('session.hello', { token: `${token}-not` })
    expect(error).toMatchObject({ code: 1001 })
    expect(JSON.stringify(error)).not.toContain(token)
    expect(await client.closed).toMatchObject({ code: 4001 })
  })

  it('that does not come in time closes the socket with 4008', async () => {
    const { address } = await open({ helloTimeoutMs: 20 })
    expect(await (await connect(address)).closed).toMatchObject({ code: 4008 })
  })

  it('that would take a role from an open socket is refused, as what it watches goes on', async () => {
    const { address } = await open()
    const claims = { sub: 'ida', exp: Date.now() / 1000 + 3600 }
    const client = await connect(address, [], bearer(await jwtOf({ ...claims, roles: ['read'] })))
    await client.call('views.subscribe')
    const lesser = await jwtOf({ ...claims, roles: ['write'] })
    const { error } = await client.call('session.hello', { token: lesser })
    expect(error).toMatchObject({ code: 1003, data: { reason: 'FORBIDDEN' } })
    const { result } = await client.call('session.hello', {})
    expect(result).toMatchObject({ roles: ['read'] })
    const more = await jwtOf({ ...claims, roles: ['admin'] })
    expect((await client.call('session.hello', { token: more })).result).toMatchObject({
      roles: ['admin'],
    })
  })

  it('that has come to its end closes the socket with 4001', async () => {
    const runtime = movable()
    const { address } = await open({}, runtime)
    const jwt = await jwtOf({ sub: 'ida', roles: ['admin'], exp: runtime.now() / 1000 + 3600 })
    const client = await connect(address, [], bearer(jwt))
    await client.call('order.list', {})
    runtime.move(3600_000)
    expect(await client.closed).toMatchObject({ code: 4001 })
    await expect(connect(address, [], bearer(jwt))).rejects.toThrow('401')
  })
})
