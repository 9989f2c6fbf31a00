import { describe, expect, it } from 'vitest'
import { OrderHeads } from '../../src/checkpoint/heads.ts'
import { CorruptLogError } from '../../src/errors.ts'
import { recorded } from '../support/orders.ts'

const event = (eventId: number, orderId: string, previousEventId: number | null = null) =>
  recorded({ eventId, orderId, previousEventId })

/** The fault with which the heads refuse an event. */
function faultOf(heads: OrderHeads, ...of: Parameters<typeof event>): CorruptLogError {
  try {
    heads.apply(event(...of))
  } catch (error) {
    if (error instanceof CorruptLogError) return error
    throw error
  }
  throw new Error('The event was not refused.')
}

describe('the heads', () => {
  it('know the newest event of each order, and its place in the order of placing', () => {
    const heads = new OrderHeads()
    expect(heads.get('bob-1')).toBeUndefined()
    heads.apply(event(2001, 'bob-1'))
    heads.apply(event(2002, 'eve-1'))
    heads.apply(event(2003, 'bob-1', 2001))
    expect(heads.get('bob-1')).toMatchObject({ eventId: 2003, place: 0 })
    expect(heads.get('eve-1')).toMatchObject({ eventId: 2002, place: 1 })
    expect(heads.size).toBe(2)
  })

  it('refuse a chain that is wrong, and name the event', () => {
    const heads = new OrderHeads()
    heads.apply(event(2001, 'bob-1'))
    heads.apply(event(2002, 'eve-1'))
    heads.apply(event(2003, 'bob-1', 2001))
    for (const previous of [null, 2001, 2002, 2004]) {
      const fault = faultOf(heads, 2004, 'bob-1', previous)
      expect(fault.eventId).toBe(2004)
      expect(fault.message).toContain('Event 2004')
      expect(fault.message).toContain(`follows ${previous ?? 'nothing'}`)
    }
  })

  it('refuse the first event of an order that names one before it', () => {
    expect(faultOf(new OrderHeads(), 7, 'bob-1', 3).eventId).toBe(7)
  })

  it('are where they were after a refusal', () => {
    const heads = new OrderHeads()
    heads.apply(event(1, 'bob-1'))
    faultOf(heads, 2, 'bob-1', null)
    faultOf(heads, 2, 'eve-1', 1)
    expect(heads.get('bob-1')?.eventId).toBe(1)
    expect(heads.get('eve-1')).toBeUndefined()
    heads.apply(event(2, 'bob-1', 1))
    expect(heads.get('bob-1')?.eventId).toBe(2)
  })

  it('take names of JavaScript for orders like any other', () => {
    const heads = new OrderHeads()
    for (const orderId of ['__proto__', 'constructor', 'toString']) {
      expect(heads.get(orderId)).toBeUndefined()
      heads.apply(event(1, orderId))
      expect(heads.get(orderId)?.eventId).toBe(1)
    }
  })
})
