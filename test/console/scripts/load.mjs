/** An engine whose orders go through their lives at a rate: `node load.mjs EVENTS_A_SECOND`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../../../dist/index.js'

const rate = Number(process.argv[2])
const openMax = 2000
const tickMs = 5

const folder = mkdtempSync(join(tmpdir(), 'ordinal-frames-'))
const engine = await openEngine({ data: folder, listen: { port: 0 } })

const line = { sku: 'widget', quantity: 5, unitPrice: 1000 }
/** What happens to an order, one after the other. */
const life = [
  (orderId) => ['order.new', { orderId, customerId: 'bob', currency: 'USD', lines: [line] }],
  (orderId) => ['order.modify', { orderId, lines: [{ sku: 'widget', quantity: 6 }] }],
  (orderId) => ['order.pay', { orderId, paymentId: 'a', amount: 1000 }],
  (orderId) => ['order.pay', { orderId, paymentId: 'b', amount: 5000 }],
  (orderId) => ['order.ship', { orderId }],
  (orderId) => ['order.deliver', { orderId }],
  (orderId) => ['order.refund', { orderId, refundId: 'r', amount: 500 }],
]

const open = []
let placed = 0
let pending = 0

/** One more event, of an order that is not asked for anything else meanwhile. */
function goOn() {
  const isNew = open.length === 0 || (open.length < openMax && Math.random() < 0.5)
  const order = isNew ? { orderId: `order-${++placed}`, step: 0 } : take()
  const [method, params] = life[order.step](order.orderId)
  pending++
  engine.submit(method, params).then((answer) => {
    pending--
    if ('refused' in answer) throw new Error(answer.message)
    order.step++
    if (order.step < life.length) open.push(order)
  })
}

function take() {
  const index = Math.floor(Math.random() * open.length)
  const order = open[index]
  open[index] = open.at(-1)
  open.pop()
  return order
}

const startedAt = performance.now()
let done = 0
const timer = setInterval(() => {
  const due = ((performance.now() - startedAt) * rate) / 1000
  // What it is too slow for is left out, and shows in the rate.
  if (due - done > rate / 10) done = due - rate / 10
  for (; done < due && pending < 4096; done++) goOn()
}, tickMs)

process.send({ port: engine.address.port })
process.on('message', async (message) => {
  if (message === 'events') return process.send({ events: engine.eventId, at: performance.now() })
  clearInterval(timer)
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
  process.exit()
})
