import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paramFaultsMax, subjectCharsMax } from '../../src/config.ts'
import type { ParamFault } from '../../src/domain.ts'
import { InvalidParamsError, UnknownMethodError } from '../../src/errors.ts'
import { orderDomain } from '../../src/order/index.ts'
import { CommandForms } from '../../src/protocol/commands.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { bob } from '../support/orders.ts'
import { parcelDomain } from '../support/parcel.ts'

const forms = new CommandForms(orderDomain, { ...systemRuntime, id: () => 'made-1' })

function faultsOf(method: string, params: unknown): readonly ParamFault[] {
  try {
    forms.prepare(method, params)
  } catch (error) {
    if (error instanceof InvalidParamsError) return error.faults
    throw error
  }
  throw new Error('The params were taken.')
}

describe('a command', () => {
  it('has its params with the orderId, and without commandId and expectedVersion', () => {
    const params = { ...bob.pay, commandId: 'c-1', expectedVersion: 2 }
    expect(forms.prepare('order.pay', params, { by: 'alice', customerId: null })).toEqual({
      method: 'order.pay',
      orderId: 'bob-1',
      params: bob.pay,
      commandId: 'c-1',
      commandHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      expectedVersion: 2,
      by: 'alice',
      customerId: null,
    })
  })

  it('has no hash without a commandId', () => {
    expect(forms.prepare('order.pay', bob.pay)).toMatchObject({
      commandId: null,
      commandHash: null,
      expectedVersion: null,
      by: null,
    })
  })

  it('does not change the params that it was given', () => {
    const params = Object.freeze({ ...bob.pay, commandId: 'c-1', expectedVersion: 2 })
    forms.prepare('order.pay', params)
    expect(params).toEqual({ ...bob.pay, commandId: 'c-1', expectedVersion: 2 })
  })

  it('may be of another domain', () => {
    const parcels = new CommandForms(parcelDomain, systemRuntime)
    const command = parcels.prepare('parcel.weigh', { orderId: 'p-1', grams: 100 })
    expect(command).toMatchObject({ orderId: 'p-1', params: { orderId: 'p-1', grams: 100 } })
    expect(parcels.has('parcel.weigh')).toBe(true)
    expect(parcels.has('order.pay')).toBe(false)
  })
})

describe('a new order', () => {
  const { orderId: _, ...unnamed } = bob.new

  it('keeps the orderId that it names', () => {
    const command = forms.prepare('order.new', { ...bob.new, commandId: 'c-1' })
    expect(command).toMatchObject({ orderId: 'bob-1', commandId: 'c-1' })
  })

  it('gets its commandId for an orderId where it names none', () => {
    const command = forms.prepare('order.new', { ...unnamed, commandId: 'c-1' })
    expect(command).toMatchObject({ orderId: 'c-1', params: { orderId: 'c-1' } })
  })

  it('gets a new orderId where it has neither', () => {
    const command = forms.prepare('order.new', unnamed)
    expect(command).toMatchObject({ orderId: 'made-1', params: { orderId: 'made-1' } })
  })
})

describe('the methods', () => {
  it.each(['order.get', 'order.paint', '', 'ORDER.PAY', '__proto__', 'constructor', 'toString'])(
    'do not have %j',
    (method) => {
      expect(forms.has(method)).toBe(false)
      expect(() => forms.prepare(method, {})).toThrow(UnknownMethodError)
      expect(() => forms.prepare(method, {})).toThrow(JSON.stringify(method))
    },
  )

  it('are those of the domain', () => {
    for (const method of Object.keys(orderDomain.methods)) expect(forms.has(method)).toBe(true)
  })
})

