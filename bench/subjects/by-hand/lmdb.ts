import { join } from 'node:path'
import { open } from 'lmdb'
import type { Subject } from '../subject.ts'
import { HandWrittenOrders, type Store } from './orders.ts'
import type { Event } from './rules.ts'

/** The peer to respect: what a team would write by hand on LMDB, with all the care there is. */
export const byHandSubject: Subject = {
  name: 'by hand',
  does:
    'validates, decides with a plain function, numbers, appends the event as JSON to LMDB (an entry ' +
    'an event, two groups in turn), shows it in a Map; no actors, no machine; answers after the flush',
  isDurable: true,
  open: async (folder) => new HandWrittenOrders(new LmdbStore(folder)),
}

class LmdbStore implements Store {
  readonly #db

  constructor(folder: string) {
    const path = join(folder, 'events.mdb')
    this.#db = open<Buffer, number>({ path, encoding: 'binary', overlappingSync: false })
  }

  /**
   * lmdb-js writes what is put in one turn of the event loop in one transaction. The texts of a group
   * are made into bytes in one go, which is a good deal faster than one by one.
   */
  keep(events: readonly Event[]): Promise<unknown> {
    const texts = events.map((event) => JSON.stringify(event))
    const text = texts.join('')
    const bytes = Buffer.from(text)
    const isAscii = bytes.length === text.length
    let kept: Promise<unknown> = Promise.resolve()
    let at = 0
    for (const [index, { eventId }] of events.entries()) {
      const one = texts[index]!
      const length = isAscii ? one.length : Buffer.byteLength(one)
      const value = bytes.subarray(at, at + length)
      at += length
      // The types of lmdb-js leave out the options that a put takes.
      kept = this.#db.put(eventId, value, { append: true } as never)
    }
    return kept
  }

  *read(): Iterable<Event> {
    for (const { value } of this.#db.getRange()) yield JSON.parse(value.toString())
  }

  close(): Promise<void> {
    return this.#db.close()
  }
}
