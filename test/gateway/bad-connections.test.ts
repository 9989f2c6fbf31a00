import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { defaults } from '../../src/config.ts'
import type { Engine, Logger } from '../../src/index.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'
import { openDoor } from './auth/door.ts'
import { HandTimers } from './fakes.ts'
import { expectServesOn, listening, raw, request, serve, upgrade } from './serve.ts'

/** A connection that sends a text and then keeps still. */
function hanging(engine: Engine, text: string): Promise<Socket> {
  const { host, port } = engine.address!
  const socket = connectTcp({ port, host, allowHalfOpen: true })
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.on('connect', () => socket.write(text, () => resolve(socket)))
  })
}

it('speaks its subprotocol, and takes those who offer none', async () => {
  const engine = await listening()
  const named = await connect(engine.address, ['orders.v1.json'])
  expect(named.socket.protocol).toBe('orders.v1.json')
  const among = await connect(engine.address, ['graphql-ws', 'orders.v1.json'])
  expect(among.socket.protocol).toBe('orders.v1.json')
  const none = await connect(engine.address)
  expect(none.socket.protocol).toBe('')
})

it.each([['graphql-ws'], ['orders.v2.json', 'ORDERS.V1.JSON']])(
  'refuses the subprotocol %s with 400',
  async (...offered) => {
    const engine = await listening()
    await expect(connect(engine.address, offered)).rejects.toThrow('400')
    await expectServesOn(engine, 0)
  },
)

const badHosts = ['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', 'localhost', '']

it.each(badHosts)('turns away the Host header %j, for calls and for sockets', async (host) => {
  const engine = await listening()
  expect(await raw(engine, request(engine, 'GET /health', { host }))).toMatch(/^HTTP\/1\.1 40[03] /)
  const socket = request(engine, 'GET /ws', { ...upgrade, host })
  expect(await raw(engine, socket)).toMatch(/^HTTP\/1\.1 40[03] /)
  await expectServesOn(engine, 0)
})

it('turns away pages from elsewhere, and takes its own', async () => {
  const engine = await listening()
  const { port } = engine.address!
  const from = (origin: string) => connect(engine.address, [], { origin })
  for (const origin of [
    'https://evil.example',
    'null',
    '',
    `https://127.0.0.1:${port}`,
    `http://127.0.0.1:${port + 1}`,
    `http://127.0.0.1:${port}.evil.example`,
    `http://evil.example:${port}`,
  ]) {
    await expect(from(origin), origin).rejects.toThrow('403')
    const health = await raw(engine, request(engine, 'GET /health', { origin }))
    expect(health).toMatch(/^HTTP\/1\.1 403 /)
  }
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    expect((await from(`http://${host}:${port}`)).socket.readyState).toBe(1)
  }
  await expectServesOn(engine, 0)
})

it.each([
  ['another path', 'GET /socket', {}, 404],
  ['a path below', 'GET /ws/more', {}, 404],
  ['another protocol', 'GET /ws', { upgrade: 'h2c' }, 426],
  ['several protocols', 'GET /ws', { upgrade: 'websocket, h2c' }, 426],
  ['another version', 'GET /ws', { 'sec-websocket-version': '7' }, 400],
  ['no key', 'GET /ws', { 'sec-websocket-key': '' }, 400],
  ['a bad key', 'GET /ws', { 'sec-websocket-key': 'short' }, 400],
  ['another method', 'POST /ws', {}, 405],
  ['a bad list of subprotocols', 'GET /ws', { 'sec-websocket-protocol': ', ,' }, 400],
  [
    'the same subprotocol twice',
    'GET /ws',
    { 'sec-websocket-protocol': 'orders.v1.json, orders.v1.json' },
    400,
  ],
])('refuses an upgrade with %s', async (_, line, headers, status) => {
  const engine = await listening()
  const answer = await raw(engine, request(engine, line, { ...upgrade, ...headers }))
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  await expectServesOn(engine, 0)
})

