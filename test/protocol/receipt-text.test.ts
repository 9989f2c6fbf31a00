import fc from 'fast-check'
import { expect, it } from 'vitest'
import { receiptText } from '../../src/protocol/wire.ts'

it('writes an answer with a receipt as JSON.stringify does, whatever its ids', () => {
  const id = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.constant(null),
  )
  const orderId = fc.oneof(fc.stringMatching(/^[\w.:-]*$/), fc.string({ unit: 'binary' }))
  const receipt = fc.record({
    orderId,
    version: fc.integer({ min: 1 }),
    eventId: fc.maxSafeNat(),
    recordedAt: fc.maxSafeNat(),
    replayed: fc.boolean(),
  })
  const property = fc.property(id, receipt, (callId, one) => {
    const answer = { jsonrpc: '2.0', id: callId, result: one }
    expect(receiptText(callId, one)).toBe(JSON.stringify(answer))
  })
  fc.assert(property)
})
