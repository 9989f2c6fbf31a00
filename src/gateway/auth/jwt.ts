/** JWTs (RFC 7519): signed by somebody else, who says in them who they stand for. */
import { createLocalJWKSet, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { ListenError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { CustomerId, canBeRecorded, canBeToken, Roles, Subject } from './claims.ts'
import { readListenFile } from './files.ts'
import type { Authenticator, Identity } from './identity.ts'
import { jwksAlgorithms, readJwks } from './jwks.ts'

/** What a JWT must say of itself. */
export interface JwtRules {
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
}

/** Bytes of a secret for HS256, by RFC 7518: no fewer than the hash has. */
const secretBytesMin = 32
/** How far ahead of ours the clock may be of whoever says from when on a token counts. */
const clockToleranceSeconds = 5

/** A claim in another form is no claim of less: such a token counts for nothing. */
const claims = Compile(
  Type.Object({
    sub: Subject,
    roles: Roles,
    customerId: Type.Optional(CustomerId),
    exp: Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER / 1000 }),
  }),
)

/** Checks a signature and the claims that jose knows; throws where they do not hold. */
type Verify = (token: string, options: JWTVerifyOptions) => Promise<{ payload: JWTPayload }>

/**
 * Takes JWTs signed with HS256, by the secret that the file holds.
 *
 * @throws {ListenError} if it cannot be read, or if the secret is too short
 */
export function openJwtSecret(file: string, rules: JwtRules, runtime: Runtime): Authenticator {
  const secret = withoutNewline(readListenFile(file, 'the secret of JWTs'))
  if (secret.length < secretBytesMin) {
    throw new ListenError(
      `The secret of JWTs in ${file} has ${secret.length} bytes, and must have ${secretBytesMin} at least.`,
    )
  }
  const verify: Verify = (token, options) => jwtVerify(token, secret, options)
  return authenticatorBy(verify, ['HS256'], rules, runtime)
}

/**
 * Takes JWTs signed by one of the key pairs whose public keys the JWKS file holds. Where there are
 * several, a token names its one by `kid`: so keys are changed by having both for a while.
 *
 * @throws {ListenError} naming the key that cannot be used
 */
export function openJwks(file: string, rules: JwtRules, runtime: Runtime): Authenticator {
  const keys = createLocalJWKSet(readJwks(file))
  const verify: Verify = (token, options) => jwtVerify(token, keys, options)
  return authenticatorBy(verify, jwksAlgorithms, rules, runtime)
}

function authenticatorBy(
  verify: Verify,
  algorithms: readonly string[],
  { issuer, audience }: JwtRules,
  runtime: Runtime,
): Authenticator {
  return {
    authenticate: async (token) => {
      if (!canBeToken(token)) return undefined
      const now = runtime.now()
      const options: JWTVerifyOptions = {
        algorithms: [...algorithms],
        currentDate: new Date(now),
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['sub', 'exp'],
        ...(issuer !== undefined && { issuer }),
        ...(audience !== undefined && { audience }),
      }
      // Whatever is wrong with it, to us it is not known.
      const verified = await verify(token, options).catch(() => undefined)
      return verified && identityOf(verified.payload, now)
    },
  }
}

/** The tolerance is for the beginning alone: past its end a token counts no more. */
function identityOf(payload: JWTPayload, now: number): Identity | undefined {
  if (!claims.Check(payload)) return undefined
  const { sub, roles, customerId = null, exp } = payload
  const expiresAt = Math.floor(exp * 1000)
  if (expiresAt <= now || !canBeRecorded(sub)) return undefined
  return { subject: sub, roles, customerId, expiresAt }
}

/** Editors and `openssl rand` end a file with a newline that is not meant. */
function withoutNewline(bytes: Buffer): Buffer {
  let end = bytes.length
  if (bytes[end - 1] === 0x0a) end--
  if (end < bytes.length && bytes[end - 1] === 0x0d) end--
  return bytes.subarray(0, end)
}
