import { describe, expect, it } from 'vitest'
import { CallError, ClientError } from '../../src/client/index.ts'
import { limits } from '../../src/client/limits.ts'
import { outcomeOf, Scene, scene, settled } from './fakes.ts'

const params = { orderId: 'bob-1', paymentId: 'p-1', amount: 6000 }
const newOrder = { currency: 'USD', lines: [{ sku: 'widget', quantity: 5, unitPrice: 1000 }] }
const receipt = { orderId: 'bob-1', version: 3, eventId: 2003, recordedAt: 1, replayed: false }

describe('a command', () => {
  it('waits for the connection and the greeting, and resolves with its receipt', async () => {
    const made = new Scene({ token: 'secret', client: 'shop' })
    const submitted = made.client.submit('order.pay', params)
    made.socket.open()
    expect(made.socket.protocols).toEqual(['orders.v1.json'])
    expect(made.socket.all).toMatchObject([
      { method: 'session.hello', params: { token: 'secret', client: 'shop' } },
    ])
    made.socket.answer(made.socket.take(), made.hello)
    const call = made.socket.take('order.pay')
    expect(call.params).toEqual({ ...params, commandId: expect.stringMatching(/^[\w-]{21}$/) })
    made.socket.answer(call, receipt)
    expect(await submitted).toEqual(receipt)
  })

  it('goes under the commandId that it is given, in its params or beside them', async () => {
    const { client, socket } = await scene()
    void client.submit('order.pay', { ...params, commandId: 'c-1' })
    void client.submit('order.pay', params, { commandId: 'c-2' })
    expect(socket.calls.map((call) => call.params.commandId)).toEqual(['c-1', 'c-2'])
  })

  it('is sent again with the same commandId until there is an answer, and has one outcome', async () => {
    const made = await scene()
    const submitted = made.client.submit('order.pay', params)
    const first = made.socket.take('order.pay')
    await made.comeBack()
    const second = made.socket.take('order.pay')
    await made.comeBack()
    const third = made.socket.take('order.pay')
    expect([second.params, third.params]).toEqual([first.params, first.params])
    made.socket.answer(third, { ...receipt, replayed: true })
    expect(await submitted).toEqual({ ...receipt, replayed: true })
    expect((await made.comeBack()).calls).toEqual([])
  })

  it('keeps its place before later ones when they are sent again', async () => {
    const made = await scene()
    for (const commandId of ['c-1', 'c-2', 'c-3']) {
      void made.client.submit('order.pay', params, { commandId })
    }
    const socket = await made.comeBack()
    expect(socket.calls.map((call) => call.params.commandId)).toEqual(['c-1', 'c-2', 'c-3'])
  })

  it('that places an order for a bound token goes under an id of that customer', async () => {
    const made = new Scene()
    void made.client.submit('order.new', newOrder)
    const socket = await made.greet({ customerId: 'bob' })
    const { commandId } = socket.take('order.new').params
    expect(commandId).toMatch(/^bob:[\w-]{21}$/)
    expect((await made.comeBack()).take('order.new').params.commandId).toBe(commandId)
  })

  it('resolves with a refusal, which is a value', async () => {
    const { client, socket } = await scene()
    const submitted = client.submit('order.pay', params)
    socket.refuse(socket.take(), 2006, 'OVERPAYMENT', { balance: 5000 })
    expect(await submitted).toEqual({
      refused: 'OVERPAYMENT',
      code: 2006,
      message: 'refused: OVERPAYMENT',
      retryable: false,
      outcome: 'not_applied',
      details: { balance: 5000 },
    })
  })

  it('rejects where the call is malformed, with what is wrong', async () => {
    const { client, socket } = await scene()
    const submitted = outcomeOf(client.submit('order.pay', { orderId: 'bob-1' } as any))
    const faults = [{ path: '/amount', message: 'is missing' }]
    socket.refuse(socket.take(), -32602, 'INVALID_PARAMS', { faults })
    const error = await submitted
    expect(error).toBeInstanceOf(CallError)
    expect(error).toMatchObject({
      reason: 'INVALID_PARAMS',
      outcome: 'not_applied',
      data: { faults },
    })
  })

  it.each([
    [1004, 'RATE_LIMITED'],
    [1005, 'OVERLOADED'],
    [1007, 'STOPPING'],
  ])('is sent again after %s %s, later each time', async (code, reason) => {
    const { client, socket, clock } = await scene()
    const submitted = client.submit('order.pay', params)
    for (const wait of [200, 400, 800]) {
      const call = socket.take('order.pay')
      socket.refuse(call, code, reason)
      await clock.advance(wait * 0.99)
      expect(socket.calls).toEqual([])
      await clock.advance(wait * 0.01)
    }
    socket.answer(socket.take('order.pay'), receipt)
    expect(await submitted).toEqual(receipt)
  })

  it('waits as long as the server asks for', async () => {
    const { client, socket, clock } = await scene()
    void client.submit('order.pay', params)
    socket.refuse(socket.take(), 1004, 'RATE_LIMITED', { retryAfterMs: 5000 })
    await clock.advance(4999)
    expect(socket.calls).toEqual([])
    await clock.advance(1)
    expect(socket.calls).toHaveLength(1)
  })

  it('is not sent again where the storage is full', async () => {
    const { client, socket } = await scene()
    const submitted = client.submit('order.pay', params)
    socket.refuse(socket.take(), 1006, 'STORAGE_FULL')
    expect(await submitted).toMatchObject({ refused: 'STORAGE_FULL', retryable: true })
  })

  it('gives up when asked to, with the last refusal or with none', async () => {
    const { client, socket, clock } = await scene()
    const limited = client.submit('order.pay', params, { giveUpAfterMs: 100 })
    socket.refuse(socket.take(), 1005, 'OVERLOADED')
    await clock.advance(100)
    expect(await limited).toMatchObject({ refused: 'OVERLOADED', outcome: 'not_applied' })
    const unanswered = outcomeOf(client.submit('order.pay', params, { giveUpAfterMs: 100 }))
    await clock.advance(100)
    const gaveUp = { reason: 'GAVE_UP', retryable: true, outcome: 'unknown' }
    expect(await unanswered).toMatchObject(gaveUp)
  })

  it('that is answered leaves no timer behind', async () => {
    const { client, socket, clock } = await scene()
    const before = clock.pending
    const submitted = client.submit('order.pay', params, { giveUpAfterMs: 100 })
    expect(clock.pending).toBe(before + 1)
    socket.answer(socket.take(), receipt)
    await submitted
    expect(clock.pending).toBe(before)
  })

  it('whose first answer was lost is not said to be surely not applied by a server without time', async () => {
    const made = await scene()
    const submitted = made.client.submit('order.pay', params, { giveUpAfterMs: 60_000 })
    const socket = await made.comeBack()
    socket.refuse(socket.take(), 1004, 'RATE_LIMITED', { retryAfterMs: 90_000 })
    await made.clock.advance(60_000)
    expect(await submitted).toMatchObject({ refused: 'RATE_LIMITED', outcome: 'unknown' })
    // The server looks for the receipt of an earlier sending before it says this.
    const second = made.client.submit('order.pay', params)
    const later = await made.comeBack()
    later.refuse(later.take(), 2004, 'NOT_ALLOWED')
    expect(await second).toMatchObject({ refused: 'NOT_ALLOWED', outcome: 'not_applied' })
  })

  it.each([
    [2005, 'COMMAND_ID_REUSED', null, 'unknown'],
    [2001, 'ORDER_NOT_FOUND', 'bob', 'unknown'],
    [2001, 'ORDER_NOT_FOUND', null, 'not_applied'],
    [1003, 'FORBIDDEN', null, 'unknown'],
    [1006, 'STORAGE_FULL', null, 'not_applied'],
    [2003, 'VERSION_CONFLICT', null, 'not_applied'],
    [2999, 'TOO_HEAVY', null, 'not_applied'],
  ])(
    'whose first answer was lost, and then is %s %s with a token of %s, is %s',
    async (...told) => {
      const [code, refused, customerId, outcome] = told
      const made = await scene()
      const submitted = made.client.submit('order.pay', params)
      const socket = await made.comeBack(1006, { customerId })
      socket.refuse(socket.take(), code, refused)
      expect(await submitted).toMatchObject({ refused, outcome })
      // The same answer to the first sending leaves nothing open.
      const first = made.client.submit('order.pay', params)
      socket.refuse(socket.take(), code, refused)
      expect(await first).toMatchObject({ refused, outcome: 'not_applied' })
    },
  )

  it('that is malformed to another release, and was lost before, may have been applied', async () => {
    const made = await scene()
    const submitted = outcomeOf(made.client.submit('order.pay', params))
    const socket = await made.comeBack()
    socket.refuse(socket.take(), -32602, 'INVALID_PARAMS')
    expect(await submitted).toMatchObject({ reason: 'INVALID_PARAMS', outcome: 'unknown' })
  })

  it('that the engine may have written when it stopped is sent again', async () => {
    const made = await scene()
    const submitted = made.client.submit('order.pay', params)
    made.socket.refuse(made.socket.take(), 1007, 'STOPPING', { outcome: 'unknown' })
    const socket = await made.comeBack(4200)
    await made.clock.advance(200)
    socket.answer(socket.take('order.pay'), receipt)
    expect(await submitted).toEqual(receipt)
  })

  it('over the frame that the server takes is refused here, for it would end each connection', async () => {
    const { client, socket } = await scene()
    const reason = 'ä'.repeat(2100)
    const error = await outcomeOf(client.submit('order.cancel', { orderId: 'bob-1', reason }))
    expect(error).toMatchObject({ reason: 'TOO_LONG', outcome: 'not_applied' })
    expect(socket.calls).toEqual([])
    void client.submit('order.cancel', { orderId: 'bob-1', reason: 'ä'.repeat(1900) })
    expect(socket.calls).toHaveLength(1)
  })

  it('over the number of calls that may wait is refused', async () => {
    const made = new Scene()
    const waiting = Array.from({ length: limits.callsMax }, () =>
      outcomeOf(made.client.get('bob-1')),
    )
    const error = await outcomeOf(made.client.submit('order.pay', params))
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({ reason: 'TOO_MANY_CALLS', retryable: true })
    made.client.close()
    await Promise.all(waiting)
  })
})

