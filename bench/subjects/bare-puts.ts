import { join } from 'node:path'
import { open } from 'lmdb'
import { openEngine } from '../../src/engine.ts'
import { encodeEntry } from '../../src/log/codec.ts'
import { MemoryLog } from '../../src/log/memory-log.ts'
import { commandsPerOrder, expect, type Method, planOrders } from '../workload.ts'
import type { Subject } from './subject.ts'

/**
 * The least that durability costs with LMDB from Node: the encoded event of each command as an entry
 * of its own, appended at the end, and nothing decided, numbered by order, or shown.
 */
export const barePutsSubject: Subject = {
  name: 'bare puts',
  does:
    'puts the bytes of the encoded event into LMDB (one appended put a command, committed in ' +
    'groups); decides and keeps nothing else; answers after the flush',
  isDurable: true,
  async open(folder) {
    const encoded = await encodeEvents()
    const db = open<Buffer, number>({
      path: join(folder, 'puts.mdb'),
      encoding: 'binary',
      overlappingSync: false,
    })
    let last = 0
    return {
      // The types of lmdb-js leave out the options that a put takes.
      submit: ({ method }) => db.put(++last, encoded.get(method)!, { append: true } as never),
      async check(plans) {
        const counts = new Map<string, number>()
        let entries = 0
        for (const { key, value } of db.getRange()) {
          expect('the key of an entry', key, ++entries)
          const bytes = value.toString('latin1')
          counts.set(bytes, (counts.get(bytes) ?? 0) + 1)
        }
        expect('the number of entries', entries, plans.length * commandsPerOrder)
        for (const [method, bytes] of encoded) {
          const count = counts.get(bytes.toString('latin1'))
          expect(`the number of entries for ${method}`, count, plans.length)
        }
      },
      close: () => db.close(),
    }
  },
}

/** What one more event adds to an entry of the engine's log, taken from an engine. */
export async function encodeEvents(): Promise<ReadonlyMap<Method, Buffer>> {
  const log = new MemoryLog()
  const engine = await openEngine({ log })
  const encoded = new Map<Method, Buffer>()
  for (const { method, params } of planOrders(1)[0]!.commands) {
    await engine.submit(method, params)
    for await (const [event] of log.read(log.head)) {
      const alone = encodeEntry([event!]).length
      encoded.set(method, encodeEntry([event!, event!]).subarray(alone))
    }
  }
  await engine.close()
  return encoded
}
