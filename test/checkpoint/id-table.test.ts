import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOf, IdTable, looksMax, slotsMin } from '../../src/checkpoint/id-table.ts'

interface Item {
  readonly orderId: string
}

const itemOf = (orderId: string): Item => ({ orderId })

/** As many ids as are asked for that lie in one slot's way, whatever the size of the table. */
function meetingIds(seed: number, count: number): readonly string[] {
  const ids: string[] = []
  for (let index = 0; ids.length < count; index++) {
    if ((hashOf(`id-${index}`, seed) & (8 * slotsMin - 1)) === 7) ids.push(`id-${index}`)
  }
  return ids
}

describe('a table of ids', () => {
  it('has what a map has, whatever is put in and taken out', () => {
    const meeting = meetingIds(hashOf('seed', 4), looksMax + 30)
    const ids = fc.oneof(
      fc.constantFrom(...meeting),
      fc.nat(2000).map((number) => `order-${number}`),
      fc.string({ maxLength: 5 }),
    )
    const step = fc.oneof(
      fc.record({ does: fc.constant('add' as const), ids: fc.array(ids, { size: 'large' }) }),
      fc.record({ does: fc.constant('delete' as const), ids: fc.array(ids, { size: 'large' }) }),
      fc.record({ does: fc.constant('clear' as const), ids: fc.constant([]) }),
    )
    const steps = fc.array(fc.oneof({ weight: 9, arbitrary: step }), { maxLength: 30 })
    fc.assert(
      fc.property(steps, fc.array(ids), (steps, asked) => {
        const table = new IdTable<Item>('seed')
        const map = new Map<string, Item>()
        for (const { does, ids } of steps) {
          if (does === 'clear') {
            table.clear()
            map.clear()
          }
          for (const id of ids) {
            const known = map.get(id)
            expect(table.get(id)).toBe(known)
            if (does === 'add' && !known) {
              const item = itemOf(id)
              table.add(item)
              map.set(id, item)
            } else if (does === 'delete' && known) {
              table.delete(known)
              map.delete(id)
            }
          }
          expect(table.size).toBe(map.size)
        }
        for (const id of [...map.keys(), ...asked]) expect(table.get(id)).toBe(map.get(id))
      }),
      { numRuns: 200 },
    )
  })

  it('finds each of very many, and of those that are left of them', () => {
    const table = new IdTable<Item>('seed')
    const items = Array.from({ length: 50_000 }, (_, index) => itemOf(`order-${index}`))
    for (const item of items) table.add(item)
    expect(items.every((item) => table.get(item.orderId) === item)).toBe(true)
    for (const item of items.filter((_, index) => index % 3 === 0)) table.delete(item)
    const isRight = (item: Item, index: number) =>
      table.get(item.orderId) === (index % 3 === 0 ? undefined : item)
    expect(items.every(isRight)).toBe(true)
    expect(table.get('order-50000')).toBeUndefined()
  })

  it('finds those whose hashes meet, also once it has grown', () => {
    const table = new IdTable<Item>('seed')
    const items = meetingIds(hashOf('seed', 4), looksMax + 30).map(itemOf)
    for (const item of items) table.add(item)
    for (let index = 0; index < 2 * slotsMin; index++) table.add(itemOf(`order-${index}`))
    expect(items.every((item) => table.get(item.orderId) === item)).toBe(true)
    for (const item of items) table.delete(item)
    expect(items.some((item) => table.get(item.orderId) !== undefined)).toBe(false)
    expect(table.size).toBe(2 * slotsMin)
  })

  it('takes no more room for orders that come and go', () => {
    const table = new IdTable<Item>('seed')
    for (let index = 0; index < 100_000; index++) {
      const item = itemOf(`order-${index}`)
      table.add(item)
      if (index % 2 === 0) expect(table.get(item.orderId)).toBe(item)
      table.delete(item)
    }
    expect([table.size, table.slots]).toEqual([0, slotsMin])
  })

  it('has other hashes with another seed', () => {
    const met = meetingIds(hashOf('seed', 4), 50)
    const slots = new Set(met.map((id) => hashOf(id, hashOf('other', 5)) & (slotsMin - 1)))
    expect(slots.size).toBeGreaterThan(30)
  })
})
