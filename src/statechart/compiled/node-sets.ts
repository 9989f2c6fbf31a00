/**
 * Which states a transition leaves and which it enters: the algorithm of SCXML
 * (https://www.w3.org/TR/scxml/#AlgorithmforSCXMLInterpretation), in the reading that XState 5 gives
 * it. It looks at the shape of a machine only, never at a context, so that its answers can be kept.
 */
import type { AnyStateNode, StateValue } from 'xstate'

/** The states that a history state goes back to, by the id of the history state. */
export type History = Readonly<Record<string, readonly AnyStateNode[]>>

/** What of a transition matters here; the initial step of a machine is one, too. */
export interface Arrow {
  readonly source: AnyStateNode
  readonly target: readonly AnyStateNode[] | undefined
  readonly reenter: boolean
}

/** What is entered, and for which of it the initial actions run. */
export interface EntrySet {
  readonly nodes: Set<AnyStateNode>
  readonly byDefault: Set<AnyStateNode>
}

export const isAtomic = ({ type }: AnyStateNode): boolean => type === 'atomic' || type === 'final'

const isHistory = ({ type }: AnyStateNode): boolean => type === 'history'

/** The states right inside, those of history left out. */
export function childrenOf({ states }: AnyStateNode): AnyStateNode[] {
  return (Object.values(states) as AnyStateNode[]).filter((child) => !isHistory(child))
}

/** From its parent upwards to before `end`; to the root where there is none. */
export function ancestorsOf(node: AnyStateNode, end?: AnyStateNode): AnyStateNode[] {
  const ancestors: AnyStateNode[] = []
  if (node === end) return ancestors
  for (let up = parentOf(node); up && up !== end; up = parentOf(up)) ancestors.push(up)
  return ancestors
}

/** Everything lies within the undefined: it is the domain of a root that is entered again. */
export function isWithin(node: AnyStateNode, outer: AnyStateNode | undefined): boolean {
  if (outer === undefined) return true
  for (let up = parentOf(node); up; up = parentOf(up)) if (up === outer) return true
  return false
}

export function isInFinalState(active: ReadonlySet<AnyStateNode>, node: AnyStateNode): boolean {
  if (node.type === 'compound') {
    return childrenOf(node).some((child) => child.type === 'final' && active.has(child))
  }
  if (node.type === 'parallel') {
    return childrenOf(node).every((child) => isInFinalState(active, child))
  }
  return node.type === 'final'
}

/** The node, and what is active inside it where nothing else is said. */
export function initialNodesOf(node: AnyStateNode, found = new Set<AnyStateNode>()) {
  if (found.has(node)) return found
  found.add(node)
  if (node.type === 'compound') initialNodesOf(initialTargetOf(node), found)
  if (node.type === 'parallel') for (const child of childrenOf(node)) initialNodesOf(child, found)
  return found
}

/**
 * The state value of active states, its regions in the order in which their states come. Where a
 * state is active and none inside it, as an odd target can have it, its initial ones are named.
 */
export function stateValueOf(root: AnyStateNode, active: Iterable<AnyStateNode>): StateValue {
  const given = new Set(active)
  const completed = new Set(given)
  for (const node of completed) {
    const inside = childrenOf(node)
    const lacking = inside.filter((child) => !completed.has(child))
    if (node.type === 'parallel') for (const region of lacking) addInitial(region, completed)
    const hasNone = !inside.some((child) => given.has(child))
    if (node.type === 'compound' && hasNone) addInitial(node, completed)
  }
  for (const node of completed) for (const up of ancestorsOf(node)) completed.add(up)
  return valueAt(root, [...completed])
}

function addInitial(node: AnyStateNode, nodes: Set<AnyStateNode>): void {
  for (const initial of initialNodesOf(node)) {
    nodes.add(initial)
    for (const up of ancestorsOf(initial, node)) nodes.add(up)
  }
}

function valueAt(node: AnyStateNode, active: readonly AnyStateNode[]): StateValue {
  const inside = active.filter((other) => parentOf(other) === node)
  const [first] = inside
  if (node.type === 'compound' && first && isAtomic(first)) return first.key
  return Object.fromEntries(inside.map((child) => [child.key, valueAt(child, active)]))
}

/**
 * Those of the transitions that can be taken together. Where two leave the same states, the one from
 * further inside is taken, else the one that comes first.
 */
export function withoutConflicts<T extends Arrow>(
  transitions: readonly T[],
  active: ReadonlySet<AnyStateNode>,
  history: History,
): T[] {
  const kept = new Set<T>()
  for (const transition of transitions) {
    const leaves = exitSet([transition], active, history)
    const rivals = [...kept].filter((other) =>
      exitSet([other], active, history).some((node) => leaves.includes(node)),
    )
    const preempting = rivals.findIndex(({ source }) => !isWithin(transition.source, source))
    if (preempting >= 0) continue
    for (const rival of rivals) kept.delete(rival)
    kept.add(transition)
  }
  return [...kept]
}

/** What the transitions leave, in no order. */
export function exitSet(
  transitions: readonly Arrow[],
  active: Iterable<AnyStateNode>,
  history: History,
): AnyStateNode[] {
  const left = new Set<AnyStateNode>()
  for (const transition of transitions) {
    if (!transition.target?.length) continue
    const domain = domainOf(transition, history)
    if (transition.reenter && transition.source === domain) left.add(domain)
    for (const node of active) if (isWithin(node, domain)) left.add(node)
  }
  return [...left]
}

