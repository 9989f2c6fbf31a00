/** The token that a request brings in its Authorization header: the only place that is looked at. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Authenticator, Identity } from './identity.ts'

/** The token of `Authorization: Bearer …`; undefined where there is none of that scheme. */
export function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  const found = /^bearer(?: +(.*))?$/i.exec(authorization?.trim() ?? '')
  return found ? (found[1] ?? '') : undefined
}

/** Whom the token of a request stands for; `none` where it brought none, `wrong` where it is not known. */
export async function identify(
  headers: IncomingHttpHeaders,
  authenticator: Authenticator,
): Promise<Identity | 'none' | 'wrong'> {
  const token = bearerToken(headers)
  if (token === undefined) return 'none'
  return (await authenticator.authenticate(token)) ?? 'wrong'
}
