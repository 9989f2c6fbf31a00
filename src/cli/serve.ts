import { Command, Option } from 'commander'
import {
  defaultDemoFolder,
  defaultHost,
  defaultPort,
  defaults,
  demoRateDefault,
  demoRateMax,
} from '../config.ts'
import type { Engine } from '../engine.ts'
import { hasPort } from '../gateway/port/admission.ts'
import { isWildcard, type ListenOptions } from '../gateway/port/listen.ts'
import type { Logger } from '../log-lines/log-lines.ts'
import { systemRuntime } from '../runtime.ts'
import type { Demo } from './demo/demo.ts'
import { type LogLevel, logLevelOption, openLogger } from './logging.ts'
import { ReplayBar } from './replay-bar.ts'
import { onStopSignal } from './stop-signals.ts'
import {
  dataOption,
  fail,
  goOnUnheard,
  jsonOption,
  print,
  wholeNumber,
  written,
} from './terminal.ts'

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
  readonly demo?: true
  readonly demoRate: number
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
    .addOption(
      new Option(
        '--demo',
        `place made-up orders all the time, in ${defaultDemoFolder} unless --data says where`,
      ).implies({ data: defaultDemoFolder }),
    )
    .addOption(
      new Option('--demo-rate <number>', 'commands of the demo a second; it brings --demo')
        .argParser(wholeNumber(1, demoRateMax))
        .default(demoRateDefault)
        .implies({ demo: true, data: defaultDemoFolder }),
    )
    .addOption(logLevelOption())
    .addOption(jsonOption('print the ready line as JSON'))
    .addHelpText('after', help)
    .action(serve)
}

const help = `
Examples:
  $ ordinal serve --data ./shop --port 7300
  $ ordinal serve --demo --demo-rate 20`

async function serve(options: ServeOptions): Promise<void> {
  goOnUnheard()
  // Loaded when it is needed: the other commands start faster without.
  const { openEngine } = await import('../engine.ts')
  const logger = await openLogger(options.logLevel)
  const bar = new ReplayBar(process.stderr, defaults.progressAfterMs)
  const opening = openEngine({
    data: options.data,
    firstEventId: options.firstEventId,
    listen: listenOptions(options),
    logger,
    onProgress: (progress) => bar.show(progress),
    onFault: () => {
      process.exitCode = 1
      // Where it does not open, that ends the process.
      void opening.then(stop, () => {})
    },
  })
  const engine = await opening.finally(() => bar.end())
  onStopSignal(() => void stop(engine), systemRuntime)
  if (options.demo) await startDemo(engine, options.demoRate, logger)
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
    documents: { '/compare.json': comparison },
  }
}

/** Both systems are run when somebody asks: loaded then, and not before. */
async function comparison(): Promise<object> {
  const { tellStory } = await import('./compare/story.ts')
  return tellStory()
}

let demo: Demo | undefined

async function startDemo(engine: Engine, rate: number, logger: Logger): Promise<void> {
  const { Demo } = await import('./demo/demo.ts')
  if (stopping) return
  logger.warn({ rate }, 'this is a demo: made-up orders are placed, by "demo"')
  demo = new Demo({
    engine,
    rate,
    runtime: systemRuntime,
    onEnded: (error) => logger.warn({ why: String(error) }, 'the demo has ended'),
  })
}

let stopping: Promise<void> | undefined

/** Drains, closes, and ends the process. */
function stop(engine: Engine): Promise<void> {
  stopping ??= closeAndExit(engine).catch(fail)
  return stopping
}

/**
 * Ends it for certain: a log that nobody reads would keep it from ending by itself, and so would a
 * lock that LMDB is left with by a disk that failed.
 */
async function closeAndExit(engine: Engine): Promise<void> {
  const drained = new Promise<void>((resolve) => {
    systemRuntime.after(defaults.drainMs, resolve)
  })
  demo?.stop()
  await engine.close()
  await Promise.race([written(process.stderr), drained])
  process.exit()
}

/** Where clients, health checks and people find it. */
function urlsOf({ address }: Engine, { tlsCert, allowHost = [] }: ServeOptions) {
  const at = address ? authorityOf(address, allowHost) : ''
  const s = tlsCert === undefined ? '' : 's'
  const page = `http${s}://${at}/`
  return { url: `ws${s}://${at}/ws`, health: `${page}health`, console: page }
}

type Address = NonNullable<Engine['address']>

/** Host and port as a client names them. All addresses at once are none that can be opened: a name is. */
function authorityOf({ host, port }: Address, names: readonly string[]): string {
  const [name] = isWildcard(host) ? names : []
  if (name !== undefined && hasPort(name)) return name
  return `${name ?? (host.includes(':') ? `[${host}]` : host)}:${port}`
}

function readyText(engine: Engine, options: ServeOptions): string {
  const { url, health, console: page } = urlsOf(engine, options)
  const { orders } = engine.counts()
  const kept = `${orders} ${orders === 1 ? 'order' : 'orders'}, newest event ${engine.eventId}`
  const where = isWildcard(options.host) ? ', and listens on all addresses' : ''
  const made = options.demo ? ' It is a demo: its orders are made up.' : ''
  const ways = `console: ${page}, health: ${health}`
  return `Ordinal is ready at ${url} (${ways})${where}. ${options.data}: ${kept}.${made}`
}

function readyJson(engine: Engine, options: ServeOptions): string {
  return JSON.stringify({
    ready: true,
    ...urlsOf(engine, options),
    ...engine.address,
    data: options.data,
    epoch: engine.epoch,
    eventId: engine.eventId,
    orders: engine.counts().orders,
    ...(options.demo ? { demoRate: options.demoRate } : {}),
  })
}