/** What the transitions enter. */
export function entrySet(transitions: readonly Arrow[], history: History): EntrySet {
  const entry: EntrySet = { nodes: new Set(), byDefault: new Set() }
  for (const transition of transitions) {
    const { source, reenter, target = [] } = transition
    const domain = domainOf(transition, history)
    for (const node of target) {
      if (!isHistory(node) && (source !== node || source !== domain || reenter)) {
        entry.nodes.add(node)
        entry.byDefault.add(node)
      }
      enterInside(node, history, entry)
    }
    const within = !parentOf(source) && reenter ? undefined : domain
    for (const node of effectiveTargets(target, history)) {
      const ancestors = ancestorsOf(node, domain)
      if (domain?.type === 'parallel') ancestors.push(domain)
      enterAncestors(ancestors, within, history, entry)
    }
  }
  return entry
}

/** What the history states inside `node` are to remember as it is left. */
export function remembered(
  node: AnyStateNode,
  active: Iterable<AnyStateNode>,
): readonly (readonly [string, readonly AnyStateNode[]])[] {
  const histories = (Object.values(node.states) as AnyStateNode[]).filter(isHistory)
  return histories.map(({ id, history }) => {
    const isKept = (other: AnyStateNode) =>
      history === 'deep' ? isAtomic(other) && isWithin(other, node) : parentOf(other) === node
    return [id, [...active].filter(isKept)]
  })
}

/** XState types parents and states loosely. */
function parentOf(node: AnyStateNode): AnyStateNode | undefined {
  return node.parent as AnyStateNode | undefined
}

function initialTargetOf({ initial }: AnyStateNode): AnyStateNode {
  return initial.target[0] as AnyStateNode
}

/** Where a history state leads that has nothing to remember. */
function defaultTargets(node: AnyStateNode): readonly AnyStateNode[] {
  const parent = parentOf(node)!
  const { target } = node.config as { target?: string | readonly string[] }
  if (target === undefined) {
    return parent.type === 'parallel' ? [parent] : (parent.initial.target as AnyStateNode[])
  }
  return [target].flat().map((path) => nodeAt(parent, path as string))
}

/** The state at a path from `node`, or with an id that begins with `#`; a dot in a key is `\.`. */
function nodeAt(node: AnyStateNode, path: string): AnyStateNode {
  if (path.startsWith('#')) return node.machine.getStateNodeById(path)
  let inner = node
  for (const part of path.split(/(?<!\\)\./)) {
    const key = part.replaceAll('\\.', '.')
    if (key === '') break
    const child = inner.states[key] as AnyStateNode | undefined
    if (!child) throw new Error(`Child state '${key}' does not exist on '${inner.id}'`)
    inner = child
  }
  return inner
}

function effectiveTargets(
  targets: readonly AnyStateNode[],
  history: History,
): readonly AnyStateNode[] {
  const found = new Set<AnyStateNode>()
  for (const node of targets) {
    const leadsTo = isHistory(node)
      ? (history[node.id] ?? effectiveTargets(defaultTargets(node), history))
      : [node]
    for (const target of leadsTo) found.add(target)
  }
  return [...found]
}

/** The state inside of which all happens; undefined where the root itself is entered again. */
function domainOf({ source, target, reenter }: Arrow, history: History): AnyStateNode | undefined {
  const targets = effectiveTargets(target ?? [], history)
  if (!reenter && targets.every((node) => node === source || isWithin(node, source))) return source
  const [first, ...others] = [...targets, source]
  const common = ancestorsOf(first!).find((ancestor) =>
    others.every((node) => isWithin(node, ancestor)),
  )
  return common ?? (reenter ? undefined : (source.machine.root as AnyStateNode))
}

function enterInside(node: AnyStateNode, history: History, entry: EntrySet): void {
  if (isHistory(node)) {
    const parent = parentOf(node)!
    const known = history[node.id]
    const targets = known ?? defaultTargets(node)
    for (const target of targets) {
      entry.nodes.add(target)
      if (!known && targets === parent.initial.target) entry.byDefault.add(parent)
      enterInside(target, history, entry)
    }
    for (const target of targets)
      enterAncestors(ancestorsOf(target, parent), undefined, history, entry)
  } else if (node.type === 'compound') {
    const initial = initialTargetOf(node)
    if (!isHistory(initial)) {
      entry.nodes.add(initial)
      entry.byDefault.add(initial)
    }
    enterInside(initial, history, entry)
    enterAncestors(ancestorsOf(initial, node), undefined, history, entry)
  } else if (node.type === 'parallel') {
    enterRegions(node, history, entry, entry.byDefault)
  }
}

function enterAncestors(
  ancestors: readonly AnyStateNode[],
  within: AnyStateNode | undefined,
  history: History,
  entry: EntrySet,
): void {
  for (const ancestor of ancestors) {
    if (isWithin(ancestor, within)) entry.nodes.add(ancestor)
    if (ancestor.type === 'parallel') enterRegions(ancestor, history, entry)
  }
}

/** The regions of which nothing is entered yet. */
function enterRegions(
  node: AnyStateNode,
  history: History,
  entry: EntrySet,
  byDefault?: Set<AnyStateNode>,
): void {
  for (const region of childrenOf(node)) {
    if ([...entry.nodes].some((entered) => isWithin(entered, region))) continue
    entry.nodes.add(region)
    byDefault?.add(region)
    enterInside(region, history, entry)
  }
}
