import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  errorText,
  notificationText,
  parseFrame,
  resultText,
  rpcCodes,
} from '../../src/protocol/jsonrpc.ts'

const read = (text: string) => parseFrame(text, 1000)
const one = (text: string) => {
  const { isBatch, parts } = read(text)
  expect(isBatch).toBe(false)
  expect(parts).toHaveLength(1)
  return parts[0]
}
const invalid = (id: unknown = null) => ({
  id,
  error: { code: rpcCodes.invalidRequest, message: expect.any(String) },
})
const parseError = { id: null, error: { code: -32700, message: expect.any(String) } }

it('has the codes of JSON-RPC 2.0', () => {
  expect(rpcCodes).toEqual({
    parseError: -32700,
    invalidRequest: -32600,
    methodNotFound: -32601,
    invalidParams: -32602,
    internalError: -32603,
  })
})

describe('the examples of the JSON-RPC 2.0 specification', () => {
  it('a call with positional parameters', () => {
    const text = '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}'
    expect(one(text)).toEqual({ id: 1, method: 'subtract', params: [42, 23] })
  })

  it('a call with named parameters', () => {
    const params = '{"subtrahend": 23, "minuend": 42}'
    const text = `{"jsonrpc": "2.0", "method": "subtract", "params": ${params}, "id": 3}`
    expect(one(text)).toEqual({
      id: 3,
      method: 'subtract',
      params: { subtrahend: 23, minuend: 42 },
    })
  })

  it('notifications', () => {
    expect(one('{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}')).toEqual({
      id: undefined,
      method: 'update',
      params: [1, 2, 3, 4, 5],
    })
    expect(one('{"jsonrpc": "2.0", "method": "foobar"}')).toEqual({
      id: undefined,
      method: 'foobar',
      params: {},
    })
  })

  it('a call with invalid JSON', () => {
    expect(one('{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]')).toEqual(parseError)
  })

  it('a call with an invalid request object', () => {
    expect(one('{"jsonrpc": "2.0", "method": 1, "params": "bar"}')).toEqual(invalid())
  })

  it('a batch with invalid JSON', () => {
    const text =
      '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},' +
      '{"jsonrpc": "2.0", "method"]'
    expect(one(text)).toEqual(parseError)
  })

  it('an empty batch', () => {
    expect(one('[]')).toEqual(invalid())
  })

  it('an invalid batch that is not empty', () => {
    expect(read('[1]')).toEqual({ isBatch: true, parts: [invalid()] })
    expect(read('[1,2,3]')).toEqual({ isBatch: true, parts: [invalid(), invalid(), invalid()] })
  })

  it('a batch of calls, good and bad', () => {
    const text = `[
      {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
      {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
      {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
      {"foo": "boo"},
      {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
      {"jsonrpc": "2.0", "method": "get_data", "id": "9"}
    ]`
    expect(read(text)).toEqual({
      isBatch: true,
      parts: [
        { id: '1', method: 'sum', params: [1, 2, 4] },
        { id: undefined, method: 'notify_hello', params: [7] },
        { id: '2', method: 'subtract', params: [42, 23] },
        invalid(),
        { id: '5', method: 'foo.get', params: { name: 'myself' } },
        { id: '9', method: 'get_data', params: {} },
      ],
    })
  })

  it('a batch of notifications', () => {
    const text =
      '[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},' +
      '{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]'
    const { isBatch, parts } = read(text)
    expect(isBatch).toBe(true)
    for (const part of parts) expect(part.id).toBeUndefined()
  })
})

describe('a frame that is not JSON', () => {
  it.each([
    '',
    ' ',
    '{',
    '}',
    '[',
    'undefined',
    'NaN',
    "{'a':1}",
    '{"a":1}{"b":2}',
    '{"a":1,}',
    '\u0000',
    '\ufeff{}',
    '"\n"',
  ])('is a parse error: %j', (text) => {
    expect(one(text)).toEqual(parseError)
  })
})

describe('a frame that is no call', () => {
  it.each(['null', 'true', '1', '"call"', '{}', '1e400'])('is an invalid request: %s', (text) => {
    expect(one(text)).toEqual(invalid())
  })

  it.each(['[]', '[[]]', 'null', '"x"', '1'])('is one in a batch too: [%s]', (text) => {
    expect(read(`[${text}]`)).toEqual({ isBatch: true, parts: [invalid()] })
  })

  it.each(['"1.0"', '2.0', '2', '"2"', 'null', '""', '["2.0"]'])('has jsonrpc %s', (version) => {
    expect(one(`{"jsonrpc":${version},"method":"a","id":7}`)).toEqual(invalid(7))
  })

  it('has no jsonrpc', () => {
    expect(one('{"method":"a","id":7}')).toEqual(invalid(7))
  })

  it.each(['null', '1', '{}', '["a"]', 'true'])('has the method %s', (method) => {
    expect(one(`{"jsonrpc":"2.0","method":${method},"id":7}`)).toEqual(invalid(7))
  })

  it.each(['null', '1', '"a"', 'true', '1e400'])('has the params %s', (params) => {
    expect(one(`{"jsonrpc":"2.0","method":"a","params":${params},"id":7}`)).toEqual(invalid(7))
  })

  it('is an answer', () => {
    expect(one('{"jsonrpc":"2.0","result":1,"id":7}')).toEqual(invalid(7))
  })
})

