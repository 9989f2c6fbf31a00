import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { enqueueActions } from 'xstate'
import { defaults } from '../../src/config.ts'
import { type EngineOptions, type Logger, MemoryLog, openEngine } from '../../src/index.ts'
import { LogLines } from '../../src/log-lines/log-lines.ts'
import { orderDomain } from '../../src/order/index.ts'
import { HandTimers } from '../gateway/fakes.ts'
import { request, upgrade } from '../gateway/serve.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'
import { ScriptedLog } from '../support/scripted-log.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly fields: any
}

/** A logger that keeps its lines, as they would be written. */
function keeping(): { logger: Logger; lines: Line[] } {
  const lines: Line[] = []
  const keep = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields: JSON.parse(JSON.stringify(fields)) })
  }
  const logger = {
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
  }
  return { logger, lines }
}

async function open(options: Partial<EngineOptions> = {}) {
  const { logger, lines } = keeping()
  const engine = await openEngine({
    log: new MemoryLog({ epoch: 'e', firstEventId: 2001 }),
    listen: { port: 0 },
    logger,
    ...options,
  })
  return { engine, lines }
}

describe('an engine logs', () => {
  it('who reads the log as it was long ago, and for how long', async () => {
    let elapsed = 0
    const timers = new HandTimers({ elapsed: () => elapsed })
    class ReadLog extends MemoryLog {
      readers = () => [{ pid: 4711, thread: 'a', commit: 3 }]
    }
    const { engine, lines } = await open({ log: new ReadLog(), runtime: timers.runtime })
    timers.fire(defaults.logCheckMs)
    elapsed = defaults.stalledReaderMs
    timers.fire(defaults.logCheckMs)
    timers.fire(defaults.logCheckMs)
    await engine.close()
    const warnings = lines.filter(({ level }) => level === 'warn')
    expect(warnings.map(({ fields }) => fields)).toEqual([
      { pid: 4711, ms: defaults.stalledReaderMs },
    ])
    expect(warnings[0]?.message).toContain('somebody reads the log as it was long ago')
  })

  it('its start, its replay, that it is ready, and its end', async () => {
    const { engine, lines } = await open()
    await engine.submit('order.new', bob.new)
    const { port } = engine.address!
    await engine.close()
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'starting',
        fields: { domain: 'order', epoch: 'e', firstEventId: 2001, head: 2000 },
      },
      {
        level: 'info',
        message: 'the log is replayed',
        fields: { orders: 0, eventId: 2000, ms: expect.any(Number) },
      },
      {
        level: 'info',
        message: 'ready',
        fields: { host: '127.0.0.1', port, eventId: 2000 },
      },
      { level: 'info', message: 'stopping', fields: {} },
      { level: 'info', message: 'stopped', fields: { eventId: 2001, ms: expect.any(Number) } },
    ])
  })

  it('why a machine is not compiled', async () => {
    const { machine } = orderDomain
    const interpreted = machine.provide({ actions: { place: enqueueActions(() => {}) } } as never)
    const domain = { ...orderDomain, machine: interpreted } as typeof orderDomain
    const { engine, lines } = await open({ domain } as never)
    await engine.close()
    expect(lines[1]).toEqual({
      level: 'warn',
      message: 'the machine is run by the interpreter, which is slower',
      fields: { why: ['order.unplaced has the action xstate.enqueueActions'] },
    })
  })

  it('the fault at which its writer stopped', async () => {
    const log = new ScriptedLog()
    const { engine, lines } = await open({ log })
    const lost = engine.submit('order.new', bob.new).catch((error) => error)
    const append = await log.next()
    append.fail(new TypeError('the disk is gone'))
    await lost
    await engine.close()
    const [error, ...more] = lines.filter(({ level }) => level === 'error')
    expect(more).toEqual([])
    expect(error).toMatchObject({
      message: 'the writer stopped',
      fields: { error: 'TypeError', why: 'the disk is gone' },
    })
  })

  it('each socket, with who was there and how it ended', async () => {
    const { engine, lines } = await open()
    const client = await connect(engine.address)
    await client.call('session.hello', { client: 'shop' })
    await client.call('order.new', bob.new)
    client.socket.close(1000, 'a word of the client')
    await client.closed
    const other = await connect(engine.address)
    await engine.close()
    expect(await other.closed).toMatchObject({ code: 4200 })
    const of = (socket: number) => lines.filter(({ fields }) => fields.socket === socket)
    const said = [...of(1), ...of(2)]
    const nobody = { subject: null, customerId: null }
    expect(said).toMatchObject([
      { message: 'socket opened', fields: { socket: 1, remote: '127.0.0.1', ...nobody } },
      {
        message: 'socket closed',
        fields: { socket: 1, client: 'shop', code: 1000, reason: '', calls: 2, ...nobody },
      },
      { message: 'socket opened', fields: { socket: 2, client: null } },
      { message: 'socket closed', fields: { socket: 2, code: 4200, reason: 'shutting down' } },
    ])
  })

  it('what a client closed with, though the server has begun to stop since', async () => {
    const { engine, lines } = await open()
    const { host, port } = engine.address!
    const client = connectTcp({ host, port, allowHalfOpen: true })
    onTestFinished(() => void client.destroy())
    client.write(request(engine, 'GET /ws', upgrade))
    await once(client, 'data')
    // A close frame with 1000, under the mask 0. It is answered, and the connection still stands.
    client.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 1000 >> 8, 1000 & 0xff]))
    await once(client, 'data')
    const closed = engine.close()
    client.end()
    await closed
    const said = lines.find(({ message }) => message === 'socket closed')
    expect(said?.fields).toMatchObject({ code: 1000, reason: '' })
  })

  it('nothing, where no logger is given', async () => {
    const engine = await openEngine({ log: new MemoryLog(), listen: { port: 0 } })
    const client = await connect(engine.address)
    await client.call('order.new', bob.new)
    await engine.close()
  })
})

