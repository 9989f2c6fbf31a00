import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Event } from '../../subjects/by-hand/rules.ts'
import type { Subject } from '../../subjects/subject.ts'
import { type Append, Orders, type Unnumbered } from './orders.ts'

/** The peer to respect: an events table that a team would write by hand, with all the care there is. */
export const sqliteSubject: Subject = {
  name: 'SQLite by hand',
  does:
    'validates, decides with a plain function, inserts the event as JSON into a table (better-sqlite3, ' +
    'WAL, synchronous=FULL), one transaction for all that waits, shows it in a Map; answers after the ' +
    'commit, which flushes',
  isDurable: true,
  async open(folder) {
    const table = new EventsTable(join(folder, 'events.db'))
    const orders = new Orders(table.append)
    return {
      submit: orders.submit,
      check: async (plans) => orders.check(plans, table.read()),
      close: async () => table.close(),
    }
  },
}

interface Waiting {
  readonly event: Unnumbered
  readonly kept: (eventId: number) => void
  readonly failed: (error: unknown) => void
}

/** Rows that one statement inserts: a call for each row would cost more than the row. */
const rowsAtOnce = 64
/** A process of its own has the file; nobody else is to look at it. */
const pragmas = [
  'page_size = 16384',
  'locking_mode = EXCLUSIVE',
  'journal_mode = WAL',
  'synchronous = FULL',
]

class EventsTable {
  readonly #db: Database.Database
  readonly #insertOne: Database.Statement
  readonly #insertMany: Database.Statement
  readonly #insertAll: (first: number, group: readonly Waiting[]) => void
  #waiting: Waiting[] = []
  #last = 0

  constructor(path: string) {
    this.#db = new Database(path)
    for (const pragma of pragmas) this.#db.pragma(pragma)
    this.#db.exec('CREATE TABLE events (event_id INTEGER PRIMARY KEY, event TEXT NOT NULL)')
    this.#insertOne = this.#db.prepare('INSERT INTO events VALUES (?, ?)')
    const rows = Array.from({ length: rowsAtOnce }, () => '(?, ?)').join(', ')
    this.#insertMany = this.#db.prepare(`INSERT INTO events VALUES ${rows}`)
    this.#insertAll = this.#db.transaction((first: number, group: readonly Waiting[]) => {
      let at = 0
      for (; at + rowsAtOnce <= group.length; at += rowsAtOnce) {
        const values: unknown[] = []
        for (let row = at; row < at + rowsAtOnce; row++) {
          values.push(first + row, JSON.stringify(group[row]!.event))
        }
        this.#insertMany.run(values)
      }
      for (; at < group.length; at++) {
        this.#insertOne.run(first + at, JSON.stringify(group[at]!.event))
      }
    })
  }

  readonly append: Append = (event, kept, failed) => {
    this.#waiting.push({ event, kept, failed })
    if (this.#waiting.length === 1) setImmediate(this.#commit)
  };

  /** All events there are, in their order. */
  *read(): Iterable<Event> {
    const rows = this.#db.prepare('SELECT event_id, event FROM events ORDER BY event_id').iterate()
    for (const row of rows) {
      const { event_id: eventId, event } = row as { event_id: number; event: string }
      yield { ...JSON.parse(event), eventId }
    }
  }

  close(): void {
    this.#db.close()
  }

  /** better-sqlite3 does not return before the commit is flushed: there is one group at a time. */
  readonly #commit = () => {
    const group = this.#waiting
    this.#waiting = []
    try {
      this.#insertAll(this.#last + 1, group)
    } catch (error) {
      for (const { failed } of group) failed(error)
      return
    }
    for (const { kept } of group) kept(++this.#last)
  }
}
