/** A whole engine behind a gateway, with sockets that lie in the test's hand. */
import { type Config, configure } from '../../src/config.ts'
import { type Identity, nobodyInParticular } from '../../src/gateway/auth/identity.ts'
import { Gateway, type GatewayOptions } from '../../src/gateway/gateway.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { sequencerOn, settle } from '../support/sequencer.ts'
import { FakeSocket } from './fakes.ts'

export async function wholeGateway(
  limits: Partial<Config> = {},
  options: Partial<GatewayOptions> = {},
) {
  const log = new MemoryLog({ epoch: 'this-log' })
  let gateway: Gateway | undefined
  const stages = await sequencerOn({
    log,
    limits,
    runtime: options.runtime ?? systemRuntime,
    onTell: (batch, changes) => gateway?.tell(batch, changes),
  })
  const { sequencer, submit, view, forms, domain } = stages
  const opened = new Gateway({
    stages: { domain, forms, log, view, take: sequencer.take.bind(sequencer) },
    config: configure(limits),
    runtime: systemRuntime,
    ...options,
  })
  gateway = opened
  return {
    gateway: opened,
    log,
    view,
    submit,
    connect(identity: Identity | undefined = nobodyInParticular) {
      const socket = new FakeSocket()
      socket.isTaking = true
      opened.connect(socket, identity)
      return socket
    },
    /** Makes a call on a socket, and gives what it is answered. */
    async call(socket: FakeSocket, method: string, params: object = {}) {
      const id = `${socket.sent.length}-${method}`
      socket.call(id, method, params)
      for (let turn = 0; turn < 100; turn++) {
        const answer = socket.sent.find((message) => message.id === id)
        if (answer) return answer
        await settle(1)
      }
      throw new Error(`${method} was not answered within 100 turns.`)
    },
  }
}

export const identityOf = (parts: Partial<Identity> = {}): Identity => ({
  ...nobodyInParticular,
  subject: 'someone',
  ...parts,
})
