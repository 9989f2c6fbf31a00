import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { ListenError } from '../../../src/errors.ts'
import type { Authenticator } from '../../../src/gateway/auth/identity.ts'
import { openJwks, openJwtSecret } from '../../../src/gateway/auth/jwt.ts'
import { clockAt, fileOf, messageOf, noon } from './door.ts'

const secret = Buffer.from('k'.repeat(32))
const at = (seconds: number) => noon / 1000 + seconds

/** What a token that counts says. */
const good: JWTPayload = { sub: 'ann', roles: ['read'], exp: at(60) }

const hs256 = (claims: object, key: Uint8Array = secret, header: object = {}) =>
  new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: 'HS256', ...header }).sign(key)

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const bySecret = (rules = {}, runtime = clockAt(), content: string | Buffer = secret) =>
  openJwtSecret(fileOf(content), rules, runtime)

describe('a JWT signed with the secret', () => {
  it('says who it stands for', async () => {
    const known = bySecret()
    expect(await known.authenticate(await hs256(good))).toStrictEqual({
      subject: 'ann',
      roles: ['read'],
      customerId: null,
      expiresAt: noon + 60_000,
    })
    const bound = { ...good, roles: ['read', 'write'], customerId: 'bob', name: 'Ann', iat: at(0) }
    expect(await known.authenticate(await hs256(bound))).toMatchObject({
      roles: ['read', 'write'],
      customerId: 'bob',
    })
  })

  it.each([
    ['is expired', { exp: at(-1) }],
    ['expires now', { exp: at(0) }],
    ['never expires', { exp: undefined }],
    ['expires at a text', { exp: '2031' }],
    ['expires past all time', { exp: Number.MAX_SAFE_INTEGER }],
    ['does not count yet', { nbf: at(6) }],
    ['has no subject', { sub: undefined }],
    ['has an empty subject', { sub: '' }],
    ['has a long subject', { sub: 'x'.repeat(257) }],
    ['has half a character in its subject', { sub: 'x\ud800' }],
    ['has a number for a subject', { sub: 1 }],
    ['has no roles', { roles: undefined }],
    ['has an empty list of roles', { roles: [] }],
    ['has an unknown role', { roles: ['read', 'root'] }],
    ['has a role for roles', { roles: 'admin' }],
    ['has roles that are no texts', { roles: [['admin']] }],
    ['has a customer out of form', { customerId: 'a b' }],
    ['has an empty customer', { customerId: '' }],
    // Not as without: a customer that is not told right must not become all of them.
    ['has null for a customer', { customerId: null }],
    ['has a list of customers', { customerId: ['bob'] }],
  ])('does not count where it %s', async (_, claims) => {
    const known = bySecret()
    expect(await known.authenticate(await hs256(good))).toBeDefined()
    expect(await known.authenticate(await hs256({ ...good, ...claims }))).toBeUndefined()
  })

  it('counts until its end by our clock, and a little before its beginning', async () => {
    const runtime = clockAt()
    const known = bySecret({}, runtime)
    const token = await hs256({ ...good, nbf: at(5) })
    expect(await known.authenticate(token)).toBeDefined()
    runtime.time = noon + 59_999
    expect(await known.authenticate(token)).toBeDefined()
    runtime.time = noon + 60_000
    expect(await known.authenticate(token)).toBeUndefined()
  })

  it('does not count where the signature is another’s, or of another text', async () => {
    const known = bySecret()
    const token = await hs256(good)
    const [header, , signature] = token.split('.')
    expect(await known.authenticate(await hs256(good, Buffer.from('o'.repeat(32))))).toBeUndefined()
    const changed = `${header}.${part({ ...good, roles: ['admin'] })}.${signature}`
    expect(await known.authenticate(changed)).toBeUndefined()
    expect(await known.authenticate(`${header}.${part(good)}.`)).toBeUndefined()
    expect(await known.authenticate(`${token}x`)).toBeUndefined()
  })

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('does not count with the alg %j', async (alg) => {
    const known = bySecret()
    const head = `${part({ alg, typ: 'JWT' })}.${part(good)}`
    const [, , signature] = (await hs256(good)).split('.')
    expect(await known.authenticate(`${head}.`)).toBeUndefined()
    expect(await known.authenticate(head)).toBeUndefined()
    expect(await known.authenticate(`${head}.${signature}`)).toBeUndefined()
  })

  it.each(['HS384', 'HS512'])('does not count with the alg %s', async (alg) => {
    const key = randomBytes(64)
    const known = bySecret({}, clockAt(), key)
    const token = await new SignJWT(good).setProtectedHeader({ alg }).sign(key)
    expect(await known.authenticate(token)).toBeUndefined()
  })

  it('does not count with a critical header that is not known', async () => {
    const head = `${part({ alg: 'HS256', crit: ['x'], x: 1 })}.${part(good)}`
    const signature = createHmac('sha256', secret).update(head).digest('base64url')
    expect(await bySecret().authenticate(`${head}.${signature}`)).toBeUndefined()
  })

  it.each(['', '.', '..', '...', 'a.b.c', '{}', 'null', '\u0000', 'é.é.é', 'x'.repeat(100_000)])(
    'is not %j',
    async (token) => {
      expect(await bySecret().authenticate(token)).toBeUndefined()
    },
  )

  it('has the issuer and the audience that are asked for', async () => {
    const known = bySecret({ issuer: 'https://id.example', audience: 'orders' })
    const right = { ...good, iss: 'https://id.example', aud: ['shop', 'orders'] }
    expect(await known.authenticate(await hs256(right))).toBeDefined()
    for (const wrong of [
      { iss: undefined },
      { iss: 'https://id.example.evil' },
      { aud: undefined },
      { aud: 'shop' },
    ]) {
      expect(await known.authenticate(await hs256({ ...right, ...wrong }))).toBeUndefined()
    }
  })
})