describe('a call that was given up', () => {
  it('takes room until it is answered, as it does in the server', async () => {
    const { client, socket } = await scene()
    const stop = new AbortController()
    const given = Array.from({ length: limits.callsMax }, () =>
      outcomeOf(client.get('bob-1', { signal: stop.signal })),
    )
    stop.abort()
    await Promise.all(given)
    const tooMany = { reason: 'TOO_MANY_CALLS', retryable: true }
    expect(await outcomeOf(client.get('bob-1'))).toMatchObject(tooMany)
    socket.answer(socket.take(), {})
    const read = client.get('bob-2')
    socket.answer(socket.calls.at(-1)!, { orderId: 'bob-2' })
    expect(await read).toEqual({ orderId: 'bob-2' })
  })
})

describe('a signal', () => {
  it('that aborts a command that was never sent says that it was not applied', async () => {
    const made = new Scene()
    const stop = new AbortController()
    const submitted = outcomeOf(made.client.submit('order.pay', params, { signal: stop.signal }))
    stop.abort('enough')
    expect(await submitted).toMatchObject({
      ...{ reason: 'ABORTED', outcome: 'not_applied', cause: 'enough' },
    })
    expect((await made.greet()).calls).toEqual([])
  })

  it('that aborts a command that was sent says that it is not known', async () => {
    const made = await scene()
    const stop = new AbortController()
    const submitted = outcomeOf(made.client.submit('order.pay', params, { signal: stop.signal }))
    stop.abort()
    expect(await submitted).toMatchObject({ reason: 'ABORTED', outcome: 'unknown' })
    expect((await made.comeBack()).calls).toEqual([])
  })

  it('that aborts one that was refused and waits says that it was not applied', async () => {
    const { client, socket, clock } = await scene()
    const stop = new AbortController()
    const submitted = outcomeOf(client.submit('order.pay', params, { signal: stop.signal }))
    socket.refuse(socket.take(), 1004, 'RATE_LIMITED')
    stop.abort()
    expect(await submitted).toMatchObject({ reason: 'ABORTED', outcome: 'not_applied' })
    await clock.advance(10_000)
    expect(socket.calls).toEqual([])
  })

  it('that is aborted already sends nothing', async () => {
    const { client, socket } = await scene()
    const signal = AbortSignal.abort()
    expect(await outcomeOf(client.submit('order.pay', params, { signal }))).toMatchObject({
      ...{ reason: 'ABORTED', outcome: 'not_applied' },
    })
    expect(socket.calls).toEqual([])
    expect(() => client.views({ signal })).toThrow(ClientError)
    expect(() => client.events({ signal })).toThrow(ClientError)
    expect(() => client.map({ signal })).toThrow(ClientError)
  })

  it('closes the client it was given to', async () => {
    const stop = new AbortController()
    const { client, socket } = await scene({ signal: stop.signal })
    stop.abort()
    expect(await client.closed).toMatchObject({ reason: 'ABORTED' })
    expect(socket.closedWith).toBe(1000)
  })
})

