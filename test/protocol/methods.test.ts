/** The schemas of all methods, as documents that others read. */
import { deepStrictEqual } from 'node:assert/strict'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { configure, defaults } from '../../src/config.ts'
import type { Domain } from '../../src/domain.ts'
import { orderDomain } from '../../src/order/index.ts'
import { commandSchema } from '../../src/protocol/commands.ts'
import { closeCodes, subprotocol } from '../../src/protocol/handshake.ts'
import { readMethods } from '../../src/protocol/methods.ts'
import { bob } from '../support/orders.ts'
import { parcelDomain } from '../support/parcel.ts'

const commandsOf = ({ methods }: Pick<Domain, 'methods'>) =>
  Object.entries(methods).map(([name, method]) => [name, commandSchema(method)] as const)
const eventsOf = ({ events }: Pick<Domain, 'events'>) =>
  Object.entries(events).map(([type, { data }]) => [type, data] as const)
const reads = Object.entries(readMethods(defaults))
const ours: (readonly [string, object])[] = [
  ...commandsOf(orderDomain),
  ...eventsOf(orderDomain),
  ...reads,
]
const others = [...commandsOf(parcelDomain), ...eventsOf(parcelDomain)]

/** The keywords of JSON Schema 2020-12 that our schemas use, and the kind of their values. */
const keywords: Record<string, (value: unknown) => boolean> = {
  type: (value) =>
    ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'].includes(String(value)),
  description: isString,
  pattern: (value) => isString(value) && new RegExp(String(value)) instanceof RegExp,
  enum: (value) => Array.isArray(value) && value.length > 0,
  const: () => true,
  required: (value) => Array.isArray(value) && value.every(isString),
  properties: (value) => isObject(value) && Object.values(value as object).every(isSchema),
  additionalProperties: (value) => typeof value === 'boolean',
  items: isSchema,
  anyOf: (value) => Array.isArray(value) && value.length > 0 && value.every(isSchema),
  minimum: Number.isSafeInteger,
  maximum: Number.isSafeInteger,
  minItems: isCount,
  maxItems: isCount,
  minLength: isCount,
  maxLength: isCount,
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
function isSchema(value: unknown): boolean {
  if (!isObject(value)) return false
  return Object.entries(value as object).every(([key, inner]) => keywords[key]?.(inner) === true)
}

describe('a schema', () => {
  it.each([...ours, ...others])(
    'of %s is a JSON Schema document, and JSON keeps it',
    (_, schema) => {
      const json = JSON.parse(JSON.stringify(schema))
      deepStrictEqual(json, { ...schema })
      expect(isSchema(json)).toBe(true)
    },
  )

  it.each(ours)('of %s refuses unknown keys', (_, schema) => {
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false })
  })

  it.each([...commandsOf(orderDomain), ...reads])('of %s says what it is for', (_, schema) => {
    expect(schema).toHaveProperty('description', expect.stringMatching(/^[A-Z].*\.$/))
  })

  it('is compared with words that are none of JSON Schema, and found wrong', () => {
    expect(isSchema({ type: 'text' })).toBe(false)
    expect(isSchema({ type: 'object', properties: { a: { kind: 'x' } } })).toBe(false)
    expect(isSchema({ type: 'string', maxLength: undefined })).toBe(false)
  })

  it('holds values to the same after a way through JSON', () => {
    const commands = { 'order.new': bob.new, 'order.modify': bob.modify, 'order.pay': bob.pay }
    for (const [name, params] of Object.entries(commands)) {
      const schema = commandSchema(orderDomain.methods[name as keyof typeof commands])
      const compiled = Compile(JSON.parse(JSON.stringify(schema)))
      expect(compiled.Check(params)).toBe(true)
      expect(compiled.Check({ ...params, more: 1 })).toBe(false)
      expect(compiled.Check({ ...params, orderId: 'a b' })).toBe(false)
    }
  })
})

describe('the methods that read', () => {
  it('are these', () => {
    expect(reads.map(([name]) => name)).toEqual([
      'session.hello',
      'order.get',
      'order.list',
      'order.counts',
      'order.history',
      'order.at',
      'order.try',
      'order.path',
      'events.read',
      'events.subscribe',
      'views.subscribe',
      'subscription.ack',
      'subscription.cancel',
    ])
  })

  it('are none of the domain', () => {
    for (const [name] of reads) expect(orderDomain.methods).not.toHaveProperty([name])
  })

  it('have the limits of the configuration in them', () => {
    const methods = readMethods(configure({ readEventsMax: 7, listOrdersMax: 500 }))
    const { limit } = methods['events.read'].properties
    expect(limit).toMatchObject({ minimum: 1, maximum: 7 })
    expect(methods['order.list'].properties.limit).toMatchObject({ minimum: 1, maximum: 500 })
  })
})

it('has the subprotocol and the close codes of the protocol', () => {
  expect(subprotocol).toBe('orders.v1.json')
  expect(closeCodes).toMatchObject({
    badFrame: 4000,
    tooSlow: 4101,
    tooManySockets: 4102,
    shuttingDown: 4200,
  })
})
