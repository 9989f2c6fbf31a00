/** A walk through what has changed misses nothing, whatever changes between its parts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { View } from '../../src/domain.ts'
import { ChangedSince } from '../../src/view/changed-since.ts'

/** Orders that change when they are told to, and the eventId of the last change. */
function orders() {
  const views: View[] = []
  const places: number[] = []
  const shown = {
    get eventId() {
      return places.length
    },
    viewOfEvent: (eventId: number) => views[places[eventId - 1]!]!,
  }
  return {
    views,
    change(index: number) {
      const at = Math.min(index, views.length)
      places.push(at)
      views[at] = { orderId: `o-${at}`, eventId: places.length } as View
    },
    since: (after: number) => new ChangedSince(shown, after),
    head: () => places.length,
  }
}

const all = () => true
const idsOf = (views: readonly View[]) => views.map((view) => view.eventId)

describe('a walk through what has changed', () => {
  it('gives the orders by their last change, oldest first, and only those since the event', () => {
    const made = orders()
    for (const index of [0, 1, 2, 3, 1, 0]) made.change(index)
    expect(idsOf(made.since(2).part(100, 100, all))).toEqual([3, 4, 5, 6])
    expect(idsOf(made.since(4).part(100, 100, all))).toEqual([5, 6])
    expect(made.since(6).isDone).toBe(true)
    expect(orders().since(0).isDone).toBe(true)
  })

  it('looks at no more orders than it may, and gives no more than it may', () => {
    const made = orders()
    for (let index = 0; index < 10; index++) made.change(index)
    const walk = made.since(0)
    const looked: number[] = []
    const sizes: number[] = []
    while (!walk.isDone) {
      let looks = 0
      const views = walk.part(4, 3, ({ eventId }) => {
        looks++
        return eventId !== 5
      })
      looked.push(looks)
      sizes.push(views.length)
    }
    expect(Math.max(...looked)).toBeLessThanOrEqual(4)
    expect(Math.max(...sizes)).toBe(3)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(9)
  })

  it('meets every order that has changed, as it then is, in ascending eventId', () => {
    const index = fc.nat({ max: 8 })
    const parts = fc.array(
      fc.record({
        looks: fc.integer({ min: 1, max: 5 }),
        views: fc.integer({ min: 1, max: 3 }),
        changes: fc.array(index, { maxLength: 4 }),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(
        fc.array(index, { maxLength: 40 }),
        fc.nat({ max: 40 }),
        parts,
        (before, after, steps) => {
          const made = orders()
          for (const at of before) made.change(at)
          const from = Math.min(after, made.head())
          const walk = made.since(from)
          const met = new Map<string, number>()
          let last = from
          const take = (looks: number, views: number) => {
            for (const view of walk.part(looks, views, all)) {
              expect(view.eventId).toBeGreaterThan(last)
              last = view.eventId
              met.set(view.orderId, view.eventId)
            }
          }
          for (const { looks, views, changes } of steps) {
            if (walk.isDone) break
            take(looks, views)
            if (!walk.isDone) for (const at of changes) made.change(at)
          }
          while (!walk.isDone) take(3, 2)
          for (const view of made.views) {
            if (view.eventId > from) expect(met.get(view.orderId)).toBe(view.eventId)
            else expect(met.has(view.orderId)).toBe(false)
          }
        },
      ),
    )
  })
})
