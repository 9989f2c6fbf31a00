/** What a client sent by an earlier connection is not taken any more once it has come again. */
import { describe, expect, it } from 'vitest'
import { Successions } from '../../src/gateway/session/successions.ts'
import { order, settle } from '../support/sequencer.ts'
import { wholeGateway } from './whole.ts'

const session = (connection: number, id = 'the-client') => ({ session: { id, connection } })

describe('a client that comes again', () => {
  it('has its earlier socket closed with 4009, and nothing more is taken by it', async () => {
    const engine = await wholeGateway()
    const [one, other] = [engine.connect(), engine.connect()]
    await engine.call(one, 'session.hello', session(1))
    await engine.call(other, 'session.hello', session(2))
    expect(one.closedWith).toBe(4009)
    const call = { jsonrpc: '2.0', id: 9, method: 'order.new', params: order('late') }
    one.handlers.text(JSON.stringify(call))
    await settle()
    expect(engine.view.get('late')).toBeUndefined()
    expect((await engine.call(other, 'order.new', order('now'))).result.eventId).toBe(1)
    expect(other.closedWith).toBeUndefined()
  })

  it('has the rest of a batch left undone that its earlier socket was in the midst of', async () => {
    const engine = await wholeGateway()
    const [one, other] = [engine.connect(), engine.connect()]
    await engine.call(one, 'session.hello', session(1))
    const calls = [
      { method: 'order.new', params: order('first') },
      { method: 'order.get', params: { orderId: 'first' } },
      { method: 'order.new', params: order('second') },
    ]
    one.handlers.text(JSON.stringify(calls.map((each, id) => ({ jsonrpc: '2.0', id, ...each }))))
    const hello = { jsonrpc: '2.0', id: 1, method: 'session.hello', params: session(2) }
    other.handlers.text(JSON.stringify(hello))
    await settle(20)
    expect(engine.view.get('first')).toBeDefined()
    expect(engine.view.get('second')).toBeUndefined()
  })

  it('is not turned out by the greeting of an earlier socket that comes late, which is closed', async () => {
    const engine = await wholeGateway()
    const [one, other] = [engine.connect(), engine.connect()]
    await engine.call(other, 'session.hello', session(2))
    await engine.call(one, 'session.hello', session(1)).catch(() => {})
    expect([one.closedWith, other.closedWith]).toEqual([4009, undefined])
  })

  it('is known after its newest socket has closed, too', async () => {
    const engine = await wholeGateway()
    const [one, other] = [engine.connect(), engine.connect()]
    await engine.call(other, 'session.hello', session(2))
    other.terminate()
    await engine.call(one, 'session.hello', session(1)).catch(() => {})
    expect(one.closedWith).toBe(4009)
  })

  it('is nobody else, whatever the id is', async () => {
    const engine = await wholeGateway()
    const [one, other] = [engine.connect(), engine.connect()]
    await engine.call(one, 'session.hello', session(1))
    await engine.call(other, 'session.hello', session(2, 'another-client'))
    expect(one.closedWith).toBeUndefined()
  })
})

describe('successions', () => {
  const fake = () => {
    const closed: number[] = []
    return { closed, close: (code: number) => void closed.push(code) }
  }

  it('are of one subject each', () => {
    const successions = new Successions(10)
    const [one, other] = [fake(), fake()]
    successions.begin(one, { id: 'c', connection: 1 }, 'ann')
    successions.begin(other, { id: 'c', connection: 2 }, 'bob')
    expect(one.closed).toEqual([])
  })

  it('let a session greet again', () => {
    const successions = new Successions(10)
    const one = fake()
    for (let time = 0; time < 2; time++) successions.begin(one, { id: 'c', connection: 1 }, null)
    expect(one.closed).toEqual([])
  })

  it('remember so many clients that have none, and all that have one', () => {
    const successions = new Successions(2)
    const open = fake()
    successions.begin(open, { id: 'open', connection: 5 }, null)
    for (const id of ['a', 'b', 'c']) {
      const gone = fake()
      successions.begin(gone, { id, connection: 5 }, null)
      successions.end(gone)
    }
    const late = { open: fake(), c: fake(), a: fake() }
    for (const [id, session] of Object.entries(late)) {
      successions.begin(session, { id, connection: 1 }, null)
    }
    expect(late.open.closed).toEqual([4009])
    expect(late.c.closed).toEqual([4009])
    expect(late.a.closed).toEqual([])
  })
})