describe('an id', () => {
  const called = (id: string) => one(`{"jsonrpc":"2.0","method":"a","id":${id}}`)

  it.each(['""', '"x"', '"\\u0000"', '0', '-1', '1.5', '1e3', '9007199254740993', 'null'])(
    'may be %s, and is given back as it was read',
    (id) => {
      const call = called(id)
      expect(call).toEqual({ id: JSON.parse(id), method: 'a', params: {} })
      const answer = JSON.parse(resultText(call?.id ?? null, '1'))
      expect(answer).toEqual({ jsonrpc: '2.0', id: JSON.parse(id), result: 1 })
    },
  )

  it.each(['true', '{}', '[]', '[1]', '{"id":1}', '1e400', '-1e400'])('is not %s', (id) => {
    expect(called(id)).toEqual(invalid())
  })

  it('of null is not that of a notification', () => {
    expect(called('null')?.id).toBeNull()
  })
})

describe('names of JavaScript', () => {
  it('do not become parts of a call', () => {
    const text = '{"__proto__":{"jsonrpc":"2.0","method":"order.cancel","id":1}}'
    expect(one(text)).toEqual(invalid())
    expect(({} as { method?: string }).method).toBeUndefined()
  })

  it('stay in params as keys of their own, where a schema refuses them', () => {
    const call = one('{"jsonrpc":"2.0","method":"a","id":1,"params":{"__proto__":{"x":1}}}')
    const params = (call as { params: object }).params
    expect(Object.keys(params)).toEqual(['__proto__'])
    expect((params as { x?: number }).x).toBeUndefined()
  })

  it('may be the name of a method', () => {
    for (const method of ['__proto__', 'constructor', '']) {
      expect(one(JSON.stringify({ jsonrpc: '2.0', method, id: 1 }))).toMatchObject({ method })
    }
  })
})

describe('a batch', () => {
  const call = '{"jsonrpc":"2.0","method":"a","id":1}'
  const batch = (count: number) => `[${Array(count).fill(call).join()}]`

  it('may hold as many calls as the limit says, and no more', () => {
    expect(parseFrame(batch(3), 3).parts).toHaveLength(3)
    const { isBatch, parts } = parseFrame(batch(4), 3)
    expect(isBatch).toBe(false)
    expect(parts).toEqual([invalid()])
  })

  it('of one call is answered as a batch', () => {
    expect(read(batch(1)).isBatch).toBe(true)
  })
})

it('reads 200 levels of nesting, wherever they are', () => {
  const deep = `${'['.repeat(200)}${']'.repeat(200)}`
  const objects = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`
  expect(read(deep)).toEqual({ isBatch: true, parts: [invalid()] })
  expect(one(objects)).toEqual(invalid())
  for (const params of [deep, objects]) {
    expect(one(`{"jsonrpc":"2.0","method":"a","id":1,"params":${params}}`)).toMatchObject({ id: 1 })
    expect(one(`{"jsonrpc":"2.0","method":"a","id":${params}}`)).toEqual(invalid())
  }
})

it('never throws, and always gives a part to answer', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.jsonValue().map((value) => JSON.stringify({ jsonrpc: '2.0', method: 'a', params: value })),
    fc.jsonValue().map((value) => JSON.stringify([{ jsonrpc: '2.0', method: 'a', id: value }])),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const { parts } = parseFrame(text, 10)
      expect(parts.length).toBeGreaterThan(0)
      for (const part of parts) expect('method' in part || 'error' in part).toBe(true)
    }),
  )
})

describe('the texts of answers', () => {
  it('are one object of JSON-RPC 2.0', () => {
    expect(JSON.parse(resultText('"', '{"a":1}'))).toEqual({
      jsonrpc: '2.0',
      id: '"',
      result: { a: 1 },
    })
    const error = { code: -32600, message: 'a "call"', data: { at: 1 } }
    expect(JSON.parse(errorText(null, error))).toEqual({ jsonrpc: '2.0', id: null, error })
    expect(JSON.parse(notificationText('views.next', '{"views":[]}'))).toEqual({
      jsonrpc: '2.0',
      method: 'views.next',
      params: { views: [] },
    })
  })
})
