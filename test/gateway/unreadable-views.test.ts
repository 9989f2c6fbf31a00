import { expect, it, onTestFinished, vi } from 'vitest'
import { openEngine } from '../../src/engine.ts'
import { CheckpointDamagedError } from '../../src/errors.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { OrderView } from '../../src/view/order-view.ts'
import { bob } from '../support/orders.ts'
import { connect } from '../support/rpc.ts'

it('a watcher whose views cannot be read is told so and left, and all others go on', async () => {
  const errors: object[] = []
  const nothing = () => {}
  const engine = await openEngine({
    log: new MemoryLog(),
    listen: { host: '127.0.0.1', port: 0 },
    logger: {
      ...{ debug: nothing, info: nothing, warn: nothing },
      error: (fields, message) => errors.push({ ...fields, message }),
    },
  })
  onTestFinished(() => engine.close())
  await engine.submit('order.new', bob.new)
  const [unlucky, other] = [await connect(engine.address), await connect(engine.address)]
  await other.call('views.subscribe')
  vi.spyOn(OrderView.prototype, 'part').mockImplementationOnce(() => {
    throw new CheckpointDamagedError('checkpoint.mdb', 'record 1')
  })
  onTestFinished(() => void vi.restoreAllMocks())
  unlucky.send({ jsonrpc: '2.0', id: 1, method: 'views.subscribe' })
  expect(await unlucky.closed).toEqual({ code: 1011, reason: 'the log could not be read' })
  expect(errors).toMatchObject([
    { error: 'CheckpointDamagedError', message: 'a socket could not be served' },
  ])
  await other.call('order.modify', bob.modify)
  await other.find((message) => 'method' in message && message.method === 'views.next')
})
