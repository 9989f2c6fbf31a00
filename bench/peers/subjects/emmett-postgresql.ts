import {
  getPostgreSQLEventStore,
  type PostgresEventStore,
} from '@event-driven-io/emmett-postgresql'
import type { Subject } from '../../subjects/subject.ts'
import { openPool, type PostgresCluster } from '../servers/postgresql.ts'
import { eventOf, messageColumns, messageOf } from './emmett.ts'
import { type Append, Orders } from './orders.ts'

/** Of 8, 16, 32 and 64 the fastest on two cores, with a tie at 8. */
const connections = 16

/** Emmett's PostgreSQL store at its fastest. */
export function emmettPostgresqlSubject(cluster: PostgresCluster): Subject {
  return {
    name: 'Emmett PostgreSQL',
    does:
      'validates, decides with a plain function, appends the event to the stream of the order with ' +
      `Emmett, at a known version, over a pool of ${connections} connections, shows it in a Map; answers ` +
      'after the commit, which flushes',
    isDurable: true,
    async open() {
      const { connectionString, ...config } = await cluster.start()
      const pool = await openPool(config, connections)
      const events = getPostgreSQLEventStore(connectionString, { connectionOptions: { pool } })
      await events.schema.migrate()
      const orders = new Orders(appendTo(events))
      return {
        submit: orders.submit,
        async check(plans) {
          const select = `SELECT ${messageColumns} FROM emt_messages ORDER BY global_position`
          const { rows } = await pool.query(select)
          orders.check(plans, rows.map(eventOf))
        },
        async close() {
          await events.close()
          await pool.end()
          await cluster.stop()
        },
      }
    },
  }
}

function appendTo(events: PostgresEventStore): Append {
  return (event, kept, failed) => {
    events
      .appendToStream(event.orderId, [messageOf(event)], {
        expectedStreamVersion: BigInt(event.version - 1),
      })
      .then(({ lastEventGlobalPosition }) => kept(Number(lastEventGlobalPosition)), failed)
  }
}
