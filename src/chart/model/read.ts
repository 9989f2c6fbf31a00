/** From an XState machine to its chart. */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import type { Chart, ChartEdge, ChartState, Trigger } from './model.ts'
import { actionName, guardName } from './names.ts'

type Transition = AnyStateNode['always'] extends (infer T)[] | undefined ? T : never

/**
 * The chart of a machine: all of its states and transitions, whether or not Ordinal can run it. The
 * same machine gives the same chart.
 */
export function chartOf(machine: AnyStateMachine): Chart {
  const root = machine.root as AnyStateNode
  const nodes = withInner(root)
  const ids = idsOf(nodes)
  const edgeId = uniquely()
  return {
    machine: machine.id,
    states: nodes.map((node) => stateOf(node, ids)),
    edges: nodes.flatMap((node) => edgesOf(node, ids, edgeId)),
  }
}

/** A node, and all that are in it: parents before their children. */
function withInner(node: AnyStateNode): readonly AnyStateNode[] {
  return [node, ...(Object.values(node.states) as AnyStateNode[]).flatMap(withInner)]
}

type Ids = ReadonlyMap<AnyStateNode, string>

function idsOf(nodes: readonly AnyStateNode[]): Ids {
  const unique = uniquely()
  return new Map(nodes.map((node) => [node, unique(node.path.join('.'))]))
}

/** Gives back what it is given, or where that was given before, what follows a `~` made different. */
function uniquely(): (id: string) => string {
  const taken = new Set<string>()
  return (id) => {
    let free = id
    for (let count = 2; taken.has(free); count++) free = `${id}~${count}`
    taken.add(free)
    return free
  }
}

function stateOf(node: AnyStateNode, ids: Ids): ChartState {
  const { config, parent } = node
  return {
    id: ids.get(node)!,
    name: node.key,
    path: [...node.path],
    parent: parent ? ids.get(parent)! : null,
    type: node.type,
    history: node.type === 'history' ? node.history || 'shallow' : null,
    initial: initialOf(node, ids),
    // As the config has them: to its own list XState adds what starts and stops timers.
    entry: listOf(config.entry).map(actionName),
    exit: listOf(config.exit).map(actionName),
    invokes: node.invoke.map(({ id, src }) => ({ id, src: sourceName(src) })),
    tags: [...node.tags],
    description: node.description ?? null,
  }
}

function initialOf(node: AnyStateNode, ids: Ids): ChartState['initial'] {
  const target = node.type === 'compound' ? node.initial.target[0] : undefined
  if (!target) return null
  return { target: ids.get(target)!, actions: node.initial.actions.map(actionName) }
}

/** What is invoked; XState makes up a name where it was given none. */
function sourceName(src: unknown): string {
  const name = String(src)
  return name.startsWith('xstate.invoke.') ? 'inline' : name
}

function edgesOf(node: AnyStateNode, ids: Ids, edgeId: (id: string) => string): ChartEdge[] {
  const found = transitionsOf(node).map(([transition, index]) =>
    edgeOf(node, transition, index, ids),
  )
  return [...found, ...historyDefault(node, ids)].map((edge) => ({ ...edge, id: edgeId(edge.id) }))
}

/** Each with its number among those of its event. */
function transitionsOf(node: AnyStateNode): readonly (readonly [Transition, number])[] {
  const all = [...node.transitions.values(), node.always ?? []]
  return all.flatMap((transitions) =>
    transitions.map((transition, index) => [transition, index] as const),
  )
}

/** The ids that the chart of a machine has for the machine's own transitions. */
export function edgeIdsOf(machine: AnyStateMachine): ReadonlyMap<object, string> {
  const nodes = withInner(machine.root as AnyStateNode)
  const edges = chartOf(machine).edges.filter(({ trigger }) => trigger !== 'history')
  const transitions = nodes.flatMap(transitionsOf)
  return new Map(transitions.map(([transition], index) => [transition, edges[index]!.id]))
}

function edgeOf(node: AnyStateNode, transition: Transition, index: number, ids: Ids): ChartEdge {
  const { eventType: event, target = [], guard, description } = transition
  const source = ids.get(node)!
  const delay = (transition as { readonly delay?: number | string }).delay ?? null
  const { trigger, actor } = triggerOf(event, delay)
  return {
    id: `${source}|${event}|${index}`,
    source,
    event,
    index,
    trigger,
    targets: [...new Set(target)].map((one) => ids.get(one)!),
    reenter: transition.reenter,
    guard: guard === undefined ? null : guardName(guard),
    actions: transition.actions.map(actionName),
    delay,
    actor,
    description: description ?? null,
  }
}

const actorEvents: readonly (readonly [prefix: string, trigger: Trigger])[] = [
  ['xstate.done.actor.', 'done'],
  ['xstate.error.actor.', 'error'],
  ['xstate.snapshot.', 'snapshot'],
]

function triggerOf(
  event: string,
  delay: number | string | null,
): Pick<ChartEdge, 'trigger' | 'actor'> {
  if (event === '') return { trigger: 'always', actor: null }
  if (delay !== null) return { trigger: 'after', actor: null }
  if (event.startsWith('xstate.done.state.')) return { trigger: 'done', actor: null }
  for (const [prefix, trigger] of actorEvents) {
    if (event.startsWith(prefix)) return { trigger, actor: event.slice(prefix.length) }
  }
  return { trigger: 'event', actor: null }
}

/** Where a history state leads that remembers nothing yet, if it says so itself. */
function historyDefault(node: AnyStateNode, ids: Ids): readonly ChartEdge[] {
  const targets = listOf(node.type === 'history' ? node.config.target : undefined)
  if (targets.length === 0) return []
  const source = ids.get(node)!
  return [
    {
      id: `${source}|history|0`,
      source,
      event: '',
      index: 0,
      trigger: 'history',
      targets: targets.map((target) => ids.get(fromParent(node, target))!),
      reenter: false,
      guard: null,
      actions: [],
      delay: null,
      actor: null,
      description: null,
    },
  ]
}

/** The node that the target of a history state names: an id, or a path from its parent on. */
function fromParent({ parent, machine }: AnyStateNode, target: unknown): AnyStateNode {
  if (typeof target !== 'string') return target as AnyStateNode
  if (target.startsWith('#')) return machine.getStateNodeById(target)
  const keys = target.split('.')
  return keys.reduce((node: AnyStateNode, key) => node.states[key] as AnyStateNode, parent!)
}

/** What a config gives as one or as several. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
