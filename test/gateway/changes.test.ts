import { expect, it } from 'vitest'
import { Changes } from '../../src/gateway/watch/changes.ts'
import type { View } from '../../src/index.ts'

const view = (orderId: string, eventId: number) => ({ orderId, eventId }) as View
const ids = (views: readonly View[]) => views.map(({ orderId, eventId }) => `${orderId}${eventId}`)

it('keeps each change while there are few', () => {
  const changes = new Changes(3)
  for (const eventId of [1, 2, 3]) changes.add(view('a', eventId))
  expect(changes.areConflated).toBe(false)
  expect(changes.size).toBe(3)
  expect(ids(changes.take(2))).toEqual(['a1', 'a2'])
  expect(ids(changes.take(2))).toEqual(['a3'])
  expect(changes.size).toBe(0)
})

it('keeps the newest of each order where there are too many, in ascending eventId', () => {
  const changes = new Changes(3)
  changes.add(view('a', 1))
  changes.add(view('b', 2))
  changes.add(view('a', 3))
  changes.add(view('c', 4))
  expect(changes.areConflated).toBe(true)
  changes.add(view('b', 5))
  changes.add(view('c', 6))
  expect(changes.size).toBe(3)
  expect(ids(changes.take(2))).toEqual(['a3', 'b5'])
  changes.add(view('a', 7))
  expect(ids(changes.take(9))).toEqual(['c6', 'a7'])
})

it('keeps each change again once all have been taken', () => {
  const changes = new Changes(1)
  changes.add(view('a', 1))
  changes.add(view('a', 2))
  expect(ids(changes.take(9))).toEqual(['a2'])
  expect(changes.areConflated).toBe(false)
  changes.add(view('a', 3))
  expect(ids(changes.take(9))).toEqual(['a3'])
})
