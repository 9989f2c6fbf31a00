import { SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { serve } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { connect } from '../../support/rpc.ts'
import { fileOf } from './door.ts'

/** What stands in every token and every payload here, and may stand nowhere else. */
const mark = 'HUSH0HUSH'
const token = `token-${mark}-of-ann`
const secret = `secret-${mark}-that-is-long-enough-for-HS256`
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })
const order = {
  orderId: 'order-1',
  currency: 'USD',
  lines: [{ sku: `sku-${mark}`, quantity: 1, unitPrice: 1 }],
}

it('tells nothing of tokens and payloads in its output and its errors, at any level', async () => {
  const jwt = await new SignJWT({ sub: 'ida', roles: ['admin'] })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(Buffer.from(secret))
  const tokensFile = fileOf([{ token, subject: 'ann', roles: ['read', 'write'] }])
  const options = ['--tokens', tokensFile, '--jwt-secret', fileOf(secret), '--log-level', 'trace']
  const server = await serve(temporaryFolder(), ...options)
  const { address } = server
  const errors: string[] = []
  const failing = async (headers: Record<string, string>) => {
    const error = await connect(address, [], headers).then(String, String)
    expect(error).toContain('40')
    errors.push(error)
  }

  const client = await connect(address, [], bearer(token))
  const { result } = await client.call('order.new', order)
  expect(result).toMatchObject({ version: 1 })
  const byHello = await connect(address)
  await byHello.call('session.hello', { token: jwt, client: 'shop' })
  expect((await byHello.call('order.get', { orderId: 'order-1' })).result).toMatchObject({
    lines: order.lines,
  })
  await failing(bearer(`${token}-wrong`))
  await failing(bearer(`${jwt}x`))
  await failing({ ...bearer(token), origin: 'https://evil.example' })
  const wrong = await connect(address)
  const refused = await wrong.call('session.hello', { token: `${jwt}x` })
  errors.push(JSON.stringify(refused.error), JSON.stringify(await wrong.closed))
  for (const params of [
    { ...order, lines: [{ sku: `sku-${mark}`, quantity: -1, unitPrice: 1 }] },
    { ...order, currency: mark },
    { ...order, orderId: { [token]: 1 } },
  ]) {
    errors.push(JSON.stringify((await client.call('order.new', params)).error))
  }
  client.send(`{"jsonrpc":"2.0","id":"x","method":"order.new","params":{"token":"${token}",}}`)
  const broken = await client.find<{ error: unknown }>((one) => 'id' in one && one.id === null)
  errors.push(JSON.stringify(broken.error))
  const { host, port } = address
  for (const path of [`/ws?token=${token}`, `/metrics?token=${token}`, '/metrics', '/health']) {
    const response = await fetch(`http://${host}:${port}${path}`, { headers: bearer(token) })
    errors.push(await response.text())
  }
  await connect({ host, port: `${port}/ws?token=${token}&path=` as never })

  server.process.kill('SIGTERM')
  const { code, stdout, stderr } = await server.ended
  expect(code).toBe(0)
  // The logs are there, or the test would show nothing.
  expect(stderr).not.toBe('')
  expect(errors.join('\n')).toContain('1001')
  const signatures = [jwt, jwt.split('.')[1]!, jwt.split('.')[2]!]
  for (const hidden of [mark, ...signatures]) {
    expect(stdout).not.toContain(hidden)
    expect(stderr).not.toContain(hidden)
    expect(errors.join('\n')).not.toContain(hidden)
  }
})

it('does not start with a file that is not right, and tells nothing of what it holds', async () => {
  const faults: [string, string][] = [
    ['--tokens', `[{"token": "${token}"`],
    ['--tokens', JSON.stringify({ [token]: ['read'] })],
    ['--tokens', JSON.stringify([{ token, subject: mark, roles: [mark] }])],
    ['--jwt-secret', `short-${mark}`],
    ['--jwks', `{"keys": ${mark}`],
    ['--jwks', JSON.stringify({ keys: [{ kty: 'oct', k: mark, kid: mark }] })],
  ]
  const starts = faults.map(async ([option, content]) => {
    const file = fileOf(content)
    const started = serve(temporaryFolder(), option, file, '--log-level', 'trace')
    const error = await started.then(String, String)
    expect(error).toContain(file)
    expect(error).toContain('ended with 1')
    expect(error).not.toContain(mark)
  })
  await Promise.all(starts)
})
