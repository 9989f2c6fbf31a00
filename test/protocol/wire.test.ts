import { describe, expect, it } from 'vitest'
import * as errors from '../../src/errors.ts'
import { decide, orderRefusals } from '../../src/order/decide.ts'
import { faultError, refusalError, wireEvent } from '../../src/protocol/wire.ts'
import { given, newOrder, recorded } from '../support/orders.ts'

/** As the protocol fixes them: the code in words, its number, and whether to try again. */
const refusals: readonly (readonly [string, number, boolean])[] = [
  ['UNAUTHENTICATED', 1001, false],
  ['FORBIDDEN', 1003, false],
  ['RATE_LIMITED', 1004, true],
  ['OVERLOADED', 1005, true],
  ['STORAGE_FULL', 1006, true],
  ['STOPPING', 1007, true],
  ['ORDER_NOT_FOUND', 2001, false],
  ['ORDER_EXISTS', 2002, false],
  ['VERSION_CONFLICT', 2003, false],
  ['NOT_ALLOWED', 2004, false],
  ['COMMAND_ID_REUSED', 2005, false],
  ['OVERPAYMENT', 2006, false],
  ['REFUND_EXCEEDS_PAID', 2007, false],
  ['LINE_UNKNOWN', 2008, false],
  ['AMOUNT_OUT_OF_RANGE', 2009, false],
  ['PAYMENT_ID_REUSED', 2010, false],
  ['REFUND_ID_REUSED', 2011, false],
  ['POSITION_AHEAD', 3001, false],
  ['EPOCH_CHANGED', 3002, false],
  ['TOO_LONG', 3003, false],
]

describe('a refusal on the wire', () => {
  it.each(refusals)('%s is %d, retryable: %s, and was not applied', (reason, code, retryable) => {
    const refusal = { refused: reason, message: 'No.', details: { currentVersion: 3 } }
    expect(refusalError(refusal, orderRefusals)).toEqual({
      code,
      message: 'No.',
      data: { reason, retryable, outcome: 'not_applied', currentVersion: 3 },
    })
  })

  it('has a row above for every code there is', () => {
    const rows = Object.fromEntries(refusals.map(([reason, code]) => [reason, code]))
    expect({ ...errors.codes, ...orderRefusals }).toEqual(rows)
    for (const reason of errors.retryableReasons) expect(errors.codes).toHaveProperty(reason)
  })

  it('has what a program needs of what an order refused', () => {
    const pay = { orderId: 'o', paymentId: 'p', amount: 5001 }
    const refusal = decide(given(newOrder()), 'order.pay', pay)
    expect(refusalError(refusal as never, orderRefusals)).toMatchObject({
      code: 2006,
      data: {
        reason: 'OVERPAYMENT',
        state: { open: { payment: 'unpaid', fulfilment: 'unfulfilled' } },
        guard: 'paymentIsWithinBalance',
        can: ['order.modify', 'order.pay', 'order.cancel'],
        balance: 5000,
      },
    })
  })

  it('keeps its reason and outcome whatever a domain says in its details', () => {
    const details = { reason: 'mine', retryable: 'mine', outcome: 'mine', more: 1 }
    expect(refusalError({ refused: 'NOT_ALLOWED', message: '', details }, {}).data).toEqual({
      reason: 'NOT_ALLOWED',
      retryable: false,
      outcome: 'not_applied',
      more: 1,
    })
  })

  it('is an internal error where nobody has given it a number', () => {
    const refusal = { refused: 'NOBODY_KNOWS', message: 'No.', details: {} }
    expect(refusalError(refusal, orderRefusals).code).toBe(-32603)
  })
})

const cause = new Error('a secret of the machine')
const internal = ['INTERNAL', -32603, 'not_applied'] as const