describe('reads', () => {
  it('ask for what they are named after', async () => {
    const { client, socket } = await scene()
    const answers = [
      client.get('bob-1'),
      client.list({ status: 'paid', limit: 2 }),
      client.history('bob-1'),
      client.at('bob-1', 7),
      client.readEvents({ from: 1, limit: 5 }),
    ]
    expect(socket.calls.map((call) => [call.method, call.params])).toEqual([
      ['order.get', { orderId: 'bob-1' }],
      ['order.list', { status: 'paid', limit: 2 }],
      ['order.history', { orderId: 'bob-1' }],
      ['order.at', { orderId: 'bob-1', eventId: 7 }],
      ['events.read', { from: 1, limit: 5 }],
    ])
    const results = [{ a: 1 }, { orders: [] }, { events: [2] }, { b: 3 }, { events: [], head: 4 }]
    for (const result of results) socket.answer(socket.take(), result)
    expect(await Promise.all(answers)).toEqual([
      ...[{ a: 1 }, { orders: [] }, [2], { b: 3 }, { events: [], head: 4 }],
    ])
  })

  it('of an order that is not there give undefined', async () => {
    const { client, socket } = await scene()
    const answers = [client.get('no'), client.history('no'), client.at('no', 1)]
    for (const _ of answers) socket.refuse(socket.take(), 2001, 'ORDER_NOT_FOUND')
    expect(await Promise.all(answers)).toEqual([undefined, undefined, undefined])
  })

  it('are made again after a lost connection and by a server without time', async () => {
    const made = await scene()
    const found = made.client.get('bob-1')
    const socket = await made.comeBack()
    socket.refuse(socket.take('order.get'), 1004, 'RATE_LIMITED')
    await made.clock.advance(200)
    socket.answer(socket.take('order.get'), { orderId: 'bob-1' })
    expect(await found).toEqual({ orderId: 'bob-1' })
  })

  it('reject with the reason of the server', async () => {
    const { client, socket } = await scene()
    const read = outcomeOf(client.readEvents({ from: 99 }))
    socket.refuse(socket.take(), 3001, 'POSITION_AHEAD', { head: 7 })
    expect(await read).toMatchObject({ reason: 'POSITION_AHEAD', code: 3001, data: { head: 7 } })
  })
})

describe('a call as it is', () => {
  it('is not sent twice: where the answer is lost, it says so', async () => {
    const made = await scene()
    const called = outcomeOf(made.client.call('order.pay', params))
    expect(made.socket.take('order.pay').params).toEqual(params)
    const socket = await made.comeBack()
    expect(await called).toMatchObject({ reason: 'CONNECTION_LOST', outcome: 'unknown' })
    expect(socket.calls).toEqual([])
    await settled()
  })
})
