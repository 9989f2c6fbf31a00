import { Command } from 'commander'
import type { OrderView } from '../order/index.ts'
import { viewLine } from './lines.ts'
import { connect, jsonOption, print, urlOption } from './terminal.ts'

interface WatchOptions {
  readonly url: string
  readonly order?: string
  readonly json?: true
}

export function watchCommand(): Command {
  return new Command('watch')
    .description('Show the orders of a running server as they are, then each change, a line each.')
    .option('--order <id>', 'only this order')
    .addOption(urlOption())
    .addOption(jsonOption('print each view as one line of JSON'))
    .addHelpText('after', '\nExample:\n  $ ordinal watch --order bob-1')
    .action(watch)
}

async function watch({ url, order, json }: WatchOptions): Promise<void> {
  const connection = await connect(url)
  connection.onNotification = (method, params) => {
    if (method !== 'views.snapshot' && method !== 'views.next') return
    const { views } = params as { readonly views: readonly OrderView[] }
    for (const view of views) print(json ? JSON.stringify(view) : viewLine(view))
  }
  let left = false
  process.once('SIGINT', () => {
    left = true
    connection.close()
  })
  await connection.call('views.subscribe', order === undefined ? {} : { orderId: order })
  const { code, reason } = await connection.closed
  if (left) return
  process.stderr.write(`ordinal: the server closed the connection (${code} ${reason})\n`)
  process.exitCode = 1
}
