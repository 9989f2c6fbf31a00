/** A client of somebody else: json-rpc-2.0, bound to a socket as its README binds it to anything. */
import { JSONRPCClient, JSONRPCServer, JSONRPCServerAndClient } from 'json-rpc-2.0'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { expectStory, storyServer, tellStory } from './bob.ts'

it('serves json-rpc-2.0: Bob buys, changes 5 to 6, pays $60, and every view is told', async () => {
  const { engine, url } = await storyServer()
  const socket = new WebSocket(url)
  onTestFinished(() => socket.terminate())
  const peer = new JSONRPCServerAndClient(
    new JSONRPCServer(),
    new JSONRPCClient((request) => socket.send(JSON.stringify(request))),
  )
  socket.on('message', (data) => void peer.receiveAndSend(JSON.parse(data.toString())))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))

  const views: any[] = []
  const watching = new Promise<void>((resolve) => {
    peer.addMethod('views.snapshot', (params: any) => void views.push(...params.views))
    peer.addMethod('views.next', (params: any) => {
      views.push(...params.views)
      if (params.eventId === 2003) resolve()
    })
  })
  await peer.request('views.subscribe', {})
  const told = await tellStory((method, params) => Promise.resolve(peer.request(method, params)))
  expectStory(told)
  await watching
  expect(views.map(({ version }) => version)).toEqual([1, 2, 3])
  expect(views.at(-1)).toEqual(told.view)
  expect(engine.get('bob-1')).toEqual(told.view)
})
