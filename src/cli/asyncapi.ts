import { Command } from 'commander'
import { defaults } from '../config.ts'
import type { Domain } from '../domain.ts'
import { jsonOption, print, urlOption } from './terminal.ts'

export function asyncapiCommand(): Command {
  return new Command('asyncapi')
    .description('Print the protocol as an AsyncAPI 3.0 document. A server has it, too.')
    .addOption(urlOption())
    .addOption(jsonOption('print it as JSON, which it is in any case'))
    .addHelpText('after', '\nExample:\n  $ ordinal asyncapi --url wss://orders.example/ws')
    .action(asyncapi)
}

async function asyncapi({ url }: { readonly url: string }): Promise<void> {
  const { orderDomain } = await import('../order/index.ts')
  const { asyncApiDocument } = await import('../protocol/asyncapi.ts')
  const document = asyncApiDocument(orderDomain as unknown as Domain, defaults, { url })
  print(JSON.stringify(document, null, 2))
}
