/** A program: clients that send the commands of the workload over WebSocket, in a closed loop. */

import { serve } from '../child.ts'
import { commandsPerOrder, type OrderPlan, planOrders } from '../workload.ts'
import { type Connection, openConnections } from './connection.ts'
import { textFrame } from './frames.ts'

export interface Job {
  readonly port: number
  readonly connections: number
  /** Frames of one connection that are not answered yet. */
  readonly framesInFlight: number
  /** 1: a call a frame. More: frames are batches of so many calls. */
  readonly callsPerFrame: number
  /** The number of the first order, and how many there are. */
  readonly from: number
  readonly orders: number
}

export interface Done {
  readonly elapsedMs: number
  /** How long each frame waited for its answer. */
  readonly latenciesMs: Float64Array
}

/** Orders that are taken through their commands together, a frame a step. */
interface Convoy {
  readonly frames: readonly Buffer[]
  readonly calls: number
  step: number
  sentAt: number
}

serve<Job, Done>(async (job, say) => {
  const convoys = convoysOf(planOrders(job.orders, job.from), job.callsPerFrame)
  const connections = await openConnections(job.port, job.connections)
  try {
    say(await run(connections, convoys, job))
  } finally {
    for (const connection of connections) connection.close()
  }
})

/** Frames are made beforehand, as in process the params are. */
function convoysOf(plans: readonly OrderPlan[], size: number): readonly Convoy[] {
  const convoys: Convoy[] = []
  for (let start = 0; start < plans.length; start += size) {
    const group = plans.slice(start, start + size)
    const frames = Array.from({ length: commandsPerOrder }, (_, step) => {
      const calls = group.map((plan, place) => {
        // The id says which convoy is answered, whichever call of it comes first.
        const id = convoys.length * size + place
        return JSON.stringify({ jsonrpc: '2.0', id, ...plan.commands[step]! })
      })
      return textFrame(size === 1 ? calls[0]! : `[${calls.join()}]`)
    })
    convoys.push({ frames, calls: group.length, step: 0, sentAt: 0 })
  }
  return convoys
}

function run(
  connections: readonly Connection[],
  convoys: readonly Convoy[],
  { framesInFlight, callsPerFrame }: Job,
): Promise<Done> {
  const latenciesMs = new Float64Array(convoys.length * commandsPerOrder)
  let next = 0
  let answered = 0
  return new Promise((resolve, reject) => {
    const began = performance.now()
    for (const connection of connections) {
      const send = (convoy: Convoy) => {
        convoy.sentAt = performance.now()
        connection.send(convoy.frames[convoy.step]!)
      }
      const take = (convoy: Convoy) => {
        const now = performance.now()
        latenciesMs[answered++] = now - convoy.sentAt
        if (answered === latenciesMs.length) resolve({ elapsedMs: now - began, latenciesMs })
        convoy.step++
        const following = convoy.step < commandsPerOrder ? convoy : convoys[next++]
        if (following) send(following)
      }
      connection.onEnd = reject
      connection.onText = (payload) => {
        if (isNotification(payload)) return
        const convoy = convoys[Math.floor(idOf(payload) / callsPerFrame)]
        if (!convoy || receiptsIn(payload) !== convoy.calls) {
          return reject(new Error(`An answer is no receipt: ${payload.toString().slice(0, 300)}`))
        }
        take(convoy)
      }
      for (let count = 0; count < framesInFlight && next < convoys.length; count++) {
        send(convoys[next++]!)
      }
    }
  })
}

const answerStart = '{"jsonrpc":"2.0","id":'
const notificationStart = Buffer.from('{"jsonrpc":"2.0","method"')
const result = Buffer.from('"result":{')
const zero = 0x30
const batchStart = 0x5b

function isNotification(payload: Buffer): boolean {
  return payload.subarray(0, notificationStart.length).equals(notificationStart)
}

/** The first id of an answer, read from its place: JSON.parse would cost more than all the rest. */
function idOf(payload: Buffer): number {
  const start = answerStart.length + (payload[0] === batchStart ? 1 : 0)
  let id = 0
  for (let at = start; payload[at]! >= zero && payload[at]! <= zero + 9; at++) {
    id = id * 10 + payload[at]! - zero
  }
  return id
}

function receiptsIn(payload: Buffer): number {
  let count = 0
  for (let at = payload.indexOf(result); at >= 0; at = payload.indexOf(result, at + 1)) count++
  return count
}
