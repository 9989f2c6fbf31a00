import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ownMounts } from '../log/children.ts'
import { serveWithin } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type Answer, connect, type RpcClient } from '../support/rpc.ts'

const lines = Array.from({ length: 100 }, (_, index) => ({
  sku: `${'widget'.repeat(10)}${index}`,
  quantity: 1,
  unitPrice: 100,
}))

/** Places orders until one is refused, and returns the ids of those that were not, and that refusal. */
async function placeUntilRefused(client: RpcClient, prefix: string) {
  const placed: string[] = []
  for (;;) {
    const orderId = `${prefix}-${placed.length}`
    const answer = await client.call('order.new', { orderId, currency: 'USD', lines })
    if (answer.error) return { placed, refused: answer }
    placed.push(orderId)
  }
}

it('goes on showing orders where its disk is full, and takes commands again when there is room', async (context) => {
  const place = temporaryFolder()
  const mounting = 'mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"'
  const within = [...ownMounts(context), 'sh', '-c', mounting, place]
  const server = await serveWithin({ within }, join(place, 'data'))
  // Nobody sees the disk but the server, and who looks through its eyes.
  const seen = join(`/proc/${server.process.pid}/root`, place)
  const filler = join(seen, 'filler')
  const client = await connect(server.address)
  const watcher = await connect(server.address)
  await watcher.call('views.subscribe')
  const watched = () =>
    watcher
      .notifications('views.next')
      .flatMap(({ params }) => params.views.map(({ orderId }: { orderId: string }) => orderId))

  const first = await client.call('order.new', { orderId: 'first', currency: 'USD', lines })
  expect(first.result).toMatchObject({ eventId: 1 })
  const { bavail, bsize } = statfsSync(seen)
  writeFileSync(filler, Buffer.alloc(bavail * bsize, 1))
  const { placed, refused } = await placeUntilRefused(client, 'before')
  const isFull = expect.objectContaining({
    reason: 'STORAGE_FULL',
    outcome: 'not_applied',
    retryable: true,
  })
  expect(refused.error?.data).toEqual(isFull)

  // It stays so, for everybody, while all that there is is shown.
  const late = await connect(server.address)
  const again: Answer = await late.call('order.new', { orderId: 'late', currency: 'USD', lines })
  expect(again.error?.data).toEqual(isFull)
  expect((await late.call('order.get', { orderId: 'first' })).result).toMatchObject({ version: 1 })
  expect((await late.call('order.history', { orderId: 'first' })).result.events).toHaveLength(1)
  expect((await late.call('order.list', { limit: 1000 })).result.orders).toHaveLength(
    placed.length + 1,
  )

  rmSync(filler)
  const after = await late.call('order.new', { orderId: 'after', currency: 'USD', lines })
  expect(after.result).toMatchObject({ eventId: placed.length + 2 })
  await expect.poll(watched).toEqual(['first', ...placed, 'after'])

  // And so the second time, with nothing in the way but the log itself.
  const more = await placeUntilRefused(client, 'more')
  expect(more.refused.error?.data).toEqual(isFull)
  expect(more.placed.length).toBeGreaterThan(0)
  await expect.poll(watched).toEqual(['first', ...placed, 'after', ...more.placed])
  server.process.kill('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
})
