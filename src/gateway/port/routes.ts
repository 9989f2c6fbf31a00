/** What the port serves by GET besides `/health`: measurements, the protocol, the machine's chart. */
import type { IncomingMessage } from 'node:http'
import { KeptChart } from '../../chart/kept-chart.ts'
import type { Config } from '../../config.ts'
import type { Domain } from '../../domain.ts'
import { asyncApiDocument } from '../../protocol/asyncapi.ts'
import type { Runtime } from '../../runtime.ts'
import type { GatewayObserver } from '../observer.ts'
import { chartRoutes } from './chart.ts'
import { documentRoutes } from './documents.ts'
import { jsonType, type Route, type Routes } from './http.ts'
import { hasTls, type ListenOptions } from './listen.ts'

/** Gives what was measured as text. */
export interface Measured {
  readonly contentType: string
  text(): Promise<string>
  /** The same in short, as JSON. */
  pulse(): object
}

export interface RoutesOptions {
  readonly domain: Domain
  readonly config: Config
  readonly listen: ListenOptions
  readonly runtime: Runtime
  readonly metrics: Measured
  readonly observer?: GatewayObserver | undefined
}

export function routesOf(options: RoutesOptions): Routes {
  const { domain, config, listen, runtime, observer, metrics } = options
  const onFailed = observer?.chartFailed?.bind(observer)
  return {
    ...documentRoutes(listen.documents ?? {}, config, runtime),
    '/metrics': metricsRoute(metrics),
    '/pulse.json': pulseRoute(metrics),
    '/asyncapi.json': asyncApiRoute(options),
    ...chartRoutes(new KeptChart(domain.machine, { config, runtime, onFailed }), config),
  }
}

function metricsRoute(metrics: Measured): Route {
  return {
    role: 'admin',
    async answer() {
      return { status: 200, contentType: metrics.contentType, body: await metrics.text() }
    },
  }
}

function pulseRoute(metrics: Measured): Route {
  return {
    role: 'admin',
    async answer() {
      return { status: 200, contentType: jsonType, body: JSON.stringify(metrics.pulse()) }
    },
  }
}

/** Made once for each name that the server is called by; those are on a list. */
function asyncApiRoute({ domain, config, listen }: RoutesOptions): Route {
  const documents = new Map<string, string>()
  const scheme = hasTls(listen) || listen.behindProxy ? 'wss' : 'ws'
  return {
    role: null,
    async answer({ headers }: IncomingMessage) {
      const url = `${scheme}://${headers.host}/ws`
      const body = documents.get(url) ?? JSON.stringify(asyncApiDocument(domain, config, { url }))
      documents.set(url, body)
      return { status: 200, contentType: jsonType, body }
    },
  }
}
