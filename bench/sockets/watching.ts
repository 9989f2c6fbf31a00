/** A program: sockets that watch all views, and say of each change when all of them have it. */
import { serve } from '../child.ts'
import { type Connection, openConnections } from './connection.ts'
import { textFrame } from './frames.ts'

export type Told = { readonly watch: Watch } | { readonly end: true }

export interface Watch {
  readonly port: number
  readonly watchers: number
  /** The text of the call that subscribes. */
  readonly call: string
}

/** `ready` once all watch; `text` of each change once all have it; `left` once they have gone. */
export type Heard = { readonly ready: true } | { readonly text: string } | { readonly left: true }

let connections: readonly Connection[] = []

serve<Told, Heard>(async (told, say, fail) => {
  if ('end' in told) {
    for (const connection of connections) connection.close()
    connections = []
    return say({ left: true })
  }
  const { port, watchers, call } = told.watch
  connections = await openConnections(port, watchers)
  await watch(connections, textFrame(call), (text) => say({ text }), fail)
  say({ ready: true })
})

const answered = Buffer.from('{"jsonrpc":"2.0","id":1,"result":')
const changed = Buffer.from('{"jsonrpc":"2.0","method":"views.next"')

/** Resolves when the calls are answered. Each watcher must get the same bytes, in the same order. */
function watch(
  connections: readonly Connection[],
  call: Buffer,
  say: (text: string) => void,
  fail: (error: Error) => void,
): Promise<void> {
  let subscribed = 0
  /** The changes that not all have yet: the first one's bytes, and how many have them. */
  const open: { readonly bytes: Buffer; have: number }[] = []
  let done = 0
  return new Promise((resolve) => {
    for (const connection of connections) {
      let seen = 0
      connection.onEnd = fail
      connection.onText = (payload) => {
        if (begins(payload, answered)) {
          subscribed++
          if (subscribed === connections.length) resolve()
          return
        }
        if (!begins(payload, changed)) return
        open[seen - done] ??= { bytes: Buffer.from(payload), have: 0 }
        const change = open[seen - done]!
        seen++
        change.have++
        if (!change.bytes.equals(payload)) return fail(new Error('Watchers got different bytes.'))
        if (change.have < connections.length) return
        open.shift()
        done++
        say(change.bytes.toString())
      }
      connection.send(call)
    }
  })
}

function begins(payload: Buffer, start: Buffer): boolean {
  return payload.subarray(0, start.length).equals(start)
}
