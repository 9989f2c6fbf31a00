/** Who may come in by which tokens, as the options of a server say. */
import type { Runtime } from '../../runtime.ts'
import type { ListenOptions } from '../port/listen.ts'
import type { Authenticator } from './identity.ts'
import { openJwks, openJwtSecret } from './jwt.ts'
import { openTokensFile } from './tokens.ts'

/**
 * Reads the files that the options name; undefined where they ask for no tokens.
 *
 * @throws {ListenError} if one cannot be used
 */
export function openAuthenticator(
  options: ListenOptions,
  runtime: Runtime,
): Authenticator | undefined {
  const { tokensFile, jwtSecretFile, jwksFile } = options
  const rules = { issuer: options.jwtIssuer, audience: options.jwtAudience }
  const known: Authenticator[] = []
  if (tokensFile !== undefined) known.push(openTokensFile(tokensFile, runtime))
  if (jwtSecretFile !== undefined) known.push(openJwtSecret(jwtSecretFile, rules, runtime))
  if (jwksFile !== undefined) known.push(openJwks(jwksFile, rules, runtime))
  return known.length > 1 ? anyOf(known) : known[0]
}

/** Takes a token that one of them takes; the first in the list says for whom. */
function anyOf(authenticators: readonly Authenticator[]): Authenticator {
  return {
    authenticate: async (token) => {
      for (const one of authenticators) {
        const identity = await one.authenticate(token)
        if (identity) return identity
      }
      return undefined
    },
  }
}