/** One of each fault, and how it is told: its reason, its code, and what became of the command. */
const faults: Record<string, readonly [errors.Fault, readonly [string, number, string]]> = {
  UnknownMethodError: [
    new errors.UnknownMethodError('order.paint', ['order.pay']),
    ['UNKNOWN_METHOD', -32601, 'not_applied'],
  ],
  InvalidParamsError: [
    new errors.InvalidParamsError('order.pay', [{ path: '/amount', message: 'is missing' }]),
    ['INVALID_PARAMS', -32602, 'not_applied'],
  ],
  PositionAheadError: [
    new errors.PositionAheadError(9, 5),
    ['POSITION_AHEAD', 3001, 'not_applied'],
  ],
  OutcomeUnknownError: [new errors.OutcomeUnknownError(cause), ['STOPPING', 1007, 'unknown']],
  DomainError: [new errors.DomainError('secret'), internal],
  ClosedError: [new errors.ClosedError('log'), ['STOPPING', 1007, 'not_applied']],
  StaleHeadError: [new errors.StaleHeadError(5), internal],
  StorageFullError: [new errors.StorageFullError('/secret', cause), internal],
  AppendUnknownError: [new errors.AppendUnknownError(cause), internal],
  CheckpointDamagedError: [new errors.CheckpointDamagedError('secret', 'secret'), internal],
  NoCheckpointError: [new errors.NoCheckpointError('secret', 'secret'), internal],
  CorruptLogError: [new errors.CorruptLogError(7, 'secret'), internal],
  ReplayError: [new errors.ReplayError(7, 'NewOrderEvent', 'secret', cause), internal],
  MachineError: [new errors.MachineError('secret'), internal],
  DataFolderError: [new errors.DataFolderError('/secret'), internal],
  LogLockedError: [new errors.LogLockedError('/secret', 'process 1'), internal],
  LogLostError: [new errors.LogLostError('/secret'), internal],
  ListenError: [new errors.ListenError('secret'), internal],
  ImportLineError: [new errors.ImportLineError(7, 'secret', 6), internal],
  ChartError: [new errors.ChartError('secret'), internal],
}

describe('a fault on the wire', () => {
  it.each(Object.entries(faults))('%s', (_, [fault, [reason, code, outcome]]) => {
    const error = faultError(fault)
    expect(error.code).toBe(code)
    expect(error.data).toMatchObject({ reason, outcome, retryable: reason === 'STOPPING' })
    if (reason === 'INTERNAL') expect(JSON.stringify(error)).not.toMatch(/secret|process 1/)
    else expect(error.message).toBe(fault.message)
  })

  it('has a row above for every fault there is', () => {
    const classes = Object.entries(errors).filter(
      ([name, value]) => typeof value === 'function' && name !== 'Fault',
    )
    expect(classes.map(([name]) => name).sort()).toEqual(Object.keys(faults).sort())
    for (const [name, [fault]] of Object.entries(faults)) expect(fault.name).toBe(name)
    const codes = Object.values(faults).map(([fault]) => fault.code)
    expect(new Set(codes).size).toBe(codes.length)
  })

  it('names the path of each fault of the params', () => {
    expect(faultError(faults['InvalidParamsError']![0]).data).toMatchObject({
      faults: [{ path: '/amount', message: 'is missing' }],
    })
  })

  it('says where the head is to who asked for what lies ahead', () => {
    expect(faultError(faults['PositionAheadError']![0]).data).toMatchObject({ head: 5 })
  })

  it.each([new Error('secret'), new TypeError('secret'), 'secret', undefined, null, { secret: 1 }])(
    'tells nothing of what is not ours: %s',
    (thrown) => {
      const error = faultError(thrown)
      expect(error.code).toBe(-32603)
      expect(JSON.stringify(error)).not.toContain('secret')
    },
  )
})

describe('an event on the wire', () => {
  it('has all of it but the hash of its command', () => {
    const event = recorded({ by: 'alice', commandId: 'c-1', commandHash: 'f'.repeat(32) })
    const { commandHash: _, ...rest } = event
    expect(wireEvent(event)).toEqual(rest)
    expect(Object.keys(wireEvent(event))).toEqual([
      'eventId',
      'type',
      'orderId',
      'version',
      'previousEventId',
      'recordedAt',
      'by',
      'commandId',
      'schema',
      'data',
    ])
  })
})
