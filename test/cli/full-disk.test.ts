import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { ownMounts } from '../log/children.ts'
import { serveWithin } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type Answer, connect, type RpcClient } from '../support/rpc.ts'
import { logOf, shop } from '../upkeep/logs.ts'

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

it('stands many commands at once where its disk is full, and leaves its checkpoints out meanwhile', async (context) => {
  const place = temporaryFolder()
  const preload = pathToFileURL(join(import.meta.dirname, '../support/frequent-checkpoints.mjs'))
  // What is reserved is given back at the end, so that there is room then, whoever took the rest.
  const mounting =
    'mount -t tmpfs -o size=20m tmpfs "$0" && head -c 8m /dev/zero > "$0/reserve" && ' +
    `NODE_OPTIONS="--import=${preload}" exec "$@"`
  const within = [...ownMounts(context), 'sh', '-c', mounting, place]
  const server = await serveWithin({ within }, join(place, 'data'))
  const client = await connect(server.address)
  let refusals = 0
  let placed = 0
  const hammer = async (name: string) => {
    for (let index = 0; refusals < 5000; index++) {
      const orderId = `${name}-${index}`
      const { result, error } = await client.call('order.new', { orderId, currency: 'USD', lines })
      if (result) placed++
      else {
        expect(error?.data).toMatchObject({ reason: 'STORAGE_FULL' })
        refusals++
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, (_, index) => hammer(`hammer-${index}`)))
  await server.said((line) => line.includes('a checkpoint could not be written'))
  rmSync(join(`/proc/${server.process.pid}/root`, place, 'reserve'))
  const after = await client.call('order.new', { orderId: 'after', currency: 'USD', lines })
  expect(after.result).toMatchObject({ eventId: placed + 1 })
  server.process.kill('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
})

it('opens on a disk that is full, and says that there is no checkpoint', async (context) => {
  const place = temporaryFolder()
  const data = await logOf(shop(60))
  const mounting =
    'mount -t tmpfs -o size=2m tmpfs "$0" && cp -r "$1" "$0/data" && shift && ' +
    '{ dd if=/dev/zero of="$0/filler" bs=4096 2>/dev/null || true; } && exec "$@"'
  const within = [...ownMounts(context), 'sh', '-c', mounting, place, data]
  const server = await serveWithin({ within }, join(place, 'data'))
  const why = JSON.parse(await server.said((line) => line.includes('there is no checkpoint')))
  expect(why).toMatchObject({
    level: 'error',
    why: expect.stringContaining('there is no room for it'),
  })
  const client = await connect(server.address)
  expect((await client.call('order.list', {})).result.orders).toHaveLength(20)
  const refused = await client.call('order.new', { currency: 'USD', lines })
  expect(refused.error?.data).toMatchObject({ reason: 'STORAGE_FULL' })
  rmSync(join(`/proc/${server.process.pid}/root`, place, 'filler'))
  const placed = await client.call('order.new', { orderId: 'after', currency: 'USD', lines })
  expect(placed.result).toMatchObject({ eventId: 61 })
  server.process.kill('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
})
