import { expect, it } from 'vitest'
import { CustomerId } from '../../../src/gateway/auth/claims.ts'
import { compileCheck } from '../../../src/protocol/params.ts'

it('binds no token to a customer whose name another customer’s orders could begin with', () => {
  const faults = compileCheck(CustomerId)
  expect(faults('alice')).toEqual([])
  expect(faults('alice:x')).not.toEqual([])
  expect(faults(':')).not.toEqual([])
})
