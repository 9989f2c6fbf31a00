/** Where and how the gateway listens, and what it refuses to do without. */
import { defaultHost, defaultPort } from '../../config.ts'
import { ListenError } from '../../errors.ts'
import type { Documents } from './documents.ts'

export interface ListenOptions {
  /** The address to listen on; only this machine reaches the default. */
  readonly host?: string | undefined
  /** 0 for one that is free. */
  readonly port?: number | undefined
  /** A JSON file of tokens: who may come in, and what they may do. */
  readonly tokensFile?: string | undefined
  /** A file whose bytes, without a newline at the end, are the secret of JWTs signed with HS256. */
  readonly jwtSecretFile?: string | undefined
  /** A JWKS file: the public keys of JWTs. */
  readonly jwksFile?: string | undefined
  /** The `iss` that a JWT must have. */
  readonly jwtIssuer?: string | undefined
  /** The `aud` that a JWT must have. */
  readonly jwtAudience?: string | undefined
  /** The certificate, with its chain, and its key, as PEM files: both, or neither. */
  readonly tlsCertFile?: string | undefined
  readonly tlsKeyFile?: string | undefined
  /** Says that a proxy stands before it, which has TLS, and passes the Host header on. */
  readonly behindProxy?: boolean | undefined
  /** Origins whose pages may come in besides the server's own, such as `https://shop.example`. */
  readonly origins?: readonly string[] | undefined
  /** Values of the Host header that name this server, such as `orders.example`. */
  readonly hosts?: readonly string[] | undefined
  /** What is served as JSON besides, to anyone, by path: made when it is first asked for, and kept. */
  readonly documents?: Documents | undefined
}

/** Host and port, with the defaults filled in. */
export function placeOf({ host = defaultHost, port = defaultPort }: ListenOptions): {
  readonly host: string
  readonly port: number
} {
  return { host, port }
}

/** True where an address is this machine's own, and nobody else's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** True where an address stands for all that this machine has: `0.0.0.0`, `::`, however written. */
export function isWildcard(host: string): boolean {
  const text = `http://${host.includes(':') ? `[${host}]` : host}`
  // Without a host, Node listens on all, too.
  return host === '' || (URL.canParse(text) && wildcards.has(new URL(text).hostname))
}

const wildcards = new Set(['0.0.0.0', '[::]', '[::ffff:0:0]'])

/** True where those who call must show a token. */
export function asksForTokens(options: ListenOptions): boolean {
  return [options.tokensFile, options.jwtSecretFile, options.jwksFile].some(isGiven)
}

/** True where the server speaks TLS itself. */
export function hasTls({ tlsCertFile, tlsKeyFile }: ListenOptions): boolean {
  return isGiven(tlsCertFile) && isGiven(tlsKeyFile)
}

/**
 * @throws {ListenError} where strangers could come in, or where the options do not fit each other
 */
export function checkListen(options: ListenOptions): void {
  checkPairs(options)
  for (const host of options.hosts ?? []) {
    if (!isHost(host)) {
      throw new ListenError(
        `${JSON.stringify(host)} is no value of a Host header: such as orders.example, or orders.example:8443.`,
      )
    }
  }
  for (const origin of options.origins ?? []) {
    if (!isOrigin(origin)) {
      throw new ListenError(
        `${JSON.stringify(origin)} is no origin: such as https://shop.example, without a path.`,
      )
    }
  }
  checkStrangers(options)
}

function checkPairs(options: ListenOptions): void {
  const { tlsCertFile, tlsKeyFile, jwtIssuer, jwtAudience } = options
  if (isGiven(tlsKeyFile) && !isGiven(tlsCertFile)) {
    throw new ListenError('There is a TLS key (--tls-key), and no certificate (--tls-cert).')
  }
  if (isGiven(tlsCertFile) && !isGiven(tlsKeyFile)) {
    throw new ListenError('There is a TLS certificate (--tls-cert), and no key (--tls-key).')
  }
  const asksForJwts = isGiven(options.jwtSecretFile) || isGiven(options.jwksFile)
  if ((isGiven(jwtIssuer) || isGiven(jwtAudience)) && !asksForJwts) {
    throw new ListenError(
      'An issuer or an audience of JWTs is given, and nothing to check them with: --jwt-secret or --jwks.',
    )
  }
}

/** A proxy brings in strangers to a loopback address, too. */
function checkStrangers(options: ListenOptions): void {
  const { host } = placeOf(options)
  const { behindProxy = false, hosts = [] } = options
  if (isLoopback(host) && !behindProxy) return
  const missing: string[] = []
  if (!asksForTokens(options)) missing.push('no tokens (--tokens, --jwt-secret or --jwks)')
  if (!hasTls(options) && !behindProxy) {
    missing.push('no TLS (--tls-cert and --tls-key, or --behind-proxy where a proxy has it)')
  }
  if (hosts.length === 0 && (behindProxy || isWildcard(host))) {
    const called = behindProxy ? 'the proxy' : 'it'
    missing.push(`no list of the names that ${called} is called by (--allow-host)`)
  }
  if (missing.length === 0) return
  const reached = behindProxy ? `${host}, behind a proxy,` : host
  throw new ListenError(
    `${reached} can be reached from other machines, and there ${missing.length > 1 ? 'are' : 'is'} ` +
      `${missing.join(', and ')}. Without, it listens on 127.0.0.1 only.`,
  )
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined
}

function isHost(host: string): boolean {
  return /^[^\s/\\@?#,]+$/.test(host) && URL.canParse(`http://${host}`)
}

/** As a browser writes it: in lower case, and without a port that goes without saying. */
function isOrigin(origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).origin === origin
}
