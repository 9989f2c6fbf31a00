import { connect as connectTcp, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Authenticator, Identity } from '../../../src/gateway/auth/identity.ts'
import type { Engine } from '../../../src/index.ts'
import { connect } from '../../support/rpc.ts'
import { raw, request, upgrade } from '../serve.ts'
import { type Door, fileOf, openDoor } from './door.ts'

const token = 'the-token-of-ann-1234'
const ann = { subject: 'ann', roles: ['read', 'write'], customerId: null, expiresAt: null }
const tokensFile = () =>
  fileOf([
    { token, subject: 'ann', roles: ['read', 'write'] },
    { token: `${token}-old`, subject: 'ann', roles: ['read'], expiresAt: '2020-01-01T00:00:00Z' },
    { token: 'the-token-of-ida-1234', subject: 'ida', roles: ['admin'] },
    { token: 'the-token-of-bob-1234', subject: 'bob', roles: ['admin'], customerId: 'bob' },
  ])
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

/** The door as an engine, for what only wants its address. */
const engineOf = (door: Door) => door as unknown as Engine
const knock = (door: Door, headers: Record<string, string>, path = '/ws') =>
  raw(engineOf(door), request(engineOf(door), `GET ${path}`, { ...upgrade, ...headers }))

/** A connection that sends bytes, and is open until it or the test ends. */
function hold(door: Door, bytes: string): Promise<Socket> {
  const socket = connectTcp(door.address.port, door.address.host)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.resume()
  return new Promise((resolve) => {
    socket.on('connect', () => {
      socket.write(bytes, 'latin1')
      resolve(socket)
    })
  })
}

describe('the upgrade', () => {
  it('takes a token in the header, and says whose it is', async () => {
    const door = await openDoor({ tokensFile: tokensFile() })
    await connect(door.address, [], bearer(token))
    await connect(door.address, [], { authorization: `bearer   ${token}  ` })
    expect(door.came).toEqual([ann, ann])
  })

  it('lets in those who bring none, to say hello', async () => {
    const door = await openDoor({ tokensFile: tokensFile() })
    await connect(door.address)
    await connect(door.address, [], { authorization: 'Basic YW5uOmFubg==' })
    expect(door.came).toEqual([undefined, undefined])
  })

  it.each([
    ['not known', bearer('not-a-token-of-anyone')],
    ['expired', bearer(`${token}-old`)],
    ['part of one', bearer(token.slice(0, -1))],
    ['two of them', bearer(`${token} ${token}`)],
    ['empty', { authorization: 'Bearer ' }],
    ['missing', { authorization: 'Bearer' }],
    ['very long', bearer('x'.repeat(12_000))],
  ])('refuses a token that is %s with 401, and does not tell it', async (_, headers) => {
    const door = await openDoor({ tokensFile: tokensFile() })
    const answer = await knock(door, headers)
    expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/)
    expect(answer).toContain('www-authenticate: Bearer realm="ordinal", error="invalid_token"\r\n')
    expect(answer).not.toContain(token)
    await expect(connect(door.address, [], headers)).rejects.toThrow('401')
    expect(door.came).toEqual([])
  })

  it.each([`token=${token}`, `access_token=${token}`, `authorization=Bearer%20${token}`])(
    'never reads the address: %s brings no token',
    async (query) => {
      const authenticated: string[] = []
      const authenticator: Authenticator = {
        authenticate: async (given) => {
          authenticated.push(given)
          return undefined
        },
      }
      const door = await openDoor({ authenticator })
      await hold(door, request(engineOf(door), `GET /ws?${query}`, upgrade))
      await door.comes(1)
      expect(door.came).toEqual([undefined])
      expect(authenticated).toEqual([])
    },
  )

  it('asks nobody for a token where there are none, and lets everyone do everything', async () => {
    const door = await openDoor()
    await connect(door.address, [], bearer('whatever-this-is'))
    await connect(door.address)
    const anyone = { subject: null, roles: ['read', 'write', 'admin'], customerId: null }
    expect(door.came).toMatchObject([anyone, anyone])
  })

  it('tells an observer why it refuses, in no word of the request', async () => {
    const told: unknown[] = []
    const observer = { connectionRefused: (refusal: unknown) => void told.push(refusal) }
    let isOpen = true
    const door = await openDoor({ tokensFile: tokensFile(), observer, isOpen: () => isOpen })
    await knock(door, { host: 'evil.example' })
    await knock(door, { origin: 'https://evil.example' })
    await knock(door, {}, '/other')
    await knock(door, bearer('not-a-token-of-anyone'))
    await knock(door, { 'sec-websocket-protocol': 'other' })
    isOpen = false
    await knock(door, bearer(token))
    const remote = '127.0.0.1'
    expect(told).toEqual([
      { status: 403, why: 'host', remote },
      { status: 403, why: 'origin', remote },
      { status: 404, why: 'path', remote },
      { status: 401, why: 'token', remote },
      { status: 400, why: 'subprotocol', remote },
      { status: 503, why: 'not ready', remote },
    ])
  })

  it('looks at Host, Origin and path before it looks at a token', async () => {
    const asked: string[] = []
    const authenticate = async (given: string) => void asked.push(given) as undefined
    const door = await openDoor({ authenticator: { authenticate } })
    expect(await knock(door, { ...bearer(token), host: 'evil.example' })).toMatch(/ 403 /)
    expect(await knock(door, { ...bearer(token), origin: 'https://evil.example' })).toMatch(/ 403 /)
    expect(await knock(door, bearer(token), '/other')).toMatch(/ 404 /)
    expect(asked).toEqual([])
  })
})

