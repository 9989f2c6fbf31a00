import { join } from 'node:path'
import {
  getSQLiteEventStore,
  type SQLiteConnection,
  type SQLiteEventStore,
  sqliteConnection,
} from '@event-driven-io/emmett-sqlite'
import { HandWrittenOrders, type Store } from '../../subjects/by-hand/orders.ts'
import type { Event } from '../../subjects/by-hand/rules.ts'
import type { Subject } from '../../subjects/subject.ts'
import { expect } from '../../workload.ts'
import { eventOf, type MessageRow, messageColumns, messageOf } from './emmett.ts'

/** Emmett's SQLite store at its fastest. */
export const emmettSqliteSubject: Subject = {
  name: 'Emmett SQLite',
  does:
    'validates, decides with a plain function, appends the event to the stream of the order with ' +
    "Emmett, at a known version, on one open connection, inside one transaction of Emmett's for all " +
    'that waits (WAL, synchronous=FULL), shows it in a Map; answers after the commit, which flushes',
  isDurable: true,
  async open(folder) {
    const fileName = join(folder, 'events.db')
    const connection = sqliteConnection({ fileName })
    await connection.command('PRAGMA synchronous = FULL')
    const connectionOptions = { singleton: true, connection } as const
    const events = getSQLiteEventStore({ fileName, connectionOptions })
    await events.schema.migrate()
    const store = new GroupedAppends(connection, events)
    const orders = new HandWrittenOrders(store)
    return {
      submit: orders.submit,
      async check(plans) {
        await store.load()
        await orders.check(plans)
      },
      close: () => orders.close(),
    }
  },
}

class GroupedAppends implements Store {
  readonly #connection: SQLiteConnection
  readonly #events: SQLiteEventStore
  #last: Promise<unknown> = Promise.resolve()
  #loaded: readonly Event[] = []

  constructor(connection: SQLiteConnection, events: SQLiteEventStore) {
    this.#connection = connection
    this.#events = events
  }

  /**
   * One group after the other: appends that overlap on one connection share a transaction, and all but
   * the first to begin are acknowledged before it is committed. Here it is this method's, and nothing is
   * answered before it has ended.
   */
  keep(group: readonly Event[]): Promise<unknown> {
    this.#last = this.#last.then(() =>
      this.#connection.withTransaction(async () => {
        for (const event of group) await this.#append(event)
      }),
    )
    return this.#last
  }

  async load(): Promise<void> {
    const select = `SELECT ${messageColumns} FROM emt_messages ORDER BY global_position`
    const rows = await this.#connection.query<Record<keyof MessageRow, string>>(select)
    this.#loaded = rows.map((row) => {
      const message_data = JSON.parse(row.message_data)
      return eventOf({ ...row, message_data, message_metadata: JSON.parse(row.message_metadata) })
    })
  }

  read(): Iterable<Event> {
    return this.#loaded
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {})
    this.#connection.close()
  }

  async #append(event: Event): Promise<void> {
    const { lastEventGlobalPosition } = await this.#events.appendToStream(
      event.orderId,
      [messageOf(event)],
      { expectedStreamVersion: BigInt(event.version - 1) },
    )
    expect('the global position of an event', Number(lastEventGlobalPosition), event.eventId)
  }
}