describe('a line', () => {
  const socket = { socket: 1, remote: '::1', subject: 'ann', customerId: null, client: 'shop' }
  const closed = { ...socket, code: 1000, reason: '', ms: 12.5, calls: 3, subscriptions: 1 }
  const secret = { token: 'hunter2', params: { card: 'hunter2' }, request: { url: '/?t=hunter2' } }

  it.each<[string, (lines: LogLines) => void]>([
    ['of a socket opened', (lines) => lines.socketOpened({ ...socket, ...secret })],
    ['of a socket closed', (lines) => lines.socketClosed({ ...closed, ...secret })],
    [
      'of a connection refused',
      (lines) => lines.connectionRefused({ status: 401, why: 'token', remote: '::1', ...secret }),
    ],
    [
      'of a call failed',
      (lines) => lines.callFailed('order.get', Object.assign(new Error('x'), secret)),
    ],
    ['of a fault', (lines) => lines.fault(Object.assign(new Error('x'), secret))],
    [
      'of the writer stopped',
      (lines) => lines.writerStopped(Object.assign(new Error('x'), secret)),
    ],
  ])('%s has nothing in it but what it names', (_, say) => {
    const { logger, lines } = keeping()
    say(new LogLines(logger))
    expect(lines).toHaveLength(1)
    expect(JSON.stringify(lines)).not.toContain('hunter2')
  })

  it('says who was at a socket, how it ended, and how much came of it', () => {
    const { logger, lines } = keeping()
    new LogLines(logger).socketClosed(closed)
    expect(lines).toEqual([
      { level: 'info', message: 'socket closed', fields: { ...closed, ms: 13 } },
    ])
  })

  it('warns of a connection that was refused', () => {
    const { logger, lines } = keeping()
    new LogLines(logger).connectionRefused({ status: 403, why: 'origin', remote: '::1' })
    const fields = { status: 403, why: 'origin', remote: '::1' }
    expect(lines).toEqual([{ level: 'warn', message: 'connection refused', fields }])
  })

  it('names an error by its code, and says where it comes from', () => {
    const { logger, lines } = keeping()
    new LogLines(logger).callFailed('order.get', Object.assign(new RangeError('no'), { code: 'X' }))
    expect(lines).toMatchObject([
      {
        level: 'error',
        fields: {
          method: 'order.get',
          error: 'RangeError',
          code: 'X',
          why: 'no',
          stack: expect.stringContaining('log-lines.test'),
        },
      },
    ])
  })
})
