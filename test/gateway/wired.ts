/** A whole engine whose gateway is reached by real sockets, and can be asked how it stands. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Config, configure } from '../../src/config.ts'
import { nobodyInParticular } from '../../src/gateway/auth/identity.ts'
import type { GatewayOptions } from '../../src/gateway/gateway.ts'
import { WebSockets } from '../../src/gateway/port/ws.ts'
import { settle } from '../support/sequencer.ts'
import { wholeGateway } from './whole.ts'

export type Wired = Awaited<ReturnType<typeof wiredGateway>>

export async function wiredGateway(
  limits: Partial<Config> = {},
  options: Partial<GatewayOptions> = {},
) {
  const whole = await wholeGateway(limits, options)
  const webSockets = new WebSockets(configure(limits))
  const server = createServer()
  server.on('upgrade', (request, connection, head) => {
    connection.on('error', () => connection.destroy())
    webSockets.accept(request, connection, head, (socket) =>
      whole.gateway.connect(socket, nobodyInParticular),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return {
    ...whole,
    address: { host: '127.0.0.1', port },
    /** Lets the event loop turn until it is so. */
    async until(isSo: () => boolean): Promise<void> {
      while (!isSo()) await settle(1)
    },
  }
}

/** An order whose view has about 40 kB: its skus are of characters that JSON escapes. */
export const large = (orderId: string) => ({
  orderId,
  currency: 'USD',
  lines: Array.from({ length: 100 }, (_, line) => ({
    sku: `${line}`.padEnd(60, '\u0001'),
    quantity: 1000,
    unitPrice: 1000,
  })),
})
