import { expect, it } from 'vitest'
import { connect, type RpcClient } from '../support/rpc.ts'
import { openDoor } from './auth/door.ts'

/** Sends a text in so many parts. */
function inParts(client: RpcClient, text: string, parts: number): void {
  const size = Math.ceil(text.length / parts)
  for (let part = 0; part < parts; part++) {
    const fin = part === parts - 1
    client.socket.send(text.slice(part * size, (part + 1) * size), { binary: false, fin })
  }
}

it('takes a message in as many parts as it may have, and closes with 1008 at one more', async () => {
  const door = await openDoor({ limits: { fragmentsMax: 3 } })
  const client = await connect(door.address)
  inParts(client, '{"a":1}', 3)
  await door.hears(1)
  expect(door.heard).toEqual(['{"a":1}'])
  inParts(client, '{"b":22}', 4)
  expect(await client.closed).toMatchObject({ code: 1008 })
  expect(door.heard).toEqual(['{"a":1}'])
})
