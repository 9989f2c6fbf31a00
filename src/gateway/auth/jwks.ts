/** The public keys of a JWKS file (RFC 7517), checked before any of them is needed. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { JSONWebKeySet, JWK } from 'jose'
import { ListenError } from '../../errors.ts'
import { readListenJson } from './files.ts'

/** Signatures by a key pair. None by a shared secret: a public key would do as one. */
export const jwksAlgorithms: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

const rsaBitsMin = 2048

/** @throws {ListenError} naming the file and the key that cannot be used */
export function readJwks(file: string): JSONWebKeySet {
  const set = readListenJson(file, 'the public keys of JWTs')
  const all: unknown = (set as { keys?: unknown } | null)?.keys
  if (!Array.isArray(all)) throw wrong(file, 'it must be an object with `keys`, an array')
  // A set may hold keys for other ends, to encrypt with say.
  const keys: JWK[] = all.filter((key) => key?.use === undefined || key.use === 'sig')
  if (keys.length === 0) throw wrong(file, 'it holds no key to check signatures with')
  const kids = new Set<unknown>()
  for (const key of keys) {
    const at = `key ${all.indexOf(key) + 1}`
    const fault = faultOf(key)
    if (fault !== undefined) throw wrong(file, `${at} ${fault}`)
    if (keys.length > 1 && typeof key.kid !== 'string') throw wrong(file, `${at} has no kid`)
    if (kids.has(key.kid)) throw wrong(file, `${at} has the kid of another`)
    kids.add(key.kid)
  }
  return { keys }
}

function faultOf(key: JWK | null): string | undefined {
  if (key === null || typeof key !== 'object') return 'is no key'
  if (key.kty === 'oct') return 'is a secret: a JWKS file holds public keys'
  if (key.d !== undefined) return 'is a private key, which has no business here'
  if (key.alg !== undefined && !jwksAlgorithms.includes(key.alg)) {
    return `has an alg that is none of ${jwksAlgorithms.join(', ')}`
  }
  return publicFaultOf(key)
}

function publicFaultOf(key: JWK): string | undefined {
  let made: KeyObject
  try {
    made = createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
  } catch {
    return 'is no public key'
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = made
  if (type === 'rsa' && (details?.modulusLength ?? 0) < rsaBitsMin) {
    return `is an RSA key of fewer than ${rsaBitsMin} bits`
  }
  const curves = ['prime256v1', 'secp384r1', 'secp521r1']
  if (type === 'ec' && !curves.includes(details?.namedCurve ?? '')) return 'has an unknown curve'
  return ['rsa', 'ec', 'ed25519'].includes(type ?? '') ? undefined : 'cannot check signatures'
}

function wrong(file: string, what: string): ListenError {
  return new ListenError(`The JWT keys in ${file} cannot be used: ${what}.`)
}
