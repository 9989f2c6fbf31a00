import fc from 'fast-check'
import { expect, it } from 'vitest'
import { receiptText } from '../../src/gateway/calls.ts'

it('writes a receipt as JSON.stringify does, whatever its id', () => {
  const receipt = fc.record({
    orderId: fc.string({ unit: 'binary' }),
    version: fc.integer({ min: 1 }),
    eventId: fc.maxSafeNat(),
    recordedAt: fc.maxSafeNat(),
    replayed: fc.boolean(),
  })
  const property = fc.property(receipt, (one) => {
    expect(receiptText(one)).toBe(JSON.stringify(one))
  })
  fc.assert(property)
})
