import { readFileSync } from 'node:fs'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { ordinal, type Server, serve } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { connect } from '../../support/rpc.ts'
import { hasOpenssl, noOpenssl, selfSigned } from '../certificates.ts'
import { fileOf } from './door.ts'

const token = 'the-token-of-ann-1234'
const tokensFile = () => fileOf([{ token, subject: 'ann', roles: ['read'] }])
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

it('serves by JWTs behind a proxy, with the options of ordinal serve', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = fileOf({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] })
  const jwt = (iss: string, aud: string) =>
    new SignJWT({ sub: 'ida', roles: ['admin'], iss, aud })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setExpirationTime('1h')
      .sign(privateKey)
  const { address } = await serve(
    temporaryFolder(),
    ...['--jwks', jwks, '--jwt-issuer', 'id', '--jwt-audience', 'orders', '--behind-proxy'],
    ...['--allow-host', 'orders.example', 'orders.example:8443'],
    ...['--origin', 'https://shop.example', 'https://other.example'],
  )
  const open = async (more: Record<string, string>) =>
    connect(address, [], {
      host: 'orders.example',
      ...bearer(await jwt('id', 'orders')),
      ...more,
    }).then(() => 'open', String)
  for (const origin of ['shop', 'other', 'orders'].map((name) => `https://${name}.example`)) {
    expect(await open({ origin, host: 'orders.example:8443' })).toBe('open')
  }
  expect(await open({ origin: 'https://evil.example' })).toContain('403')
  expect(await open({ host: 'evil.example' })).toContain('403')
  expect(await open(bearer(await jwt('other', 'orders')))).toContain('401')
  expect(await open(bearer(await jwt('id', 'other')))).toContain('401')
})

it('serves over TLS off loopback, and says so, with the options of ordinal serve', async (context) => {
  if (!hasOpenssl()) return context.skip(noOpenssl)
  const { tlsCertFile, tlsKeyFile } = selfSigned()
  const server = (await serve(
    temporaryFolder(),
    ...['--host', '0.0.0.0', '--tokens', tokensFile(), '--allow-host', 'orders.example'],
    ...['--tls-cert', tlsCertFile, '--tls-key', tlsKeyFile],
  )) as Server
  // All addresses at once are none that a client could open.
  const { url, health, host, port } = JSON.parse(await server.line())
  expect(url).toBe(`wss://orders.example:${port}/ws`)
  expect(health).toBe(`https://orders.example:${port}/health`)
  expect(host).toBe('0.0.0.0')
  const socket = new WebSocket(`wss://127.0.0.1:${server.address.port}/ws`, {
    ca: readFileSync(tlsCertFile),
    headers: { ...bearer(token), host: 'orders.example' },
  })
  onTestFinished(() => socket.terminate())
  await new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
})

it('takes no token and no secret on the command line', async () => {
  const { stdout } = await ordinal('serve', '--help')
  const lines = stdout.split('\n').filter((line) => /--(tokens|jwt-secret|jwks|tls-)/.test(line))
  expect(lines).toHaveLength(5)
  for (const line of lines) expect(line).toMatch(/<file>/)
  const given = await ordinal('serve', '--data', temporaryFolder(), '--tokens', token)
  expect(given.code).toBe(1)
  expect(given.stderr).toContain('there is no such file')
})
