import { ClientError } from '../errors.ts'
import type { TokenSource } from '../options.ts'

/** @throws {ClientError} `NO_TOKEN` where the function throws, or gives what is no token */
export async function askForToken(source: TokenSource): Promise<string> {
  let token: unknown
  try {
    token = await source()
  } catch (error) {
    throw noToken(`it threw ${String(error)}`, error)
  }
  if (typeof token === 'string') return token
  throw noToken(`it must give a string, and gave ${token === null ? 'null' : typeof token}`)
}

export function noToken(why: string, cause?: unknown): ClientError {
  const message = `The function for the token gave none: ${why}.`
  return new ClientError('NO_TOKEN', message, { retryable: true, cause })
}
