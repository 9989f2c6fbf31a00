// Damages the checkpoint of a copy of a folder in one bit after the other, starts with it each time, and
// says what came of it: one JSON object a line, and one before each start, so that it is known at which of
// them it died. Without flips it starts once, with the folder as it is. Given events in place of flips, it
// makes the folder: a log to which each list of them is appended, with a checkpoint after each.
import { cpSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { configure } from '../../../dist/config.js'
import { openKept } from '../../../dist/engine-options.js'
import { openLogForWriting } from '../../../dist/log/lmdb-log.js'
import { orderDomain } from '../../../dist/order/index.js'
import { systemRuntime as runtime } from '../../../dist/runtime.js'
import { KeptView } from '../../../dist/view/kept-view.js'

const [sound, copy] = process.argv.slice(2)
const asked = JSON.parse(readFileSync(0, 'utf8'))
// Past the event loop, as the process may die at once.
const say = (said) => writeSync(1, `${JSON.stringify(said)}\n`)

/** Everything that a view can be asked. */
async function allOf({ view }) {
  const pages = (query) => {
    const orders = []
    let after
    do {
      const page = view.list({ ...query, limit: 50, ...(after === undefined ? {} : { after }) })
      orders.push(...page.orders)
      after = page.next
    } while (after !== undefined)
    return orders
  }
  const walk = view.changedSince(0)
  const changed = []
  while (!walk.isDone) changed.push(...walk.part(1000, 100, () => true))
  const orders = pages({})
  const each = orders.map(({ orderId }) => view.get(orderId))
  const byStatus = Object.keys(view.counts().byStatus).sort()
  const byCustomer = [...new Set(orders.map(({ customerId }) => customerId))].sort()
  return JSON.stringify({
    ...{ eventId: view.eventId, size: view.size, counts: sorted(view.counts()), orders, each },
    changed: changed.map(({ orderId, eventId }) => [orderId, eventId]),
    byStatus: byStatus.map((status) => [status, pages({ status }).map(({ orderId }) => orderId)]),
    byCustomer: byCustomer.map((customerId) => [
      customerId,
      pages({ customerId }).map(({ orderId }) => orderId),
    ]),
    at: await view.at(orders[0].orderId, view.eventId - 1),
    none: view.get('none') ?? null,
  })
}

const sorted = ({ orders, byStatus, byState }) => [
  orders,
  Object.entries(byStatus).sort(),
  Object.entries(byState).sort(),
]

async function start(data, checkpoint = true) {
  const lines = []
  const kept = await openKept({ data, checkpoint }, orderDomain, runtime)
  const made = new KeptView({
    ...kept,
    ...{ domain: orderDomain, runtime, config: configure({ checkpointMs: 1_000_000 }) },
    observer: {
      checkpointRemoved: (why) => lines.push(why),
      noCheckpoint: ({ message }) => lines.push(message),
      checkpointFailed: ({ message }) => lines.push(`failed: ${message}`),
    },
  })
  await made.rebuild(() => {})
  const close = async () => {
    await made.close()
    await kept.log.close()
  }
  return { ...made, view: made.view, lines, close }
}

/** What one start serves: all, or what kept it from that. */
async function served(data, expected) {
  const made = await start(data)
  try {
    const all = await allOf(made)
    return { served: all === expected ? 'all' : 'not what the log gives', lines: made.lines }
  } catch ({ name, message }) {
    return { met: name, message, lines: made.lines }
  } finally {
    await made.close()
  }
}

async function make(lists) {
  for (const events of lists) {
    const log = openLogForWriting({ folder: sound, domain: orderDomain.name, runtime })
    await log.append(events, log.head)
    await log.close()
    await (await start(sound)).close()
  }
  say({ changed: false })
}

const files = ['events.mdb', 'ordinal.json']
const bytesOf = (folder) => files.map((name) => readFileSync(join(folder, name), 'latin1')).join()

async function startOnce(expected) {
  const before = bytesOf(sound)
  const first = await served(sound, expected)
  const next = await served(sound, expected)
  say({ ...first, next, changed: bytesOf(sound) !== before })
}

async function startWith(flips, expected) {
  cpSync(sound, copy, { recursive: true })
  const path = join(copy, 'checkpoint.mdb')
  const checkpoint = readFileSync(path)
  const before = bytesOf(copy)
  for (const { at, bit } of flips) {
    checkpoint[at] ^= 1 << bit
    writeFileSync(path, checkpoint)
    checkpoint[at] ^= 1 << bit
    say({ at, bit })
    const first = await served(copy, expected)
    const next = first.met === undefined ? undefined : await served(copy, expected)
    say({ at, bit, ...first, next, changed: bytesOf(copy) !== before })
  }
}

/** What the log alone gives. */
async function expectedOf(data) {
  const whole = await start(data, false)
  const expected = await allOf(whole)
  await whole.close()
  return expected
}

if (asked.make) await make(asked.make)
else if (asked.flips.length === 0) await startOnce(await expectedOf(sound))
else await startWith(asked.flips, await expectedOf(sound))
