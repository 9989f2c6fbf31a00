import { jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { connect, createInbox, type NatsConnection } from '@nats-io/transport-node'
import type { Event } from '../../subjects/by-hand/rules.ts'
import type { Subject } from '../../subjects/subject.ts'
import { expect } from '../../workload.ts'
import type { NatsProgram } from '../servers/nats.ts'
import { type Append, Orders } from './orders.ts'

const stream = 'orders'

export function natsSubject(program: NatsProgram): Subject {
  return {
    name: 'NATS JetStream',
    does:
      'validates, decides with a plain function, publishes the event as JSON to a stream in a file, ' +
      'one replica, a message a command, shows it in a Map; answers when the server acknowledges, which ' +
      'it does BEFORE it flushes: a power cut loses what it acknowledged',
    isDurable: false,
    async open(folder) {
      const { port, server } = await program.start(folder)
      const connection = await connect({ servers: `127.0.0.1:${port}`, reconnect: false })
      const manager = await jetstreamManager(connection)
      await manager.streams.add({
        name: stream,
        subjects: [`${stream}.*`],
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        num_replicas: 1,
      })
      const orders = new Orders(publishTo(connection))
      return {
        submit: orders.submit,
        async check(plans) {
          const { state } = await manager.streams.info(stream)
          expect('the last sequence of the stream', state.last_seq, state.messages)
          orders.check(plans, await readAll(connection, state.messages))
        },
        async close() {
          await connection.close()
          await server.stop('SIGTERM')
        },
      }
    },
  }
}

/**
 * Publishes, and takes the acknowledgements at one subscription of its own. The client's own `publish` does
 * the same with a timer and several promises for each message.
 */
function publishTo(connection: NatsConnection): Append {
  const inbox = createInbox()
  const waiting = new Map<
    string,
    { kept: (eventId: number) => void; failed: (e: unknown) => void }
  >()
  let published = 0
  connection.subscribe(`${inbox}.*`, {
    callback(error, message) {
      const { kept, failed } = waiting.get(message.subject)!
      waiting.delete(message.subject)
      const text = message.string()
      const answer = text === '' ? { error: 'no stream takes it' } : JSON.parse(text)
      if (error ?? answer.error) failed(error ?? new Error(JSON.stringify(answer.error)))
      else kept(answer.seq)
    },
  })
  connection.closed().then(() => {
    for (const { failed } of waiting.values()) failed(new Error('The NATS server went away.'))
  })
  return (event, kept, failed) => {
    const reply = `${inbox}.${++published}`
    waiting.set(reply, { kept, failed })
    connection.publish(`${stream}.${event.orderId}`, JSON.stringify(event), { reply })
  }
}

async function readAll(connection: NatsConnection, count: number): Promise<readonly Event[]> {
  const events: Event[] = []
  const consumer = await jetstream(connection).consumers.get(stream)
  const messages = await consumer.consume()
  for await (const message of messages) {
    events.push({ ...message.json<Event>(), eventId: message.seq })
    if (events.length === count) break
  }
  await messages.close()
  return events
}
