/**
 * Which requests are for this server at all. A page from anywhere can reach a local port, and a name
 * of its own can be made to point there, so the Host header, and the Origin where there is one, must
 * be on a list. Both are compared as they are, character by character.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { hasTls, isLoopback, type ListenOptions, placeOf } from './listen.ts'

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]']

/** The values of Host and Origin that may come in. */
export interface Admission {
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
}

/** What may come in to a server that listens at this port. */
export function admissionTo(options: ListenOptions, port: number): Admission {
  const { host } = placeOf(options)
  const { hosts: named = [], origins = [], behindProxy = false } = options
  const scheme = hasTls(options) ? 'https' : 'http'
  const names = new Set(isLoopback(host) ? loopbackNames : [])
  names.add(host.includes(':') ? `[${host}]` : host)
  const bound = [...names].map((name) => `${name}:${port}`)
  // Nobody writes a port that goes without saying.
  if (port === (scheme === 'https' ? 443 : 80)) bound.push(...names)
  // Whoever comes through the proxy has a page from there, and it has TLS.
  const namedScheme = behindProxy ? 'https' : scheme
  const called = named.flatMap((name) => (hasPort(name) ? [name] : [name, `${name}:${port}`]))
  return {
    hosts: [...new Set([...bound, ...called])],
    origins: [
      ...new Set([
        ...bound.map((name) => `${scheme}://${name}`),
        ...called.map((name) => `${namedScheme}://${name}`),
        ...origins,
      ]),
    ],
  }
}

/** A name without a port stands for itself, and for itself with the port that is listened on. */
export function hasPort(name: string): boolean {
  return /:\d+$/.test(name)
}

/** What is wrong with a request, and how it is told. */
export interface TurnedAway {
  readonly why: 'host' | 'origin'
  readonly message: string
}

/** Why a request is turned away; undefined where it may come in. */
export function turnedAway(
  { host = '', origin }: IncomingHttpHeaders,
  { hosts, origins }: Admission,
): TurnedAway | undefined {
  if (!hosts.includes(host)) {
    return { why: 'host', message: `The Host header must be one of ${hosts.join(', ')}.` }
  }
  if (origin !== undefined && !origins.includes(origin)) {
    return { why: 'origin', message: `Pages of ${origin} may not come in.` }
  }
  return undefined
}
