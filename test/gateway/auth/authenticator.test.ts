import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { openAuthenticator } from '../../../src/gateway/auth/authenticator.ts'
import { clockAt, fileOf, noon } from './door.ts'

const token = 'a-token-of-the-file'
const tokens = () => fileOf([{ token, subject: 'file', roles: ['read'] }])
const secretText = 's'.repeat(40)
const jwt = (claims: object = {}) =>
  new SignJWT({ sub: 'jwt', roles: ['write'], exp: noon / 1000 + 60, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secretText))

describe('the authenticator of a server', () => {
  it('is none where no tokens are asked for', () => {
    expect(openAuthenticator({ host: '127.0.0.1', port: 0 }, clockAt())).toBeUndefined()
  })

  it('takes the tokens of a file, and JWTs beside them', async () => {
    const options = { tokensFile: tokens(), jwtSecretFile: fileOf(secretText), jwtIssuer: 'id' }
    const known = openAuthenticator(options, clockAt())
    expect(await known?.authenticate(token)).toMatchObject({ subject: 'file', roles: ['read'] })
    expect(await known?.authenticate(await jwt({ iss: 'id' }))).toMatchObject({ subject: 'jwt' })
    expect(await known?.authenticate(await jwt({ iss: 'other' }))).toBeUndefined()
    expect(await known?.authenticate('a-token-of-no-file')).toBeUndefined()
  })

  it('takes the tokens of a file alone, or JWTs alone', async () => {
    const byFile = openAuthenticator({ tokensFile: tokens() }, clockAt())
    expect(await byFile?.authenticate(token)).toBeDefined()
    expect(await byFile?.authenticate(await jwt())).toBeUndefined()
    const byJwt = openAuthenticator({ jwtSecretFile: fileOf(secretText) }, clockAt())
    expect(await byJwt?.authenticate(token)).toBeUndefined()
    expect(await byJwt?.authenticate(await jwt())).toBeDefined()
  })

  it('wants the audience that is asked for', async () => {
    const options = { jwtSecretFile: fileOf(secretText), jwtAudience: 'orders' }
    const known = openAuthenticator(options, clockAt())
    expect(await known?.authenticate(await jwt({ aud: 'orders' }))).toBeDefined()
    expect(await known?.authenticate(await jwt())).toBeUndefined()
  })
})
