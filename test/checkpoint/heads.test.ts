import { describe, expect, it } from 'vitest'
import { OrderHeads } from '../../src/checkpoint/heads.ts'
import { nothingStored, type StoredOrders } from '../../src/checkpoint/stored/stored-orders.ts'
import type { View } from '../../src/domain.ts'
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

const user = { name: 'a user' }

/** A checkpoint that has one order. */
const eveStored: StoredOrders = {
  ...nothingStored(1),
  ...{ eventId: 7, size: 1 },
  find: (orderId) => (orderId === 'eve-1' ? { place: 0, view: eveView } : undefined),
  view: () => eveView,
}
const eveView = { orderId: 'eve-1', eventId: 7, version: 1 } as View

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

  it('have an order that is used before it has an event for nobody but who asks for such', () => {
    const heads = new OrderHeads()
    const head = heads.use('bob-1', user, true)
    expect(heads.userOf('bob-1')).toBe(user)
    expect(heads.find('bob-1')).toBe(head)
    expect([heads.get('bob-1'), heads.size, heads.keptCount]).toEqual([undefined, 0, 0])
    heads.letGoOf(head)
    expect([heads.find('bob-1'), heads.userOf('bob-1')]).toEqual([undefined, undefined])
    // Another event is the first of that id as well.
    expect(heads.apply(event(1, 'bob-1'))).toMatchObject({ eventId: 1, place: 0 })
  })

  it('place an order that is used at its first event, and keep it when it is let go of', () => {
    const heads = new OrderHeads()
    heads.apply(event(1, 'eve-1'))
    const head = heads.use('bob-1', user, true)
    expect(faultOf(heads, 2, 'bob-1', 1).eventId).toBe(2)
    expect(heads.apply(event(2, 'bob-1'), head)).toBe(head)
    expect(heads.get('bob-1')).toMatchObject({ eventId: 2, place: 1, user })
    expect([heads.size, heads.keptCount]).toEqual([2, 2])
    heads.letGoOf(head)
    expect(heads.get('bob-1')).toMatchObject({ eventId: 2, place: 1, user: undefined })
    expect(heads.keptCount).toBe(2)
  })

  it('keep an order of the checkpoint for as long as it is used', () => {
    const heads = new OrderHeads(eveStored)
    const head = heads.use('eve-1', user, false)
    expect(head).toMatchObject({ eventId: 7, place: 0, view: eveView })
    expect(heads.get('eve-1')).toBe(head)
    expect(heads.keptCount).toBe(0)
    heads.letGoOf(head)
    expect(heads.get('eve-1')).not.toBe(head)
    expect(heads.get('eve-1')).toMatchObject({ eventId: 7, place: 0 })
  })

  it('let go of an order that is used once it is used no more, where the checkpoint has it', () => {
    const heads = new OrderHeads(eveStored)
    const head = heads.use('eve-1', user, false)
    heads.apply(event(8, 'eve-1', 7), head)
    expect(heads.keptCount).toBe(1)
    heads.endCheckpoint(heads.beginCheckpoint())
    expect(heads.letGo(0, 10)).toBe(false)
    expect([heads.keptCount, heads.userOf('eve-1')]).toEqual([0, user])
    expect(heads.get('eve-1')).toBe(head)
    // What changes meanwhile is the next checkpoint's.
    heads.apply(event(9, 'eve-1', 8), head)
    expect([heads.keptCount, heads.changedCount]).toEqual([1, 1])
    heads.endCheckpoint(heads.beginCheckpoint())
    heads.letGo(0, 10)
    heads.letGoOf(head)
    expect([heads.keptCount, heads.get('eve-1') === head]).toEqual([0, false])
  })
})
