import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContextShape, Parts } from '../../src/statechart/compiled/context-shape.ts'

const anyKey = fc.constantFrom('a', 'b', 'c', '0', 'a"b', '__proto__', 'constructor')
const anyContext = fc.dictionary(anyKey, fc.nat(), { noNullPrototype: true })

describe('a context with what is assigned to it', () => {
  it('has the keys, the order of keys, and the values that spreading gives', () => {
    const property = fc.property(anyContext, anyContext, anyContext, (first, context, part) => {
      const shape = new ContextShape(first)
      const parts = new Parts()
      // Of an action that assigns other keys than the first time, too.
      for (const what of [part, part, { ...part, a: 1 }, {}, part]) {
        for (const from of [first, context]) {
          const expected = Object.assign({ ...from }, what)
          const merged = shape.merged(from, what, parts)
          expect(Object.entries(merged)).toEqual(Object.entries(expected))
          expect(Object.getPrototypeOf(merged)).toBe(Object.getPrototypeOf(expected))
        }
      }
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('is a new one, and changes neither', () => {
    const context = Object.freeze({ a: 1, b: [2] })
    const part = Object.freeze({ a: 3 })
    const merged = new ContextShape(context).merged(context, part, new Parts())
    expect(merged).toEqual({ a: 3, b: [2] })
    expect(merged).not.toBe(context)
    expect(Object.isFrozen(merged)).toBe(false)
  })

  it('keeps keys that are new, and those that are not there', () => {
    const shape = new ContextShape({ a: 1, b: 2 })
    const parts = new Parts()
    const more = shape.merged({ a: 1, b: 2 }, { c: 3 }, parts)
    expect(shape.merged(more, { a: 4 }, parts)).toEqual({ a: 4, b: 2, c: 3 })
    expect(Object.keys(shape.merged({ b: 2 }, {}, parts))).toEqual(['b'])
    expect(Object.keys(shape.merged({ b: 2, a: 1 }, {}, parts))).toEqual(['b', 'a'])
  })

  it('takes an action that assigns nothing at all', () => {
    const shape = new ContextShape({ a: 1 })
    const parts = new Parts()
    for (const nothing of [undefined, null, undefined, { a: 2 }, undefined]) {
      expect(shape.merged({ a: 1 }, nothing as never, parts)).toEqual({ a: nothing?.a ?? 1 })
    }
  })

  it('keeps symbols where a machine begins with some', () => {
    const symbol = Symbol('own')
    const shape = new ContextShape({ [symbol]: 1 })
    expect(shape.merged({ [symbol]: 1 }, { a: 2 }, new Parts())).toEqual({ [symbol]: 1, a: 2 })
  })
})