describe('the secret of JWTs', () => {
  it.each(['\n', '\r\n', ''])('is the file without %j at its end', async (end) => {
    const known = bySecret({}, clockAt(), `${secret}${end}`)
    expect(await known.authenticate(await hs256(good))).toBeDefined()
  })

  it('is taken as it is besides', async () => {
    const bytes = Buffer.from([0, 0xff, 0x20, ...Buffer.alloc(30, 7), 0x0a, 0x0a])
    const known = bySecret({}, clockAt(), bytes)
    expect(await known.authenticate(await hs256(good, bytes.subarray(0, -1)))).toBeDefined()
  })

  it('is refused where it is short, and not told', () => {
    const file = fileOf(`${'k'.repeat(31)}\n`)
    const message = messageOf(() => openJwtSecret(file, {}, clockAt()))
    expect(message).toBe(`The secret of JWTs in ${file} has 31 bytes, and must have 32 at least.`)
    expect(() => openJwtSecret(`${file}.none`, {}, clockAt())).toThrow(ListenError)
  })
})

interface Pair {
  readonly jwk: JWK
  readonly publicKey: Awaited<ReturnType<typeof generateKeyPair>>['publicKey']
  sign(claims?: JWTPayload, header?: object): Promise<string>
}

async function pairOf(alg: string, more: JWK = {}): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), ...more }
  const sign = (claims = good, header: object = jwk.kid === undefined ? {} : { kid: jwk.kid }) =>
    new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(privateKey)
  return { jwk, publicKey, sign }
}

const byKeys = (...keys: unknown[]): Authenticator => openJwks(fileOf({ keys }), {}, clockAt())

