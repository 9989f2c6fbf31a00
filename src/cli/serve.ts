import { Command } from 'commander'
import { defaultHost, defaultPort, defaults } from '../config.ts'
import type { Engine } from '../engine.ts'
import type { ListenOptions } from '../gateway/port/listen.ts'
import { type LogLevel, logLevelOption, openLogger } from './logging.ts'
import { ReplayBar } from './replay-bar.ts'
import { dataOption, fail, jsonOption, print, wholeNumber } from './terminal.ts'

interface ServeOptions {
  readonly data: string
  readonly host: string
  readonly port: number
  readonly firstEventId?: number
  readonly logLevel: LogLevel
  readonly json?: true
  readonly tokens?: string
  readonly jwtSecret?: string
  readonly jwks?: string
  readonly jwtIssuer?: string
  readonly jwtAudience?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly behindProxy?: true
  readonly origin?: readonly string[]
  readonly allowHost?: readonly string[]
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Take orders: open the log of a folder, and serve WebSocket clients.')
    .addOption(dataOption())
    .option('--host <address>', 'the address to listen on', defaultHost)
    .option('--port <number>', 'the port; 0 for a free one', wholeNumber(0, 65535), defaultPort)
    .option('--first-event-id <id>', 'the eventId that a new log begins with', wholeNumber(1))
    .option('--tokens <file>', 'ask for tokens: a JSON array of {token, subject, roles, …}')
    .option('--jwt-secret <file>', 'take JWTs signed with HS256 by the secret in this file')
    .option('--jwks <file>', 'take JWTs signed by one of the keys in this JWKS file')
    .option('--jwt-issuer <name>', 'the iss that JWTs must have')
    .option('--jwt-audience <name>', 'the aud that JWTs must have')
    .option('--tls-cert <file>', 'serve over TLS: the certificate and its chain, in PEM')
    .option('--tls-key <file>', 'the private key of the certificate, in PEM')
    .option('--behind-proxy', 'a proxy stands before it, has TLS, and passes the Host header on')
    .option('--origin <origin...>', "origins whose pages may come in, besides the server's own")
    .option(
      '--allow-host <host...>',
      'names of this server in the Host header; its port may be left out',
    )
    .addOption(logLevelOption())
    .addOption(jsonOption('print the ready line as JSON'))
    .addHelpText('after', '\nExample:\n  $ ordinal serve --data ./shop --port 7300')
    .action(serve)
}

async function serve(options: ServeOptions): Promise<void> {
  // Loaded when it is needed: the other commands start faster without.
  const { openEngine } = await import('../engine.ts')
  const bar = new ReplayBar(process.stderr, defaults.progressAfterMs)
  const engine = await openEngine({
    data: options.data,
    firstEventId: options.firstEventId,
    listen: listenOptions(options),
    logger: await openLogger(options.logLevel),
    onProgress: (progress) => bar.show(progress),
    onFault: () => {
      // A disk that failed can leave LMDB with a lock that keeps the process from ending by itself.
      void stop(engine).finally(() => process.exit(1))
    },
  }).finally(() => bar.end())
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // A second signal finds no handler, and ends the process at once.
    process.once(signal, () => void stop(engine))
  }
  print(options.json ? readyJson(engine, options) : readyText(engine, options))
}

function listenOptions(options: ServeOptions): ListenOptions {
  return {
    host: options.host,
    port: options.port,
    tokensFile: options.tokens,
    jwtSecretFile: options.jwtSecret,
    jwksFile: options.jwks,
    jwtIssuer: options.jwtIssuer,
    jwtAudience: options.jwtAudience,
    tlsCertFile: options.tlsCert,
    tlsKeyFile: options.tlsKey,
    behindProxy: options.behindProxy,
    origins: options.origin,
    hosts: options.allowHost,
  }
}

let stopping: Promise<void> | undefined

/** Drains and closes; the process then ends by itself, with nothing left to do. */
function stop(engine: Engine): Promise<void> {
  stopping ??= engine.close().catch(fail)
  return stopping
}

/** Where clients and health checks find it. */
function urlsOf(engine: Engine, { tlsCert }: ServeOptions): { url: string; health: string } {
  const { host, port } = engine.address ?? {}
  const at = `${host?.includes(':') ? `[${host}]` : host}:${port}`
  const s = tlsCert === undefined ? '' : 's'
  return { url: `ws${s}://${at}/ws`, health: `http${s}://${at}/health` }
}

function readyText(engine: Engine, options: ServeOptions): string {
  const { url, health } = urlsOf(engine, options)
  const { orders } = engine.counts()
  const kept = `${orders} ${orders === 1 ? 'order' : 'orders'}, newest event ${engine.eventId}`
  return `Ordinal is ready at ${url} (health: ${health}). ${options.data}: ${kept}.`
}

function readyJson(engine: Engine, options: ServeOptions): string {
  return JSON.stringify({
    ready: true,
    ...urlsOf(engine, options),
    data: options.data,
    epoch: engine.epoch,
    eventId: engine.eventId,
    orders: engine.counts().orders,
  })
}
