import { Argument, Command, InvalidArgumentError } from 'commander'
import { CallError } from '../client/index.ts'
import { connect } from './connect.ts'
import { print, urlOption } from './terminal.ts'

export function callCommand(): Command {
  return new Command('call')
    .description('Make one call to a running server, and print the answer as JSON.')
    .argument('<method>', 'such as order.new, order.get, events.read')
    .addArgument(
      new Argument('[params]', 'a JSON object')
        .default({}, 'an empty object')
        .argParser(jsonObject),
    )
    .addOption(urlOption())
    .option('--json', 'print the answer on one line')
    .addHelpText(
      'after',
      `
Exits with 1 where the call was refused; the error is then printed on stderr.

Examples:
  $ ordinal call order.new '{"orderId":"bob-1","currency":"USD",
      "lines":[{"sku":"widget","quantity":5,"unitPrice":1000}]}'
  $ ordinal call order.get '{"orderId":"bob-1"}'`,
    )
    .action(call)
}

async function call(
  method: string,
  params: object,
  options: { readonly url: string; readonly json?: true },
): Promise<void> {
  const show = (value: unknown) => JSON.stringify(value, null, options.json ? 0 : 2)
  const client = await connect(options.url, { reconnect: false })
  try {
    print(show(await client.call(method, params)))
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    const { code, message, data } = error
    process.stderr.write(`${show({ code, message, data })}\n`)
    process.exitCode = 1
  }
  client.close()
}

function jsonObject(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${(error as Error).message}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('It must be a JSON object, such as {"orderId":"bob-1"}.')
  }
  return value
}
