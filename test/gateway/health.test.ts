import { expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/index.ts'
import { MemoryLog, openEngine } from '../../src/index.ts'
import { recorded } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
import { expectServesOn, listening, order, raw, request, serve, upgrade } from './serve.ts'

const get = async (engine: { address: any }, path = '/health', init: RequestInit = {}) => {
  const { host, port } = engine.address
  const response = await fetch(`http://${host}:${port}${path}`, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
}

it('says that it is ready, of which log, and how far', async () => {
  const { engine, client } = await serve({ log: new MemoryLog({ epoch: 'e', firstEventId: 2001 }) })
  expect((await get(engine)).body).toStrictEqual({ status: 'ready', epoch: 'e', eventId: 2000 })
  await client.call('order.new', order('bob-1'))
  const { status, body, headers } = await get(engine)
  expect(status).toBe(200)
  expect(body).toStrictEqual({ status: 'ready', epoch: 'e', eventId: 2001 })
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(headers.get('cache-control')).toBe('no-store')
  expect(await get(engine, '/health?verbose=1')).toMatchObject({ status: 200 })
  expect(await get(engine, '/health', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
})

/** A log whose reading goes on only when the test says so. */
class HeldLog extends MemoryLog {
  #go: (() => void)[] = []
  isHeld = true

  override async *read(from: number): AsyncGenerator<readonly RecordedEvent[]> {
    for await (const batch of super.read(from)) {
      for (const event of batch) {
        if (this.isHeld) await new Promise<void>((resolve) => this.#go.push(resolve))
        yield [event]
      }
    }
  }

  /** Gives one more event, once it is waited for. */
  async give(): Promise<void> {
    while (this.#go.length === 0) await new Promise((turn) => setImmediate(turn))
    this.#go.shift()?.()
  }
}

it('says how far the replay is while it lasts, and takes no sockets', async () => {
  const log = new HeldLog()
  await log.append(
    [1, 2, 3].map((eventId) => recorded({ eventId })),
    0,
  )
  // The address is not known before the engine is open; the port is one that was free just now.
  const before = await listening()
  const { port } = before.address!
  await before.close()
  const opening = openEngine({ log, listen: { port } })
  const starting = { address: { host: '127.0.0.1', port } } as typeof before
  await log.give()
  await log.give()
  let answer = await get(starting)
  // The answer can come before the event that was given has been applied.
  while (answer.body.done !== 2) answer = await get(starting)
  expect(answer).toMatchObject({ status: 503, body: { status: 'replaying', done: 2, total: 3 } })
  expect(await raw(starting, request(starting, 'GET /ws', upgrade))).toMatch(/^HTTP\/1\.1 503 /)
  await expect(connect(starting.address)).rejects.toThrow('503')

  log.isHeld = false
  await log.give()
  const engine = await opening
  try {
    expect(await get(engine)).toMatchObject({ status: 200, body: { status: 'ready', eventId: 3 } })
    await expectServesOn(engine, 3)
  } finally {
    await engine.close()
  }
})

it('says that it is stopping, and takes no sockets any more', async () => {
  const log = new ScriptedLog()
  const { engine, client } = await serve({ log })
  client.send({ jsonrpc: '2.0', id: 1, method: 'order.new', params: order('bob-1') })
  const append = await log.next()
  const closed = engine.close()
  expect(await get(engine)).toMatchObject({ status: 503, body: { status: 'stopping' } })
  await expect(connect(engine.address)).rejects.toThrow('503')
  append.land()
  await closed
})

it('answers what it does not serve', async () => {
  const engine = await listening()
  expect(await get(engine, '/nothing')).toMatchObject({ status: 404 })
  expect(await get(engine, '/ws')).toMatchObject({ status: 426 })
  const posted = await get(engine, '/health', { method: 'POST', body: 'x'.repeat(100_000) })
  expect(posted).toMatchObject({ status: 405 })
  expect(posted.headers.get('allow')).toBe('GET, HEAD')
  await expectServesOn(engine, 0)
})