describe('a request for another protocol than WebSocket', () => {
  const h2c = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABk',
  }

  it.each([
    ['GET /health', 200, '"status":"ready"'],
    ['GET /metrics', 200, 'ordinal_'],
    ['HEAD /health', 200, ''],
    ['GET /nothing', 404, 'There is no /nothing'],
    ['POST /health', 405, 'POST is not served'],
  ])('is answered as if it had asked for none: %s', async (line, status, says) => {
    const engine = await listening()
    const answer = await raw(engine, request(engine, line, h2c))
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toMatch(/^connection: close\r$/im)
    expect(answer.split('\r\n\r\n')[1]).toContain(says)
    await expectServesOn(engine, 0)
  })

  it('has to name the server, as any other', async () => {
    const engine = await listening()
    const answer = await raw(
      engine,
      request(engine, 'GET /health', { ...h2c, host: 'evil.example' }),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('does not keep the server from closing, though it reads no answer', async () => {
    const body = Buffer.alloc(64 * 1024 * 1024)
    const answer = async () => ({ status: 200, contentType: 'text/plain', body })
    const door = await openDoor({ routes: { '/big': { role: null, answer } } })
    const engine = door as unknown as Engine
    const socket = await hanging(engine, request(engine, 'GET /big', h2c))
    await once(socket, 'readable')
    await door.server.close()
  })
})

describe('a target that is a whole address', () => {
  it('is served as its path is', async () => {
    const engine = await listening()
    const { port } = engine.address!
    const at = (path: string, host = `127.0.0.1:${port}`) =>
      raw(engine, request(engine, `GET http://${host}${path}`))
    expect(await at('/health')).toMatch(/^HTTP\/1\.1 200 .*"status":"ready"/s)
    expect(await at('/health?verbose=1', `localhost:${port}`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await at('/none')).toMatch(/^HTTP\/1\.1 404 .*There is no \/none\. /s)
    const [root] = (await raw(engine, request(engine, 'GET /'))).split('\r')
    expect((await at('')).split('\r')[0]).toBe(root)
    expect((await at('?x')).split('\r')[0]).toBe(root)
    const socket = await hanging(
      engine,
      request(engine, `GET HTTP://127.0.0.1:${port}/ws`, upgrade),
    )
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /)
  })

  it('names the server, whatever the Host header does', async () => {
    const engine = await listening()
    const { port } = engine.address!
    const ours = request(engine, `GET http://127.0.0.1:${port}/asyncapi.json`, { host: 'other' })
    const answer = await raw(engine, ours)
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer).toContain(`"host":"127.0.0.1:${port}"`)
    for (const host of ['evil.example', `evil.example:${port}`, `a@127.0.0.1:${port}`, '']) {
      for (const headers of [{}, upgrade]) {
        const theirs = await raw(engine, request(engine, `GET http://${host}/ws`, headers))
        expect(theirs).toMatch(/^HTTP\/1\.1 40[03] /)
      }
    }
  })
})

const targets = [
  '//',
  '/%',
  '/%zz',
  '*',
  'http://',
  'http://[',
  '/../../etc/passwd',
  '?',
  '/\u00ff',
]

it.each(targets)('answers the request target %s', async (target) => {
  const engine = await listening()
  expect(await raw(engine, request(engine, `GET ${target}`))).toMatch(/^HTTP\/1\.1 4\d\d /)
  expect(await raw(engine, request(engine, `GET ${target}`, upgrade))).toMatch(/^HTTP\/1\.1 4\d\d /)
  await expectServesOn(engine, 0)
})

it.each([
  ['garbage', '\u0000\u0001\u0002 garbage \u00ff\u00fe\r\n\r\n'],
  ['a TLS hello', '\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003'],
  ['JSON-RPC without HTTP', '{"jsonrpc":"2.0","id":1,"method":"order.list"}\n'],
  ['a header that does not end', `GET / HTTP/1.1\r\nx: ${'x'.repeat(100_000)}`],
])('hangs up on %s', async (_, text) => {
  const engine = await listening()
  expect(await raw(engine, text)).toMatch(/^HTTP\/1\.1 4\d\d /)
  await expectServesOn(engine, 0)
})

it('hangs up on frames that break the protocol of WebSockets', async () => {
  const engine = await listening()
  const hello = request(engine, 'GET /ws', upgrade)
  // Not masked; a reserved opcode; a reserved bit; a ping that is too long.
  for (const bytes of ['\x81\x01a', '\x83\x80aaaa', '\xf1\x80aaaa', '\x89\xfe\x01\x00aaaa']) {
    const { host, port } = engine.address!
    const socket = connectTcp(port, host)
    socket.on('error', () => {})
    socket.write(hello)
    socket.write(bytes, 'latin1')
    socket.resume()
    await new Promise((resolve) => socket.on('close', resolve))
  }
  await expectServesOn(engine, 0)
})

it('closes in spite of connections that never became requests', async () => {
  const { engine, client } = await serve()
  await client.call('order.new', bob.new)
  await hanging(engine, '')
  await hanging(engine, 'GET /ws HTTP/1.1\r\nhost: 127')
  await hanging(engine, request(engine, 'POST /health', { 'content-length': '1000' }))
  const halfOpen = await hanging(engine, request(engine, 'GET /ws', upgrade).slice(0, -2))
  halfOpen.end()
  const refused = await hanging(engine, request(engine, 'GET /other', upgrade))
  await new Promise((resolve) => refused.once('data', resolve))
  await expectServesOn(engine, 1)
  await engine.close()
  expect(await client.closed).toMatchObject({ code: 4200 })
})

it('takes no more sockets than it may, and takes one again when one has gone', async () => {
  const nothing = () => {}
  const logger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }
  const { engine, client } = await serve({ limits: { socketsMax: 2 }, logger })
  const second = await connect(engine.address)
  const third = await connect(engine.address)
  expect(await third.closed).toMatchObject({ code: 4102 })
  // The server hears of the end of a connection in its own time.
  const gone = new Promise<void>((resolve) => {
    logger.info = (_, message) => void (message === 'socket closed' && resolve())
  })
  second.socket.close()
  await gone
  const fourth = await connect(engine.address)
  expect((await fourth.call('order.new', bob.new)).result).toMatchObject({ version: 1 })
  expect((await client.call('order.get', { orderId: 'bob-1' })).result).toMatchObject({
    version: 1,
  })
})

