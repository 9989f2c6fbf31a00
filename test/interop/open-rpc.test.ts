/** A client of somebody else: the OpenRPC client, with its own WebSocket transport. */
import { Client, RequestManager, WebSocketTransport } from '@open-rpc/client-js'
import { expect, it, onTestFinished } from 'vitest'
import { bob } from '../support/orders.ts'
import { expectStory, storyServer, tellStory } from './bob.ts'

function connect(url: string): Client {
  const client = new Client(new RequestManager([new WebSocketTransport(url)]))
  onTestFinished(() => client.close())
  return client
}

it('serves the OpenRPC client: Bob buys, changes 5 to 6, pays $60, and every view is told', async () => {
  const { engine, url } = await storyServer()
  const client = connect(url)
  const views: any[] = []
  const watching = new Promise<void>((resolve) => {
    client.onNotification(({ method, params }: any) => {
      if (method === 'views.snapshot' || method === 'views.next') views.push(...params.views)
      if (method === 'views.next' && params.eventId === 2003) resolve()
    })
  })
  await client.request({ method: 'views.subscribe', params: {} })
  const told = await tellStory((method, params) => client.request({ method, params }))
  expectStory(told)
  await watching
  expect(views.map(({ version }) => version)).toEqual([1, 2, 3])
  expect(views.at(-1)).toEqual(told.view)
  expect(engine.get('bob-1')).toEqual(told.view)
})

it('serves the batches of the OpenRPC client', async () => {
  const { url } = await storyServer()
  const client = connect(url)
  client.startBatch()
  const answers = Promise.all([
    client.request({ method: 'order.new', params: bob.new }),
    client.request({ method: 'order.modify', params: bob.modify }),
    client.request({ method: 'order.get', params: { orderId: 'bob-1' } }),
  ])
  // Each of its calls first waits for the connection, and only then is in the batch.
  await client.requestManager.connectPromise
  await new Promise((resolve) => setImmediate(resolve))
  client.stopBatch()
  expect(await answers).toMatchObject([{ eventId: 2001 }, { eventId: 2002 }, { version: 2 }])
})
