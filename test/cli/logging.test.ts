import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { ordinal, serve } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const linesOf = (text: string): any[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

it('logs lines of JSON on stderr, and nothing of them on stdout', async () => {
  const server = await serve(temporaryFolder())
  const client = await connect(server.address)
  await client.call('session.hello', { client: 'shop' })
  server.process.kill('SIGTERM')
  const { stdout, stderr } = await server.ended
  expect(stdout.split('\n')).toHaveLength(1)
  const lines = linesOf(stderr)
  expect(lines.map(({ msg }) => msg)).toEqual([
    ...['starting', 'the log is replayed', 'ready', 'socket opened'],
    ...['stopping', 'socket closed', 'stopped'],
  ])
  expect(lines.find(({ msg }) => msg === 'socket closed')).toMatchObject({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    pid: server.process.pid,
    client: 'shop',
    code: 4200,
  })
})

it('logs what is at or above --log-level', async () => {
  for (const level of ['warn', 'silent']) {
    const server = await serve(temporaryFolder(), '--log-level', level)
    server.process.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0, stderr: '' })
  }
  const { code, stderr } = await ordinal('serve', '--log-level', 'loud')
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('silent') })
})

it('never logs a token, nor the params of a call, nor what is in an event', async () => {
  const folder = temporaryFolder()
  const secret = 'S3CR3T'
  const token = `${secret}-token-0123456789`
  const tokens = join(folder, 'tokens.json')
  writeFileSync(tokens, JSON.stringify([{ token, subject: 'ann', roles: ['admin'] }]))
  const data = join(folder, 'data')
  const server = await serve(data, '--log-level', 'trace', '--tokens', tokens)
  const { host, port } = server.address
  const path = `http://${host}:${port}`
  // Wherever a token may be put by mistake.
  await fetch(`${path}/metrics?token=${token}`)
  await fetch(`${path}/metrics`, { headers: { authorization: `Bearer ${token}x` } })
  await fetch(`${path}/${token}`)
  for (const [target, protocols, headers] of [
    [`/ws?token=${token}`, [token], {}],
    [`/${token}`, [], {}],
    ['/ws', [], { authorization: `Bearer wrong-${token}` }],
    ['/ws', [], { origin: `http://${secret}.example`.toLowerCase() }],
    ['/ws', [], { host: `${secret}.example` }],
  ] as const) {
    const socket = new WebSocket(`ws://${host}:${port}${target}`, [...protocols], { headers })
    await new Promise((resolve) => socket.once('error', resolve).once('close', resolve))
  }
  const stranger = await connect(server.address)
  await stranger.call('session.hello', { token: `wrong-${token}` })
  await stranger.closed
  const client = await connect(server.address)
  await client.call('session.hello', { token, client: 'shop' })
  await client.call('order.new', { ...bob.new, orderId: secret, customerId: secret })
  await client.call('order.cancel', { orderId: secret, reason: secret, commandId: secret })
  await client.call('order.pay', { orderId: secret, paymentId: secret, amount: 'x', [secret]: 1 })
  await client.call(`order.${secret}`, {})
  await client.call('views.subscribe', { orderId: secret })
  client.send(`{"${secret}`)
  client.socket.close(1000, secret)
  // The server hears of the end of a connection in its own time.
  await server.said((line) => line.includes('socket closed') && line.includes('"shop"'))
  server.process.kill('SIGTERM')
  const { stderr } = await server.ended
  const lines = linesOf(stderr)
  expect(stderr.toLowerCase()).not.toContain(secret.toLowerCase())
  // It was not silent about them, either.
  const closed = lines.find(({ msg, client }) => msg === 'socket closed' && client === 'shop')
  expect(closed).toMatchObject({ subject: 'ann', code: 1000 })
  const refused = lines.filter(({ msg }) => msg === 'connection refused')
  const why = refused.map(({ status, why }) => [status, why])
  expect(why.sort()).toEqual([
    [400, 'subprotocol'],
    [401, 'token'],
    [403, 'host'],
    [403, 'origin'],
    [404, 'path'],
  ])
})

it('writes lines for people on a terminal, which no name can drive', async (context) => {
  if (spawnSync('script', ['--version']).status !== 0) {
    const note = 'There is no script command (Debian: bsdutils) to make a terminal with.'
    console.warn(`SKIPPED: the log on a terminal. ${note}`)
    return context.skip(note)
  }
  const folder = temporaryFolder()
  const serving = `exec '${process.execPath}' '${program}' serve --data '${folder}' --port 0 --json`
  const terminal = spawn('script', ['-qec', serving, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let screen = ''
  const ended = once(terminal, 'close')
  const shows = (text: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = text.exec(screen)
        if (found) resolve(found)
      }
      terminal.stdout.on('data', look)
      void ended.then(() => reject(new Error(`It ended: ${screen}`)))
      look()
    })
  terminal.stdout.prependListener('data', (data) => {
    screen += data
  })
  onTestFinished(() => {
    terminal.kill('SIGKILL')
  })
  const [, port] = await shows(/ws:\/\/127\.0\.0\.1:(\d+)\/ws/)
  expect(screen).toMatch(/INFO.*starting/)
  expect(screen).not.toContain('"level"')
  const client = await connect({ host: '127.0.0.1', port: Number(port) })
  await client.call('session.hello', { client: 'shop\u001b[2J\u009b2J' })
  client.socket.close()
  await shows(/socket closed[^\n]*shop/)
  expect(screen).not.toContain('\u001b[2J')
  expect(screen).not.toContain('\u009b')
  // What a terminal shows last can be lost with it; how the server ended cannot (-e).
  const [, pid] = /^process (\d+) /.exec(readFileSync(join(folder, 'writer.lock'), 'utf8')) ?? []
  process.kill(Number(pid), 'SIGTERM')
  expect(await ended).toEqual([0, null])
})