it('executes what a client sent before it hung up in the middle', async () => {
  const { engine, client } = await serve()
  client.send({ jsonrpc: '2.0', id: 1, method: 'order.new', params: bob.new })
  client.send([
    { jsonrpc: '2.0', id: 2, method: 'order.modify', params: bob.modify },
    { jsonrpc: '2.0', id: 3, method: 'views.subscribe' },
  ])
  const seen = new Promise<void>((resolve) => {
    engine.subscribe((views) => views.some((view) => view.version === 2) && resolve())
  })
  await new Promise((resolve) => client.socket.send('{', resolve))
  client.socket.terminate()
  await seen
  await expectServesOn(engine, 2)
})

it('cuts off a connection that became a socket and never sends a byte more', async () => {
  const timers = new HandTimers()
  const engine = await listening({ runtime: timers.runtime })
  const silent = await hanging(engine, request(engine, 'GET /ws', upgrade))
  await new Promise((resolve) => silent.once('data', resolve))
  const closed = new Promise((resolve) => silent.once('close', resolve))
  silent.resume()
  // The first beat pings it; it answers with nothing, nor does it say goodbye.
  timers.fire(defaults.heartbeatMs)
  timers.fire(defaults.heartbeatMs)
  silent.once('end', () => silent.end())
  await closed
  await expectServesOn(engine, 0)
})
