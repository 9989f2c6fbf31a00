/** Connects a command to a running server, and says why where there is no connection. */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import { type Client, ClientError, connect as connectTo } from '../client/index.ts'
import { printable } from './lines.ts'

/** @throws {ClientError} if there is no connection at the first try, with why in its message */
export async function connect(
  url: string,
  options: { readonly reconnect: boolean },
): Promise<Client> {
  const { WebSocket } = await import('ws')
  // From the environment: what stands on a command line, everyone on the machine can read.
  const token = process.env['ORDINAL_TOKEN']
  let why: string | undefined
  const client = connectTo(url, {
    ...options,
    ...(token ? { token } : {}),
    client: 'ordinal',
    socket: (to, protocols) => {
      const socket = new WebSocket(to, protocols)
      // A WebSocket tells nobody why it does not open; the library behind this one does.
      socket.on('error', (error) => {
        why ??= reasonOf(error)
      })
      socket.on('unexpected-response', async (_, response) => {
        why = await answerOf(response)
        socket.terminate()
      })
      return socket
    },
  })
  // The first try decides: where nobody answers, the address is more likely wrong than early.
  const failed = new Promise<never>((_, reject) => {
    client.onState(({ lost }) => {
      if (lost && !client.hello) reject(noConnection(url, why))
    })
  })
  try {
    await Promise.race([client.ready, failed])
  } catch (error) {
    const isLost = error instanceof ClientError && error.reason === 'CONNECTION_LOST'
    throw isLost ? noConnection(url, why) : error
  }
  return client
}

function noConnection(url: string, why = 'it was closed at once'): ClientError {
  const message = `There is no connection to ${url}: ${why}${/[.?]$/.test(why) ? '' : '.'}`
  return new ClientError('CONNECTION_LOST', message, { retryable: true })
}

function reasonOf(error: NodeJS.ErrnoException & { readonly reason?: string }): string {
  const { code, message, reason } = error
  switch (code) {
    case 'ECONNREFUSED':
      return 'nobody listens there (ECONNREFUSED). Is the server running?'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no host of that name (${code})`
    default:
      return code ? `${reason ?? message} (${code})` : message
  }
}

/** Characters of an answer that are shown, and read. */
const answerCharsMax = 1000

/** What the server answered instead of opening a WebSocket: the status, and its own words. */
async function answerOf(response: IncomingMessage): Promise<string> {
  const { statusCode = 0 } = response
  const status = `the server answered ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trim()
  const said = await wordsOf(response)
  return said ? `${status}: ${printable(said)}` : status
}

/** The `error` of an answer in JSON, as Ordinal's are; undefined where there is none. */
async function wordsOf(response: IncomingMessage): Promise<string | undefined> {
  let text = ''
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk
      if (text.length > answerCharsMax) break
    }
    const { error } = JSON.parse(text) as { readonly error?: unknown }
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}
