/** All that can be seen of an actor and its snapshots, as plain data. */
import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type InspectionEvent,
} from 'xstate'

export const eventTypes = ['A', 'B', 'C', 'D', 'D.x', 'D.x.y'] as const

/** What the machine's own functions did in the run under way, in order. */
let trace: string[] = []

export function note(line: string): void {
  trace.push(line)
}

const idsOfNodes = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id)

/** All that can be seen of a snapshot, as plain data. */
export function look(snapshot: AnyMachineSnapshot): unknown {
  const { value, context, status, tags, output, error, _nodes, historyValue } = snapshot
  const can = (type: string) => {
    try {
      return snapshot.can({ type })
    } catch (error) {
      return messageOf(error)
    }
  }
  return {
    // As text, because the order of the regions counts.
    value: JSON.stringify(value),
    context,
    status,
    tags: [...tags].sort(),
    output,
    error: error === undefined ? undefined : messageOf(error),
    nodes: idsOfNodes(_nodes),
    history: Object.entries(historyValue).map(([id, nodes]) => [id, idsOfNodes(nodes ?? [])]),
    can: eventTypes.map(can),
    meta: Object.keys(snapshot.getMeta()),
    hasTag: snapshot.hasTag('red'),
    json: JSON.stringify({ ...snapshot, machine: undefined, toJSON: undefined, error: undefined }),
  }
}

/** XState and what is compiled word an endless loop in ways of their own. */
function messageOf(error: unknown): string {
  const message = String((error as Error).message)
  return message.startsWith('Infinite loop') ? 'Infinite loop' : message
}

export interface Run {
  readonly steps: readonly unknown[]
  readonly trace: readonly string[]
  readonly inspected: readonly unknown[]
  readonly emitted: readonly unknown[]
}

/** Runs an actor through events, and tells all that could be seen of it. */
export function run(machine: AnyStateMachine, events: readonly EventObject[], input?: number): Run {
  trace = []
  const inspected: unknown[] = []
  const emitted: unknown[] = []
  const inspect = (event: InspectionEvent) => inspected.push(lookAtInspection(event))
  const logger = (...args: unknown[]) => note(`log ${args.join()}`)
  const actor = createActor(machine, { id: 'one', input, inspect, logger } as never)
  actor.subscribe({ error: () => {} })
  actor.on('*', (event) => emitted.push(event))
  const steps = [look(actor.getSnapshot())]
  actor.start()
  steps.push(look(actor.getSnapshot()))
  for (const event of events) {
    // XState warns of events that an ended actor is sent.
    if (actor.getSnapshot().status !== 'active') break
    actor.send(event)
    steps.push(look(actor.getSnapshot()))
  }
  actor.stop()
  steps.push(look(actor.getSnapshot()))
  return { steps, trace, inspected, emitted }
}

function lookAtInspection(event: InspectionEvent): unknown {
  const told = event as InspectionEvent & { snapshot?: AnyMachineSnapshot; event?: EventObject }
  const { snapshot } = told
  const transitions = '_transitions' in told ? (told._transitions as readonly any[]) : []
  return {
    type: told.type,
    event: told.event?.type,
    value: snapshot && JSON.stringify(snapshot.value),
    context: snapshot?.context,
    actor: (told.actorRef as AnyActorRef).id,
    action: 'action' in told ? (told.action as object) : undefined,
    transitions: transitions.map(({ source, target, eventType }) => [
      source.id,
      target?.map(({ id }: { id: string }) => id),
      eventType,
    ]),
  }
}
