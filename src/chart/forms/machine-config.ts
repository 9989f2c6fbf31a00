/**
 * A machine's config as JSON, with guards, actions, actors and delays by name: what Stately's editor
 * opens, and `createMachine` takes. What they do is code, and stays behind.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { actionName, guardName } from '../model/names.ts'
import { listOf } from '../model/read.ts'

type Json = Readonly<Record<string, unknown>>
type Transition = NonNullable<AnyStateNode['always']>[number]

/** The config: the chart of a machine that is made of it is the chart of this one. */
export function machineConfigOf(machine: AnyStateMachine): Json {
  const { context, version } = machine.config as { context?: unknown; version?: string }
  return {
    ...filled({ id: machine.id, version, context: plain(context) }),
    ...nodeConfig(machine.root as AnyStateNode),
  }
}

function nodeConfig(node: AnyStateNode): Json {
  const { config, type } = node
  const states = Object.entries(node.states as Record<string, AnyStateNode>)
  return filled({
    // Only where it was given one: the others follow from where they are.
    id: node.parent ? config.id : undefined,
    type: typeSaid(node),
    description: node.description,
    tags: unlessEmpty(node.tags),
    meta: plain(node.meta),
    history: node.history || undefined,
    target: type === 'history' ? plain(config.target) : undefined,
    output: plain(node.output),
    initial: initialConfig(node),
    entry: actionsConfig(listOf(config.entry)),
    exit: actionsConfig(listOf(config.exit)),
    invoke: unlessEmpty(node.invoke.map((_, index) => invokeConfig(node, index))),
    on: onConfig(node),
    always: transitionsConfig(node, node.always),
    after: afterConfig(node),
    onDone: config.onDone
      ? transitionsConfig(node, node.transitions.get(`xstate.done.state.${node.id}`))
      : undefined,
    route: routeConfig(config.route),
    states:
      states.length > 0
        ? Object.fromEntries(states.map(([key, inner]) => [key, nodeConfig(inner)]))
        : undefined,
  })
}

/** Of what does not follow from its states alone. */
function typeSaid({ type }: AnyStateNode): string | undefined {
  return type === 'atomic' || type === 'compound' ? undefined : type
}

function initialConfig(node: AnyStateNode): unknown {
  if (node.type !== 'compound') return undefined
  const { target, actions } = node.initial
  const key = target[0]?.key
  return actions.length === 0 ? key : { target: key, actions: actionsConfig(actions) }
}

function invokeConfig(node: AnyStateNode, index: number): Json {
  const { id, src, input } = node.invoke[index]!
  const transitions = (prefix: string) =>
    transitionsConfig(node, node.transitions.get(`xstate.${prefix}.${id}`))
  const [given] = listOf(node.config.invoke).slice(index) as { src?: unknown; id?: string }[]
  return filled({
    id: given?.id,
    src: typeof given?.src === 'string' ? src : 'inline',
    input: plain(input),
    onDone: transitions('done.actor'),
    onError: transitions('error.actor'),
    onSnapshot: transitions('snapshot'),
  })
}

/** Of a state that an event may lead to from anywhere. */
function routeConfig(route: { readonly guard?: unknown } | undefined): Json | undefined {
  return (
    route && filled({ guard: route.guard === undefined ? undefined : guardConfig(route.guard) })
  )
}

function onConfig(node: AnyStateNode): Json | undefined {
  const types = Object.keys(node.config.on ?? {})
  if (types.length === 0) return undefined
  return Object.fromEntries(
    types.map((type) => [type, transitionsConfig(node, node.transitions.get(type)) ?? []]),
  )
}

function afterConfig(node: AnyStateNode): Json | undefined {
  if (node.after.length === 0) return undefined
  const delays = [...new Set(node.after.map(({ delay }) => delay))]
  return Object.fromEntries(
    delays.map((delay) => [
      String(delay),
      transitionsConfig(
        node,
        node.after.filter((transition) => transition.delay === delay),
      ),
    ]),
  )
}

function transitionsConfig(
  node: AnyStateNode,
  transitions: readonly Transition[] = [],
): Json | readonly Json[] | undefined {
  const all = transitions.map(({ target, guard, actions, reenter, description, meta }) => {
    const targets = target?.map((one) => targetName(node, one))
    return filled({
      target: targets?.length === 1 ? targets[0] : targets,
      reenter: reenter || undefined,
      guard: guard === undefined ? undefined : guardConfig(guard),
      actions: actionsConfig(actions),
      description,
      meta: plain(meta),
    })
  })
  return all.length > 1 ? all : all[0]
}

/** A state beside the source by its key, any other by its id and the way from there. */
function targetName(source: AnyStateNode, target: AnyStateNode): string {
  if (target.parent && target.parent === source.parent && /^[\w-]+$/.test(target.key)) {
    return target.key
  }
  const way: string[] = []
  let node: AnyStateNode = target
  while (node.parent && node.config.id === undefined) {
    way.unshift(node.key)
    node = node.parent
  }
  return `#${[node.id, ...way].map((key) => key.replace(/[\\.]/g, '\\$&')).join('.')}`
}

function guardConfig(guard: unknown): unknown {
  return withParams(guard) ?? guardName(guard)
}

function actionsConfig(actions: readonly unknown[]): unknown {
  const all = actions.map((action) => withParams(action) ?? actionName(action))
  return all.length > 1 ? all : all[0]
}

/** A name with its params, where these are plain; undefined of all else. */
function withParams(thing: unknown): Json | undefined {
  if (typeof thing !== 'object' || thing === null || !('type' in thing)) return undefined
  const { type, params } = thing as { type: unknown; params?: unknown }
  const kept = plain(params)
  return kept === undefined ? undefined : { type, params: kept }
}

/** What is the same as JSON; undefined of what is not. */
function plain(value: unknown): unknown {
  if (value === undefined || typeof value === 'function') return undefined
  try {
    const text = JSON.stringify(value)
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const unlessEmpty = (all: readonly unknown[]) => (all.length > 0 ? all : undefined)

/** Without what is undefined, as JSON would have it. */
function filled(json: Json): Json {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined))
}
