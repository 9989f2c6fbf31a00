/** A token that a function gives, anew for each connection. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { ClientError } from '../../src/client/index.ts'
import { limits } from '../../src/client/limits.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type FakeSocket, Scene, settled } from './fakes.ts'
import { client, house, newOrder } from './house.ts'

/** A function that gives `t1`, then `t2`, and so on. */
function counting() {
  const asked = { times: 0, token: () => `t${++asked.times}` }
  return asked
}

/** The connection is made, and the function for the token has answered. */
async function open(made: Scene): Promise<FakeSocket> {
  made.socket.open()
  await settled()
  return made.socket
}

async function greeted(made: Scene): Promise<string> {
  const socket = await open(made)
  const hello = socket.take('session.hello')
  socket.answer(hello, made.hello)
  await settled()
  return hello.params.token
}

const nextConnection = (made: Scene) => made.clock.advance(made.client.status.retryMs)

describe('a function for the token', () => {
  it('is asked anew on each connection, before anything is sent on it', async () => {
    const asked = counting()
    const made = new Scene({ token: asked.token })
    expect(asked.times).toBe(0)
    expect(await greeted(made)).toBe('t1')
    made.socket.hangUp()
    await nextConnection(made)
    expect(await greeted(made)).toBe('t2')
    expect(made.client.state).toBe('live')
  })

  it('may give a promise, which is waited for', async () => {
    let give: (token: string) => void = () => {}
    const token = () =>
      new Promise<string>((resolve) => {
        give = resolve
      })
    const made = new Scene({ token })
    const read = made.client.get('bob-1')
    const socket = await open(made)
    expect(socket.all).toEqual([])
    give('secret')
    await settled()
    const hello = socket.take('session.hello')
    const session = { id: expect.any(String), connection: 1 }
    expect(hello.params).toEqual({ token: 'secret', session })
    socket.answer(hello, made.hello)
    socket.answer(socket.take('order.get'), { orderId: 'bob-1' })
    expect(await read).toEqual({ orderId: 'bob-1' })
  })

  it('renews a token that has come to its end, and what is waited for goes on', async () => {
    const asked = counting()
    const made = new Scene({ token: asked.token })
    await greeted(made)
    const map = made.client.map()
    const submitted = made.client.submit('order.deliver', { orderId: 'bob-1' })
    for (const token of ['t2', 't3', 't4']) {
      made.socket.hangUp(4001, 'the token has come to its end')
      expect(made.client.state).toBe('connecting')
      await nextConnection(made)
      expect(await greeted(made)).toBe(token)
    }
    expect(made.socket.take('views.subscribe').params).toEqual({})
    expect(map.state).toBe('catching up')
    made.socket.answer(made.socket.take('order.deliver'), { eventId: 9 })
    expect(await submitted).toEqual({ eventId: 9 })
  })

  it('backs off where each token ends as soon as it was taken', async () => {
    const made = new Scene({ token: counting().token })
    const waits: number[] = []
    for (let times = 0; times < 4; times++) {
      await greeted(made)
      made.socket.hangUp(4001)
      waits.push(made.client.status.retryMs)
      await nextConnection(made)
    }
    expect(waits).toEqual([200, 400, 800, 1599])
  })

  const refuseHello = (socket: FakeSocket) =>
    socket.refuse(socket.take('session.hello'), 1001, 'UNAUTHENTICATED')
  it.each([
    ['answers 1001', refuseHello],
    ['closes with 4001', (socket: FakeSocket) => socket.hangUp(4001)],
    ['closes with 4008', (socket: FakeSocket) => socket.hangUp(4008)],
  ])('is asked once more where the server %s, and not a third time', async (_, refuse) => {
    const asked = counting()
    const made = new Scene({ token: asked.token })
    refuse(await open(made))
    expect(made.client.state).toBe('connecting')
    await nextConnection(made)
    refuse(await open(made))
    expect(await made.client.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
    expect(made.client.status.error).toMatchObject({ reason: 'UNAUTHENTICATED' })
    expect(asked.times).toBe(2)
    expect(made.clock.pending).toBe(0)
  })

  it('is asked twice, too, after one that was renewed is not taken', async () => {
    const asked = counting()
    const made = new Scene({ token: asked.token })
    await greeted(made)
    made.socket.hangUp(4001)
    await nextConnection(made)
    refuseHello(await open(made))
    expect(await made.client.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
    expect(asked.times).toBe(2)
  })
})

describe('a function that gives no token', () => {
  const lost = new Error('the identity provider is away')
  it.each([
    [
      'throws',
      () => {
        throw lost
      },
      lost,
      'it threw Error: the identity',
    ],
    ['rejects', () => Promise.reject(lost), lost, 'it threw Error: the identity'],
    ['gives undefined', () => undefined, undefined, 'must give a string, and gave undefined'],
    ['gives null', async () => null, undefined, 'must give a string, and gave null'],
  ])('for it %s, is told of by a typed error, and asked again later and later', async (...told) => {
    const [, token, cause, message] = told
    const made = new Scene({ token: token as any })
    const waits: number[] = []
    for (let times = 0; times < 4; times++) {
      const socket = await open(made)
      expect(socket.all).toEqual([])
      expect(socket.isTerminated).toBe(true)
      const { state, error, retryMs } = made.client.status
      expect(error).toBeInstanceOf(ClientError)
      expect(error).toMatchObject({ reason: 'NO_TOKEN', retryable: true })
      expect(error?.message).toContain(message)
      expect(error?.cause).toBe(cause)
      expect(state).toBe('connecting')
      waits.push(retryMs)
      await nextConnection(made)
    }
    expect(waits).toEqual([200, 400, 800, 1599])
  })

  it('in time is told of, and asked again', async () => {
    const made = new Scene({ token: () => new Promise<string>(() => {}) })
    const socket = await open(made)
    await made.clock.advance(limits.tokenMsMax - 1)
    expect(socket.isTerminated).toBe(false)
    await made.clock.advance(1)
    expect(made.client.status.error).toMatchObject({ reason: 'NO_TOKEN' })
    expect(made.client.status.error?.message).toContain('more than 8000 ms')
    await nextConnection(made)
    expect(made.sockets).toHaveLength(2)
  })

  it('in time, and then does, sends it on no other connection', async () => {
    const gives: ((token: string) => void)[] = []
    const made = new Scene({ token: () => new Promise((resolve) => gives.push(resolve)) })
    await open(made)
    await made.clock.advance(limits.tokenMsMax)
    await nextConnection(made)
    await open(made)
    gives[0]?.('late')
    await settled()
    expect(made.sockets.map(({ all }) => all)).toEqual([[], []])
    gives[1]?.('in time')
    await settled()
    const session = { id: expect.any(String), connection: 1 }
    expect(made.socket.take('session.hello').params).toEqual({ token: 'in time', session })
  })

  it('closes a client that is not to come back', async () => {
    const made = new Scene({ token: () => Promise.reject(lost), reconnect: false })
    await open(made)
    expect(await made.client.closed).toMatchObject({ reason: 'NO_TOKEN', cause: lost })
    expect(made.clock.pending).toBe(0)
  })

  it.each(['close', 'abort'])('is waited for no more after %s', async (how) => {
    const stop = new AbortController()
    let give: (token: string) => void = () => {}
    const token = () =>
      new Promise<string>((resolve) => {
        give = resolve
      })
    const made = new Scene({ token, signal: stop.signal })
    const socket = await open(made)
    if (how === 'close') made.client.close()
    else stop.abort()
    expect(made.clock.pending).toBe(0)
    give('late')
    await settled()
    expect(socket.all).toEqual([])
    expect(made.sockets).toHaveLength(1)
  })
})

describe('a server whose greeting breaks', () => {
  it('is met again: it is none of the token’s fault', async () => {
    const made = new Scene({ token: 'secret' })
    made.socket.open()
    made.socket.refuse(made.socket.take('session.hello'), -32603, 'INTERNAL')
    expect(made.client.state).toBe('connecting')
    await made.comeBackAfterDrop()
    expect(made.client.state).toBe('live')
  })
})

describe('with the engine', () => {
  it('a client outlives its tokens, each of which counts for a moment', async () => {
    const path = join(temporaryFolder(), 'secret')
    const secret = 's'.repeat(40)
    writeFileSync(path, secret)
    const at = await house({}, { jwtSecretFile: path })
    let asked = 0
    const token = () => {
      asked++
      const expiresAt = Math.ceil(Date.now() / 1000) + 2
      return new SignJWT({ sub: 'shop', roles: ['read', 'write'], exp: expiresAt })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(secret))
    }
    const { client: shop } = client(at, { token })
    const map = shop.map()
    await map.live
    const renewed = new Promise<void>((resolve) => {
      shop.onState(({ state }) => state === 'live' && asked > 1 && resolve())
    })
    await renewed
    await shop.submit('order.new', newOrder('bob-1'))
    await expect.poll(() => map.size).toBe(1)
    expect(shop.status).toMatchObject({ lost: { code: 4001 }, error: null })
  })
})
