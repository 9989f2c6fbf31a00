/** A walk back through the orders meets each of them once, whatever changes between its parts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { View } from '../../src/domain.ts'
import { ChangedBefore } from '../../src/view/changed-before.ts'

function orders() {
  const views: View[] = []
  const places: number[] = []
  const shown = {
    firstEventId: 1,
    placeOfEvent: (eventId: number) => places[eventId - 1]!,
    viewAt: (place: number) => views[place]!,
  }
  return {
    views,
    change(index: number) {
      const at = Math.min(index, views.length)
      places.push(at)
      views[at] = { orderId: `o-${at}`, eventId: places.length } as View
    },
    before: (end = places.length + 1) => new ChangedBefore(shown, end),
  }
}

const all = () => true
const idsOf = (views: readonly View[]) => views.map((view) => view.eventId)

describe('a walk back through the orders', () => {
  it('gives them by their last change, the newest first, and only those before the event', () => {
    const made = orders()
    for (const index of [0, 1, 2, 3, 1, 0]) made.change(index)
    expect(idsOf(made.before().part(100, 100, all))).toEqual([6, 5, 4, 3])
    expect(idsOf(made.before(5).part(100, 100, all))).toEqual([4, 3])
    expect(idsOf(made.before(1).part(100, 100, all))).toEqual([])
    expect(orders().before(1).isDone).toBe(true)
  })

  it('looks at no more orders than it may', () => {
    const made = orders()
    for (let index = 0; index < 10; index++) made.change(index)
    const walk = made.before()
    let looks = 0
    const none = walk.part(4, 3, () => {
      looks++
      return false
    })
    expect([none, looks, walk.isDone]).toEqual([[], 4, false])
  })

  it('meets each order that did not change meanwhile, once and in order', () => {
    const steps = fc.array(fc.oneof(fc.constant('look' as const), fc.nat(8)), { maxLength: 40 })
    fc.assert(
      fc.property(fc.array(fc.nat(8), { maxLength: 30 }), steps, (placed, then) => {
        const made = orders()
        for (const index of placed) made.change(index)
        const start = made.views.map(({ eventId }) => eventId)
        const walk = made.before()
        const met: number[] = []
        const changed = new Set<number>()
        for (const step of then) {
          if (step === 'look') met.push(...idsOf(walk.part(1, 1, all)))
          else {
            const index = Math.min(step, made.views.length)
            if (!met.includes(start[index] ?? -1)) changed.add(start[index] ?? -1)
            made.change(step)
          }
        }
        while (!walk.isDone) met.push(...idsOf(walk.part(3, 2, all)))
        const stayed = start.filter((eventId) => !changed.has(eventId))
        expect(met).toEqual(stayed.sort((a, b) => b - a))
      }),
    )
  })
})
