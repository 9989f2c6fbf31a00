import { describe, expect, it } from 'vitest'
import { ListenError } from '../../src/errors.ts'
import { admissionTo, turnedAway } from '../../src/gateway/port/admission.ts'
import {
  checkListen,
  isLoopback,
  isWildcard,
  type ListenOptions,
} from '../../src/gateway/port/listen.ts'

const tls = { tlsCertFile: 'cert.pem', tlsKeyFile: 'key.pem' }
const tokens = { tokensFile: 'tokens.json' }

/** Whether a request with these headers comes in to a server at port 7300. */
const comesIn = (options: ListenOptions, host?: string, origin?: string, port = 7300) =>
  turnedAway(
    { ...(host !== undefined && { host }), ...(origin !== undefined && { origin }) },
    admissionTo(options, port),
  ) === undefined

describe('an address of this machine alone', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true)
  })

  it.each([
    ...['0.0.0.0', '::', '', '192.0.2.1', '127.0.0.1.example.org', 'localhost.example.org'],
    ...['::ffff:127.0.0.1', '127.1', '127.0.0.1 ', 'LOCALHOST.'],
  ])('is not %j', (host) => {
    expect(isLoopback(host)).toBe(false)
  })
})

describe('all addresses of a machine', () => {
  it.each(['0.0.0.0', '::', '', '0', '0x0', '::0', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0'])(
    'are %j',
    (host) => {
      expect(isWildcard(host)).toBe(true)
    },
  )

  it.each(['127.0.0.1', '::1', '192.0.2.1', 'localhost', 'orders.example', '0.0.0.0.example', ':'])(
    'are not %j',
    (host) => {
      expect(isWildcard(host)).toBe(false)
    },
  )
})

const named = { hosts: ['orders.example', 'orders.example:8443'] }
const loopback = ['127.0.0.1:7300', 'localhost:7300', '[::1]:7300']
const onAll = { host: '0.0.0.0' }
const onAddress = { host: '192.0.2.1' }

/** The options of a server, the hosts that come in, and some that do not. */
const hostMatrix: [string, ListenOptions, string[], string[]][] = [
  ['on loopback', {}, loopback, ['127.0.0.1', 'localhost', 'orders.example']],
  ['on another loopback', { host: '127.0.0.9' }, [...loopback, '127.0.0.9:7300'], ['127.0.0.9']],
  ['on loopback by IPv6', { host: '::1' }, loopback, ['::1:7300', '[::1]', '[::]:7300']],
  [
    'on loopback, named',
    named,
    [...loopback, ...named.hosts, 'orders.example:7300'],
    ['orders.example:7301', 'orders.example:8443:7300'],
  ],
  ['on one address', onAddress, ['192.0.2.1:7300'], [...loopback, '192.0.2.1', 'orders.example']],
  ['on one by IPv6', { host: '2001:db8::1' }, ['[2001:db8::1]:7300'], ['2001:db8::1:7300']],
  ['on all, named', { ...onAll, ...named }, ['0.0.0.0:7300', ...named.hosts], loopback],
  [
    'behind a proxy on loopback',
    { ...named, behindProxy: true },
    [...loopback, ...named.hosts],
    ['orders.example:443', 'evil.example'],
  ],
  [
    'behind a proxy on all',
    { ...onAll, ...named, behindProxy: true },
    ['0.0.0.0:7300', ...named.hosts],
    [...loopback, 'evil.example'],
  ],
]

describe('the Host header', () => {
  it.each(hostMatrix)('of a server %s is on its list', (_, options, known, unknown) => {
    for (const host of known) expect(comesIn(options, host), host).toBe(true)
    const never = ['', 'evil.example', 'evil.example:7300', 'x.orders.example', 'orders.example.']
    for (const host of [...unknown, ...never]) expect(comesIn(options, host), host).toBe(false)
    expect(comesIn(options)).toBe(false)
  })

  it('may leave out the port that goes without saying', () => {
    expect(comesIn({}, '127.0.0.1', undefined, 80)).toBe(true)
    expect(comesIn({}, '127.0.0.1', undefined, 443)).toBe(false)
    expect(comesIn(tls, 'localhost', 'https://localhost', 443)).toBe(true)
    expect(comesIn(tls, 'localhost', undefined, 80)).toBe(false)
  })
})

const shop = { origins: ['https://shop.example'] }

/** The options of a server, the origins that come in, and some that do not. */
const originMatrix: [string, ListenOptions, string[], string[]][] = [
  ['on loopback', {}, loopback.map((name) => `http://${name}`), ['https://127.0.0.1:7300']],
  ['with TLS', tls, loopback.map((name) => `https://${name}`), ['http://127.0.0.1:7300']],
  ['that is named', named, ['http://orders.example'], ['https://orders.example']],
  ['with TLS, named', { ...tls, ...named }, ['https://orders.example'], ['http://orders.example']],
  [
    'behind a proxy, which has TLS',
    { ...named, behindProxy: true },
    ['https://orders.example', 'https://orders.example:8443', 'http://127.0.0.1:7300'],
    ['http://orders.example', 'https://127.0.0.1:7300'],
  ],
  [
    'with pages elsewhere',
    shop,
    ['https://shop.example', 'http://localhost:7300'],
    ['http://shop.example', 'https://shop.example:443', 'https://SHOP.example'],
  ],
]

describe('the Origin header', () => {
  it.each(originMatrix)(
    'of a page for a server %s is on its list',
    (_, options, known, unknown) => {
      const host = '127.0.0.1:7300'
      for (const origin of known) expect(comesIn(options, host, origin), origin).toBe(true)
      const never = [
        ...['', 'null', '*', 'evil.example', 'https://evil.example', 'https://x.shop.example'],
        ...['https://shop.example.evil', 'https://shop.example/', 'file://', '127.0.0.1:7300'],
      ]
      for (const origin of [...unknown, ...never]) {
        expect(comesIn(options, host, origin), origin).toBe(false)
      }
      expect(comesIn(options, host)).toBe(true)
    },
  )

  it('does not make up for a wrong Host', () => {
    expect(comesIn(shop, 'evil.example', 'https://shop.example')).toBe(false)
    expect(comesIn(shop, 'shop.example', 'https://shop.example')).toBe(false)
  })
})

const refusalOf = (options: ListenOptions): string | undefined => {
  try {
    checkListen(options)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(ListenError)
    return (error as Error).message
  }
}

const [noTokens, noTls, noHosts] = ['no tokens (', 'no TLS (', 'no list of the names']
const proxy = { behindProxy: true }

/** The options of a server, and what it says is missing; nothing where it starts. */
const strangersMatrix: [string, ListenOptions, string[]][] = [
  ['loopback', {}, []],
  ['loopback, with tokens', tokens, []],
  ['loopback, with TLS', tls, []],
  ['loopback, behind a proxy', proxy, [noTokens, noHosts]],
  ['loopback, behind a proxy, named', { ...proxy, ...named }, [noTokens]],
  ['loopback, behind a proxy, with tokens', { ...proxy, ...tokens }, [noHosts]],
  ['loopback, behind a proxy, with all', { ...proxy, ...tokens, ...named }, []],
  ['all', onAll, [noTokens, noTls, noHosts]],
  ['all, named', { ...onAll, ...named }, [noTokens, noTls]],
  ['all, with TLS', { ...onAll, ...tls }, [noTokens, noHosts]],
  ['all, with tokens', { ...onAll, ...tokens }, [noTls, noHosts]],
  ['all, with a secret', { ...onAll, jwtSecretFile: 'secret' }, [noTls, noHosts]],
  ['all, with keys', { ...onAll, jwksFile: 'jwks.json' }, [noTls, noHosts]],
  ['all, with tokens and TLS', { ...onAll, ...tokens, ...tls }, [noHosts]],
  ['all, with all', { ...onAll, ...tokens, ...tls, ...named }, []],
  ['all, with JWTs and all', { ...onAll, jwksFile: 'jwks.json', ...tls, ...named }, []],
  ['all, behind a proxy', { ...onAll, ...proxy }, [noTokens, noHosts]],
  ['all, behind a proxy, with tokens', { ...onAll, ...proxy, ...tokens }, [noHosts]],
  ['all, behind a proxy, with TLS', { ...onAll, ...proxy, ...tls, ...named }, [noTokens]],
  ['all, behind a proxy, with all', { ...onAll, ...proxy, ...tokens, ...named }, []],
  ['all by IPv6', { host: '::' }, [noTokens, noTls, noHosts]],
  ['one address', onAddress, [noTokens, noTls]],
  ['one address, with tokens and TLS', { ...onAddress, ...tokens, ...tls }, []],
]

describe('a server that strangers can reach', () => {
  it.each(strangersMatrix)('on %s says exactly what is missing', (_, options, missing) => {
    const refusal = refusalOf(options)
    if (missing.length === 0) return expect(refusal).toBeUndefined()
    expect(refusal).toContain('can be reached from other machines')
    for (const one of [noTokens, noTls, noHosts]) {
      expect(refusal!.includes(one), one).toBe(missing.includes(one))
    }
  })
})

describe('options that do not fit each other are refused:', () => {
  it.each<[string, ListenOptions, string]>([
    ['a key without a certificate', { tlsKeyFile: 'key.pem' }, 'no certificate (--tls-cert)'],
    ['a certificate without a key', { tlsCertFile: 'cert.pem' }, 'no key (--tls-key)'],
    ['an issuer without JWTs', { ...tokens, jwtIssuer: 'id' }, 'nothing to check them with'],
    ['an audience without JWTs', { jwtAudience: 'orders' }, 'nothing to check them with'],
  ])('%s', (_, options, says) => {
    expect(refusalOf(options)).toContain(says)
  })

  it.each([
    ...['shop.example', 'https://shop.example/', 'https://shop.example/page', '*', 'null', ''],
    ...['https://shop.example:443', 'HTTPS://shop.example', 'https://Shop.example', 'file:///x'],
    ...['https://*.shop.example/', 'https://user@shop.example', ' https://shop.example'],
  ])('the origin %j', (origin) => {
    expect(refusalOf({ origins: ['https://ok.example', origin] })).toContain('is no origin')
  })

  it.each([
    ...['https://orders.example', 'orders.example/ws', '', 'a b', 'orders.example, other.example'],
    ...['orders.example:port', 'user@orders.example'],
  ])('the host %j', (host) => {
    expect(refusalOf({ hosts: ['ok.example', host] })).toContain('is no value of a Host header')
  })

  it.each(['orders.example', 'orders.example:8443', '[2001:db8::1]:7300', '192.0.2.1', 'orders'])(
    'not the host %j',
    (host) => {
      expect(refusalOf({ hosts: [host] })).toBeUndefined()
    },
  )
})
