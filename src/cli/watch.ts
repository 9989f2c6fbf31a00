import { Command } from 'commander'
import type { ClientStatus } from '../client/index.ts'
import type { OrderView } from '../order/index.ts'
import { connect } from './connect.ts'
import { viewColumns } from './lines.ts'
import { jsonOption, print, urlOption } from './terminal.ts'

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
    .addHelpText(
      'after',
      '\nComes back by itself where the connection is lost. Ctrl-C ends it.\n\nExample:\n  $ ordinal watch --order bob-1',
    )
    .action(watch)
}

async function watch({ url, order, json }: WatchOptions): Promise<void> {
  const client = await connect(url, { reconnect: true })
  process.once('SIGINT', () => client.close())
  client.onState(sayWhereItStands())
  const lines = viewColumns()
  const show = (view: OrderView) => print(json ? JSON.stringify(view) : lines.line(view))
  let isAwaited = order !== undefined
  for await (const change of client.views(order === undefined ? {} : { orderId: order })) {
    if (change.type === 'snapshot') {
      if (isAwaited && change.views.length === 0) {
        say(`there is no order ${order} yet; it is waited for`)
      }
      isAwaited = false
      lines.fit(change.views)
      for (const view of change.views) show(view)
    } else if (change.type === 'changed') show(change.view)
  }
}

const say = (text: string) => process.stderr.write(`ordinal: ${text}\n`)

/** Says on stderr when the connection is lost, once however many tries it takes, and when it is back. */
function sayWhereItStands(): (status: ClientStatus) => void {
  let isLost = false
  return ({ state, lost }) => {
    if (state === 'connecting' && !isLost) {
      isLost = true
      const why = [lost?.code, lost?.reason].filter(Boolean).join(' ')
      say(`the connection is lost (${why}), and is being made again`)
    } else if (state === 'live' && isLost) {
      isLost = false
      say('the connection is back')
    }
  }
}