describe('a JWT signed with a key of the set', () => {
  it.each(['RS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'counts with the alg %s',
    async (alg) => {
      const { jwk, sign } = await pairOf(alg)
      const known = byKeys(jwk)
      expect(await known.authenticate(await sign())).toMatchObject({ subject: 'ann' })
      expect(await known.authenticate(await sign({ ...good, exp: at(0) }))).toBeUndefined()
      const other = await pairOf(alg)
      expect(await known.authenticate(await other.sign())).toBeUndefined()
    },
  )

  it('does not count with HS256 and a public key for a secret', async () => {
    const { jwk, publicKey, sign } = await pairOf('RS256', { kid: 'one' })
    const known = byKeys(jwk)
    expect(await known.authenticate(await sign())).toBeDefined()
    const pem = await exportSPKI(publicKey)
    for (const key of [pem, pem.trim(), JSON.stringify(jwk), jwk.n as string]) {
      for (const header of [{}, { kid: 'one' }, { kid: 'one', jwk }]) {
        const forged = await hs256(good, Buffer.from(key), header)
        expect(await known.authenticate(forged)).toBeUndefined()
      }
    }
    const { sign: signOther, jwk: brought } = await pairOf('RS256')
    expect(await known.authenticate(await signOther(good, { jwk: brought }))).toBeUndefined()
    expect(await known.authenticate(`${part({ alg: 'none' })}.${part(good)}.`)).toBeUndefined()
  })

  it('counts by its kid while keys are changed, and not when its key is gone', async () => {
    const old = await pairOf('ES256', { kid: '2029' })
    const next = await pairOf('RS256', { kid: '2030', use: 'sig', alg: 'RS256' })
    const [byOld, byNext] = [await old.sign(), await next.sign()]
    const answers = async (...keys: JWK[]) => {
      const known = byKeys(...keys)
      const both = [await known.authenticate(byOld), await known.authenticate(byNext)]
      return both.map((identity) => identity?.subject)
    }
    expect(await answers(old.jwk)).toEqual(['ann', undefined])
    expect(await answers(old.jwk, next.jwk)).toEqual(['ann', 'ann'])
    expect(await answers(next.jwk)).toEqual([undefined, 'ann'])
  })

  it('does not count by the kid of another key', async () => {
    const one = await pairOf('ES256', { kid: 'one' })
    const two = await pairOf('ES256', { kid: 'two' })
    const known = byKeys(one.jwk, two.jwk)
    expect(await known.authenticate(await one.sign(good, { kid: 'one' }))).toBeDefined()
    expect(await known.authenticate(await one.sign(good, { kid: 'two' }))).toBeUndefined()
    expect(await known.authenticate(await one.sign(good, { kid: 'three' }))).toBeUndefined()
    expect(await known.authenticate(await one.sign(good, { kid: ['one'] }))).toBeUndefined()
  })

  it('does not count by a key that is there to encrypt, or for another alg', async () => {
    const one = await pairOf('RS256', { kid: 'one', alg: 'RS512' })
    const two = await pairOf('RS256', { kid: 'two', use: 'enc', alg: 'RSA-OAEP' })
    const known = byKeys(one.jwk, two.jwk)
    expect(await known.authenticate(await one.sign())).toBeUndefined()
    expect(await known.authenticate(await two.sign())).toBeUndefined()
  })
})

const ecKey = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' })
const rsaKey = (modulusLength: number) =>
  generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' })

describe('a JWKS file is refused', () => {
  const key = ecKey('P-256')
  const oct = { kty: 'oct', k: secret.toString('base64url') }
  const whole = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'jwk',
  })

  it.each([
    ['no JSON', '{"keys":', 'is not JSON'],
    ['a list', [key], 'an object with `keys`'],
    ['null', null, 'an object with `keys`'],
    ['no keys', { keys: [] }, 'no key to check signatures with'],
    ['keys to encrypt alone', { keys: [{ ...key, use: 'enc' }] }, 'no key to check signatures'],
    ['null for a key', { keys: [null] }, 'key 1 is no key'],
    ['a text for a key', { keys: ['x'] }, 'key 1 is no key'],
    ['a secret', { keys: [{ ...key, kid: 'a' }, oct] }, 'key 2 is a secret'],
    ['a private key', { keys: [whole] }, 'key 1 is a private key'],
    ['half a key', { keys: [{ ...key, y: undefined }] }, 'key 1 is no public key'],
    ['an unknown kind of key', { keys: [{ kty: 'XYZ' }] }, 'key 1 is no public key'],
    ['a weak key', { keys: [rsaKey(1024)] }, 'key 1 is an RSA key of fewer than 2048 bits'],
    ['an unknown curve', { keys: [ecKey('secp256k1')] }, 'key 1 has an unknown curve'],
    ['a key for HS256', { keys: [{ ...key, alg: 'HS256' }] }, 'key 1 has an alg that is none of'],
    ['a key for none', { keys: [{ ...key, alg: 'none' }] }, 'key 1 has an alg that is none of'],
    ['keys without a kid', { keys: [{ ...key, kid: 'a' }, key] }, 'key 2 has no kid'],
    [
      'a kid twice',
      { keys: [key, ecKey('P-384')].map((one) => ({ ...one, kid: 'a' })) },
      'key 2 has the kid of another',
    ],
  ])('that holds %s, and nothing of it is told', (_, content, says) => {
    const file = fileOf(content)
    const message = messageOf(() => openJwks(file, {}, clockAt()))
    expect(() => openJwks(file, {}, clockAt())).toThrow(ListenError)
    expect(message).toContain(file)
    expect(message).toContain(says)
    expect(message).not.toContain(oct.k)
    expect(message).not.toContain(whole.d)
  })
})
