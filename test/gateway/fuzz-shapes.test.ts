/** Calls of every method that are good but for one thing. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Engine } from '../../src/index.ts'
import type { RpcClient } from '../support/rpc.ts'
import { goodParams, replaced, schemas } from './params.ts'
import { expectServesOn, order, serve } from './serve.ts'

interface Flaw {
  readonly method: string
  readonly path: string
  readonly params: object
}

const wrong = {
  string: [1, null, true, [], {}, ['x']],
  number: ['1', null, true, [], {}, 1.5, -1, 2 ** 53, -0.5],
  boolean: ['true', 0, 1, null, [], {}],
  array: ['x', 0, null, true, {}, [null], [1], []],
  object: ['x', 0, null, true, [], {}],
}
type Kind = keyof typeof wrong

const kindOf = (value: unknown): Kind => (Array.isArray(value) ? 'array' : (typeof value as Kind))

/** All values inside a value, by path. */
function* inside(value: object, path = ''): Generator<readonly [string, unknown]> {
  for (const [key, inner] of Object.entries(value)) {
    const at = `${path}/${key}`
    yield [at, inner]
    if (typeof inner === 'object' && inner !== null) yield* inside(inner, at)
  }
}

/** Every value of the wrong kind at every place, every key that is needed left out, and one more. */
function* flaws(): Generator<Flaw> {
  for (const [method, params] of Object.entries(goodParams)) {
    yield { method, path: '/more', params: { ...params, more: 1 } }
    yield { method, path: '/__proto__', params: JSON.parse('{"__proto__":{}}') }
    for (const [path, value] of inside(params)) {
      for (const bad of wrong[kindOf(value)]) {
        yield { method, path, params: replaced(params, path, bad) }
      }
      if (kindOf(value) === 'object') {
        yield { method, path: `${path}/more`, params: replaced(params, `${path}/more`, 1) }
      }
    }
    const { required = [] } = schemas[method] as { required?: string[] }
    for (const key of required) {
      yield { method, path: `/${key}`, params: replaced(params, `/${key}`) }
    }
  }
}

async function expectRefused(client: RpcClient, { method, path, params }: Flaw): Promise<void> {
  const what = `${method} ${JSON.stringify(params)}`
  client.messages.length = 0
  client.send(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":${JSON.stringify(params)}}`)
  const { error } = await client.find<any>((message: any) => message.id === 1)
  expect(error, what).toMatchObject({ code: -32602, data: { reason: 'INVALID_PARAMS' } })
  const paths: string[] = error.data.faults.map((fault: any) => fault.path)
  // An object or a list may be told of by what is wrong in it.
  expect(
    paths.some((one) => one === path || one.startsWith(`${path}/`)),
    what,
  ).toBe(true)
}

it('refuses each of them, and says where it is', async () => {
  const { engine, client } = await serve()
  await client.call('order.new', order('bob-1'))
  let count = 0
  for (const flaw of flaws()) {
    count++
    await expectRefused(client, flaw)
  }
  expect(count).toBeGreaterThan(400)
  await expectServesOn(engine, 1)
})

/** But for the number of a connection: by a greater one, the next greeting is an earlier one's. */
const places = Object.entries(goodParams)
  .flatMap(([method, params]) => [...inside(params)].map(([path]) => ({ method, path, params })))
  .filter(({ path }) => path !== '/session/connection')
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.integer(),
  fc.double(),
  fc.constantFrom<unknown>('bob-1', 'bob', 'paid', 'USD', 0, 1, 2 ** 53 - 1, true),
)

async function expectAnswered(
  engine: Engine,
  client: RpcClient,
  { method, path, params }: Flaw,
  by: unknown,
): Promise<void> {
  const head = engine.eventId
  client.messages.length = 0
  const { result, error } = await client.call(method, replaced(params, path, by))
  expect(error?.code).not.toBe(-32603)
  if (error?.code === -32602) {
    const paths: string[] = error.data.faults.map((fault: any) => fault.path)
    for (const one of paths) expect(one.startsWith(path) || path.startsWith(one)).toBe(true)
  }
  expect(engine.eventId).toBe(head + (result?.replayed === false ? 1 : 0))
  if (result?.subscription) {
    await client.call('subscription.cancel', { subscription: result.subscription })
  }
}

it('answers whatever stands in one place, and records only what it gives a receipt for', async () => {
  const { engine, client } = await serve()
  await client.call('order.new', order('bob-1'))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), value, (place, by) =>
      expectAnswered(engine, client, place, by),
    ),
    { numRuns: 1500 },
  )
  await expectServesOn(engine, engine.eventId)
}, 60_000)
