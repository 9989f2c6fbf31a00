/**
 * Who may come in without a token: programs and pages of this machine. A page from anywhere can
 * reach a local port, so the Host header, and the Origin where there is one, must be one of ours.
 */
import type { IncomingHttpHeaders } from 'node:http'

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]']

/** True where an address is this machine's own, and nobody else's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Why a request is turned away; undefined where it may come in. */
export function turnedAway(
  headers: IncomingHttpHeaders,
  host: string,
  port: number,
): string | undefined {
  const hosts = [...loopbackNames, host.includes(':') ? `[${host}]` : host].map(
    (name) => `${name}:${port}`,
  )
  if (!hosts.includes(headers.host ?? '')) {
    return `The Host header must be one of ${hosts.join(', ')}.`
  }
  const { origin } = headers
  if (origin !== undefined && !hosts.some((known) => origin === `http://${known}`)) {
    return `Pages of ${origin} may not come in.`
  }
  return undefined
}