/** An authenticator that answers when the test says so. */
class Slow implements Authenticator {
  readonly #answers: ((identity: Identity | undefined) => void)[] = []
  #isAsked: () => void = () => {}
  readonly asked = new Promise<void>((resolve) => {
    this.#isAsked = resolve
  })

  authenticate(): Promise<Identity | undefined> {
    return new Promise((resolve) => {
      this.#answers.push(resolve)
      this.#isAsked()
    })
  }

  answer(identity: unknown): void {
    for (const answer of this.#answers.splice(0)) answer(identity as Identity | undefined)
  }
}

/** A text frame as a client sends it, with a mask of zeros. */
function frame(text: string): string {
  const length = text.length < 126 ? [text.length] : [126, text.length >> 8, text.length & 255]
  return String.fromCharCode(0x81, length[0]! | 0x80, ...length.slice(1), 0, 0, 0, 0) + text
}

describe('while a token is looked at', () => {
  it('keeps what the client sends, in its order', async () => {
    const authenticator = new Slow()
    const door = await openDoor({ authenticator })
    const texts = Array.from({ length: 2000 }, (_, index) => `${index} ${'x'.repeat(100)}`)
    const head = request(engineOf(door), 'GET /ws', { ...upgrade, ...bearer(token) })
    // Part of it comes with the request, and all of it is more than is read ahead.
    await hold(door, head + texts.map(frame).join(''))
    await authenticator.asked
    for (let turn = 0; turn < 20; turn++) await new Promise((done) => setImmediate(done))
    expect(door.came).toEqual([])
    authenticator.answer(ann)
    await door.hears(texts.length)
    expect(door.heard).toEqual(texts)
    expect(door.came).toEqual([ann])
  })

  it('does not wait for ever', async () => {
    const authenticator = new Slow()
    const told: unknown[] = []
    const observer = {
      connectionRefused: ({ status }: { status: number }) => void told.push(status),
    }
    const door = await openDoor({ authenticator, observer, limits: { helloTimeoutMs: 20 } })
    expect(await knock(door, bearer(token))).toMatch(/^HTTP\/1\.1 503 /)
    authenticator.answer(undefined)
    await connect(door.address)
    expect(door.came).toEqual([undefined])
    // It was refused once, and the answer that came late is nobody's.
    expect(told).toEqual([503])
  })

  it('keeps nothing of one who has hung up meanwhile', async () => {
    for (const hangUp of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const authenticator = new Slow()
      const door = await openDoor({ authenticator })
      const head = request(engineOf(door), 'GET /ws', { ...upgrade, ...bearer(token) })
      const socket = await hold(door, head)
      await authenticator.asked
      socket[hangUp]()
      authenticator.answer(ann)
      // Resolves when no connection is open any more.
      await door.server.close()
    }
  })

  it('lets nobody in once the server is stopping', async () => {
    const authenticator = new Slow()
    let isOpen = true
    const door = await openDoor({ authenticator, isOpen: () => isOpen })
    const answer = knock(door, bearer(token))
    await authenticator.asked
    isOpen = false
    const closed = door.server.close()
    authenticator.answer(ann)
    expect(await answer).toMatch(/^HTTP\/1\.1 503 /)
    await closed
    expect(door.came).toEqual([])
  })

  it('takes an authenticator that breaks for one that does not know', async () => {
    const error = new Error(`broke at ${token}`)
    const told: unknown[] = []
    const observer = { fault: (fault: unknown) => void told.push(fault) }
    const authenticator = { authenticate: () => Promise.reject(error) }
    const door = await openDoor({ authenticator, observer })
    const answer = await knock(door, bearer(token))
    expect(told).toEqual([error])
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer).not.toContain(token)
  })
})

