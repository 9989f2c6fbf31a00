import pg from 'pg'
import { HandWrittenOrders, type Store } from '../../subjects/by-hand/orders.ts'
import type { Event } from '../../subjects/by-hand/rules.ts'
import type { Subject } from '../../subjects/subject.ts'
import { openPool, type PostgresCluster } from '../servers/postgresql.ts'
import { type Append, Orders } from './orders.ts'

/** The events table by hand, and all that waits in one statement. */
export function postgresqlSubject(cluster: PostgresCluster): Subject {
  return {
    name: 'PostgreSQL by hand',
    does:
      'validates, decides with a plain function, numbers, inserts the events as JSON into a table, one ' +
      'statement on one connection for a group, two groups in turn, shows them in a Map; answers after ' +
      'the commit, which flushes',
    isDurable: true,
    async open() {
      const client = new pg.Client(await cluster.start())
      await client.connect()
      await client.query('CREATE TABLE events (event_id bigint PRIMARY KEY, event text NOT NULL)')
      const store = new GroupStore(client)
      const orders = new HandWrittenOrders(store)
      return {
        submit: orders.submit,
        async check(plans) {
          await store.load()
          await orders.check(plans)
        },
        async close() {
          await orders.close()
          await cluster.stop()
        },
      }
    },
  }
}

/** JSON has no line breaks between its strings, and none in them: a group is sent as lines. */
const insertGroup = {
  name: 'insert-group',
  text:
    'INSERT INTO events SELECT $1::bigint + at, event ' +
    "FROM unnest(string_to_array($2, E'\\n')) WITH ORDINALITY AS line (event, at)",
}

class GroupStore implements Store {
  readonly #client: pg.Client
  #loaded: readonly Event[] = []

  constructor(client: pg.Client) {
    this.#client = client
  }

  /** The client sends one statement after the other. */
  keep(events: readonly Event[]): Promise<unknown> {
    const lines = events.map((event) => JSON.stringify(event)).join('\n')
    return this.#client.query({ ...insertGroup, values: [events[0]!.eventId - 1, lines] })
  }

  /** Reads what is there, for `read`. */
  async load(): Promise<void> {
    const { rows } = await this.#client.query(
      'SELECT event_id, event FROM events ORDER BY event_id',
    )
    this.#loaded = rows.map(({ event_id, event }) => ({
      ...JSON.parse(event),
      eventId: Number(event_id),
    }))
  }

  read(): Iterable<Event> {
    return this.#loaded
  }

  close(): Promise<void> {
    return this.#client.end()
  }
}

/** Of 8, 16, 32 and 64 the fastest on two cores. */
const connections = 16

/** The events table as most have it: a statement a command, over a pool. */
export function postgresqlPoolSubject(cluster: PostgresCluster): Subject {
  return {
    name: 'PostgreSQL pool',
    does:
      'validates, decides with a plain function, inserts the event as JSON into a table that numbers ' +
      `it, a statement a command over a pool of ${connections} connections, shows it in a Map; answers ` +
      'after the commit, which flushes',
    isDurable: true,
    async open() {
      const pool = await openPool(await cluster.start(), connections)
      await pool.query(
        'CREATE TABLE events (event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ' +
          'event text NOT NULL)',
      )
      const orders = new Orders(insertInto(pool))
      return {
        submit: orders.submit,
        async check(plans) {
          const { rows } = await pool.query('SELECT event_id, event FROM events ORDER BY event_id')
          const events = rows.map(({ event_id, event }): Event => {
            return { ...JSON.parse(event), eventId: Number(event_id) }
          })
          orders.check(plans, events)
        },
        async close() {
          await pool.end()
          await cluster.stop()
        },
      }
    },
  }
}

const insertOne = {
  name: 'insert-one',
  text: 'INSERT INTO events (event) VALUES ($1) RETURNING event_id',
}

function insertInto(pool: pg.Pool): Append {
  return (event, kept, failed) => {
    pool
      .query({ ...insertOne, values: [JSON.stringify(event)] })
      .then(({ rows }) => kept(Number(rows[0].event_id)), failed)
  }
}