describe('the faults', () => {
  it('name each missing key by its path', () => {
    expect(faultsOf('order.pay', {})).toEqual([
      { path: '/orderId', message: 'is missing' },
      { path: '/paymentId', message: 'is missing' },
      { path: '/amount', message: 'is missing' },
    ])
    expect(faultsOf('order.new', { ...bob.new, lines: [{ sku: 'a', quantity: 1 }] })).toEqual([
      { path: '/lines/0/unitPrice', message: 'is missing' },
    ])
  })

  it('name each unknown key by its path, as a JSON pointer writes it', () => {
    expect(faultsOf('order.pay', { ...bob.pay, tip: 1, 'a/b~c': 2 })).toEqual([
      { path: '/tip', message: 'is not a known key' },
      { path: '/a~1b~0c', message: 'is not a known key' },
    ])
    const lines = [{ sku: 'a', quantity: 1, unitPrice: 1, colour: 'red' }]
    expect(faultsOf('order.new', { ...bob.new, lines })).toEqual([
      { path: '/lines/0/colour', message: 'is not a known key' },
    ])
  })

  it('name keys that are names of JavaScript', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const params = JSON.parse(`{"orderId":"o","${key}":{"amount":1}}`)
      expect(faultsOf('order.ship', params)).toEqual([
        { path: `/${key}`, message: 'is not a known key' },
      ])
    }
    expect(faultsOf('order.pay', JSON.parse('{"__proto__":{"orderId":"o"}}'))).toContainEqual({
      path: '/orderId',
      message: 'is missing',
    })
  })

  it('name what is wrong with commandId and expectedVersion', () => {
    const paths = (more: object) =>
      faultsOf('order.pay', { ...bob.pay, ...more }).map(({ path }) => path)
    expect(paths({ commandId: 'a b' })).toEqual(['/commandId'])
    for (const expectedVersion of [-1, 1.5, '1', null, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(paths({ expectedVersion })).toEqual(['/expectedVersion'])
    }
  })

  it.each([undefined, null, 1, 'x', true, [], [bob.pay]])('say that params are no %j', (params) => {
    expect(faultsOf('order.pay', params)).toEqual([{ path: '', message: 'must be object' }])
  })

  it(`are at most ${paramFaultsMax}, and no longer than a screen`, () => {
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`key-${n}`, n]))
    expect(faultsOf('order.ship', { orderId: 'o', ...many })).toHaveLength(paramFaultsMax)
    const unpaid = { orderId: 'o', paymentId: 'p', amount: -5, ...many }
    expect(faultsOf('order.pay', unpaid)).toHaveLength(paramFaultsMax)
    const [fault] = faultsOf('order.ship', { orderId: 'o', ['x'.repeat(100_000)]: 1 })
    expect(fault?.path.length).toBeLessThanOrEqual(200)
  })

  it('are found in 200 levels of nesting', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`)
    expect(faultsOf('order.ship', { orderId: deep })).toEqual([
      { path: '/orderId', message: 'must be string' },
    ])
    expect(faultsOf('order.ship', { orderId: 'o', deep })).toEqual([
      { path: '/deep', message: 'is not a known key' },
    ])
  })

  it('are found by the method itself where a schema cannot say it', () => {
    const lines = [bob.new.lines[0], bob.new.lines[0]]
    expect(faultsOf('order.new', { ...bob.new, lines })).toEqual([
      { path: '/lines/1/sku', message: 'is named by an earlier line already' },
    ])
  })

  it('name a subject that is too long, or no text', () => {
    for (const by of ['x'.repeat(subjectCharsMax + 1), '\ud800']) {
      expect(() => forms.prepare('order.pay', bob.pay, { by, customerId: null })).toThrow(
        /by must be/,
      )
    }
    const by = 'x'.repeat(subjectCharsMax)
    expect(forms.prepare('order.pay', bob.pay, { by, customerId: null }).by).toBe(by)
  })
})

describe('the hash of a command', () => {
  const hashOf = (method: string, params: object) =>
    forms.prepare(method, { commandId: 'c-1', ...params }).commandHash

  it('stays what it is, as it is recorded in logs', () => {
    expect(hashOf('order.pay', bob.pay)).toBe('bc8a7b1aff9c114313d1ab40b655151a')
    expect(hashOf('order.new', bob.new)).toBe('ecd3e68baf25aaf5a57c15c6b31bfe48')
  })

  it('does not depend on the order of keys, at any depth', () => {
    const shuffled = {
      lines: bob.new.lines.map(({ sku, quantity, unitPrice }) => ({ unitPrice, quantity, sku })),
      currency: 'USD',
      customerId: 'bob',
      orderId: 'bob-1',
    }
    expect(hashOf('order.new', shuffled)).toBe(hashOf('order.new', bob.new))
  })

  it('does not depend on commandId and expectedVersion', () => {
    const plain = hashOf('order.pay', bob.pay)
    expect(hashOf('order.pay', { ...bob.pay, commandId: 'c-2' })).toBe(plain)
    expect(hashOf('order.pay', { ...bob.pay, expectedVersion: 7 })).toBe(plain)
  })

  it('is the same whether a new order names its orderId or gets it from the commandId', () => {
    const { orderId: _, ...unnamed } = bob.new
    expect(hashOf('order.new', { ...unnamed, commandId: 'bob-1' })).toBe(
      hashOf('order.new', { ...bob.new, commandId: 'bob-1' }),
    )
  })

  it('differs for another method, another order, and other params', () => {
    const hashes = [
      hashOf('order.pay', bob.pay),
      hashOf('order.pay', { ...bob.pay, orderId: 'bob-2' }),
      hashOf('order.pay', { ...bob.pay, amount: 6001 }),
      hashOf('order.pay', { ...bob.pay, paymentId: 'payment-2' }),
      hashOf('order.ship', { orderId: 'bob-1' }),
      hashOf('order.cancel', { orderId: 'bob-1' }),
      hashOf('order.deliver', { orderId: 'bob-1' }),
      hashOf('order.cancel', { orderId: 'bob-1', reason: '' }),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  it('differs wherever two commands differ, and only there', () => {
    const change = fc.record(
      { sku: fc.constantFrom('a', 'b'), quantity: fc.nat(2), unitPrice: fc.nat(2) },
      { requiredKeys: ['sku', 'quantity'] },
    )
    const lines = fc.uniqueArray(change, { minLength: 1, selector: ({ sku }) => sku })
    fc.assert(
      fc.property(lines, lines, (some, others) => {
        const same = JSON.stringify(some.map(ordered)) === JSON.stringify(others.map(ordered))
        const hashes = [some, others].map((each) =>
          hashOf('order.modify', { orderId: 'o', lines: each }),
        )
        expect(hashes[0] === hashes[1]).toBe(same)
      }),
    )
  })
})

const ordered = (line: object) => Object.entries(line).sort()