const route = (role: 'read' | 'admin' | null) => ({
  role,
  answer: async () => ({ status: 200, contentType: 'text/plain', body: `for ${role}` }),
})
const routes = {
  '/open': route(null),
  '/metrics': route('admin'),
  '/broken': { role: null, answer: () => Promise.reject(new Error(`broke at ${token}`)) },
}

describe('a route of HTTP', () => {
  const get = async (door: Door, path: string, headers: Record<string, string> = {}) => {
    const { host, port } = door.address
    const response = await fetch(`http://${host}:${port}${path}`, { headers })
    const challenge = response.headers.get('www-authenticate')
    return { status: response.status, body: await response.text(), challenge, response }
  }

  it('is for everyone where no tokens are asked for', async () => {
    const door = await openDoor({ routes })
    const { status, body, response } = await get(door, '/metrics?x=1')
    expect({ status, body }).toEqual({ status: 200, body: 'for admin' })
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await get(door, '/open')).toMatchObject({ status: 200, body: 'for null' })
  })

  it('is for those with its role where they are, and for everyone without one', async () => {
    const door = await openDoor({ routes, tokensFile: tokensFile() })
    expect(await get(door, '/open')).toMatchObject({ status: 200, body: 'for null' })
    const byIda = await get(door, '/metrics', bearer('the-token-of-ida-1234'))
    expect(byIda).toMatchObject({ status: 200, body: 'for admin' })
    expect(await get(door, '/metrics')).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="ordinal"',
    })
    expect(await get(door, `/metrics?token=the-token-of-ida-1234`)).toMatchObject({ status: 401 })
    expect(await get(door, '/metrics', bearer('not-known-to-anybody'))).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="ordinal", error="invalid_token"',
    })
    expect(await get(door, '/metrics', bearer(token))).toMatchObject({
      status: 403,
      challenge: 'Bearer realm="ordinal", error="insufficient_scope"',
    })
  })

  it('is not for a customer, where it takes a role: it is of all of them', async () => {
    const door = await openDoor({ routes, tokensFile: tokensFile() })
    const answer = await get(door, '/metrics', bearer('the-token-of-bob-1234'))
    expect(answer).toMatchObject({ status: 403 })
  })

  it('answers 500 where it breaks, and does not tell why', async () => {
    const told: unknown[] = []
    const observer = { callFailed: (method: string) => void told.push(method) }
    const door = await openDoor({ routes, observer })
    const { status, body } = await get(door, `/broken?${token}`)
    expect(status).toBe(500)
    expect(told).toEqual(['GET /broken'])
    expect(body).not.toContain(token)
  })

  it('is named where another path is asked for', async () => {
    const door = await openDoor({ routes })
    const { status, body } = await get(door, '/constructor')
    expect(status).toBe(404)
    expect(JSON.parse(body).error).toContain('/ws, /health, /open, /metrics, /broken')
  })

  it('keeps pages from elsewhere out', async () => {
    const door = await openDoor({ routes })
    const answer = await get(door, '/open', { origin: 'https://evil.example' })
    expect(answer).toMatchObject({ status: 403 })
  })
})
