import { Command } from 'commander'
import { defaultHost, defaultPort, defaults } from '../config.ts'
import type { Engine } from '../engine.ts'
import { ReplayBar } from './replay-bar.ts'
import { dataOption, fail, jsonOption, print, wholeNumber } from './terminal.ts'

interface ServeOptions {
  readonly data: string
  readonly host: string
  readonly port: number
  readonly firstEventId?: number
  readonly json?: true
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('Take orders: open the log of a folder, and serve WebSocket clients.')
    .addOption(dataOption())
    .option('--host <address>', 'the address to listen on', defaultHost)
    .option('--port <number>', 'the port; 0 for a free one', wholeNumber(0, 65535), defaultPort)
    .option('--first-event-id <id>', 'the eventId that a new log begins with', wholeNumber(1))
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
    listen: { host: options.host, port: options.port },
    onProgress: (progress) => bar.show(progress),
    onFault: (fault) => {
      process.exitCode = 1
      process.stderr.write(`ordinal: the writer stopped: ${fault.message}\n`)
      void stop(engine)
    },
  }).finally(() => bar.end())
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // A second signal finds no handler, and ends the process at once.
    process.once(signal, () => void stop(engine))
  }
  print(options.json ? readyJson(engine, options.data) : readyText(engine, options.data))
}

let stopping: Promise<void> | undefined

/** Drains and closes; the process then ends by itself, with nothing left to do. */
function stop(engine: Engine): Promise<void> {
  stopping ??= engine.close().catch(fail)
  return stopping
}

function addressOf(engine: Engine): string {
  const { host, port } = engine.address ?? {}
  return `${host?.includes(':') ? `[${host}]` : host}:${port}`
}

function readyText(engine: Engine, data: string): string {
  const at = addressOf(engine)
  const { orders } = engine.counts()
  const kept = `${orders} ${orders === 1 ? 'order' : 'orders'}, newest event ${engine.eventId}`
  return `Ordinal is ready at ws://${at}/ws (health: http://${at}/health). ${data}: ${kept}.`
}

function readyJson(engine: Engine, data: string): string {
  const at = addressOf(engine)
  return JSON.stringify({
    ready: true,
    url: `ws://${at}/ws`,
    health: `http://${at}/health`,
    data,
    epoch: engine.epoch,
    eventId: engine.eventId,
    orders: engine.counts().orders,
  })
}
