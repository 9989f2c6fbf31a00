import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import { compileAction, type Run, type Running } from './actions.ts'
import type { Configuration, Configurations } from './configuration.ts'
import {
  type Arrow,
  entrySet,
  exitSet,
  type History,
  isInFinalState,
  remembered,
  withoutConflicts,
} from './node-sets.ts'

/** One microstep, worked out: what runs, in order, and where it leads. */
export interface Plan {
  readonly chosen: readonly AnyTransitionDefinition[]
  /** The chosen ones without those that others preempt. */
  readonly taken: readonly AnyTransitionDefinition[]
  readonly runs: readonly Run[]
  readonly to: Configuration
  /** True where a new snapshot comes of it even if no context is assigned. */
  readonly renews: boolean
  /** True where the machine has come to its end. */
  readonly completes: boolean
}

type Transition = Arrow & { readonly actions: readonly unknown[] }

/** The step out of a configuration by these transitions, which are in the order of choosing. */
export function planStep(
  machine: AnyStateMachine,
  configurations: Configurations,
  from: Configuration,
  chosen: readonly AnyTransitionDefinition[],
): Plan {
  const active = new Set(from.nodes)
  const taken = withoutConflicts(chosen as readonly Transition[], active, from.history)
  const leaves = exitSet(taken, active, from.history).sort((a, b) => b.order - a.order)
  let history: Record<string, readonly AnyStateNode[]> | undefined
  for (const node of leaves) {
    for (const [id, nodes] of remembered(node, active)) {
      history ??= { ...from.history }
      history[id] = nodes
    }
  }
  const step = new Step(machine, active, from.history)
  for (const node of leaves) step.leave(node)
  for (const { actions } of taken) step.act(actions)
  step.enter(taken, history ?? from.history)
  const sameNodes =
    from.nodes.length === active.size && from.nodes.every((node) => active.has(node))
  const same = sameNodes ? from : undefined
  return { ...step.result(configurations, history, same), chosen, taken: taken as never }
}

/** The step that a machine begins with. */
export function planStart(
  machine: AnyStateMachine,
  configurations: Configurations,
  from: Transition,
) {
  const step = new Step(machine, new Set([machine.root as AnyStateNode]), {})
  step.enter([from], {}, machine.root as AnyStateNode)
  return { ...step.result(configurations, undefined, undefined), chosen: [], taken: [] }
}

class Step {
  readonly #machine: AnyStateMachine
  readonly #active: Set<AnyStateNode>
  readonly #history: History
  readonly #runs: Run[] = []
  readonly #completed = new Set<AnyStateNode>()
  #completes = false

  constructor(machine: AnyStateMachine, active: Set<AnyStateNode>, history: History) {
    this.#machine = machine
    this.#active = active
    this.#history = history
  }

  act(actions: readonly unknown[]): void {
    for (const action of actions) this.#runs.push(compileAction(this.#machine, action))
  }

  leave(node: AnyStateNode): void {
    this.act(node.exit)
    this.#active.delete(node)
  }

  /** @param root given where the machine begins: it is entered, too */
  enter(transitions: readonly Transition[], history: History, root?: AnyStateNode): void {
    const entry = entrySet(transitions, history)
    if (root) entry.byDefault.add(root)
    for (const node of [...entry.nodes].sort((a, b) => a.order - b.order)) {
      this.#active.add(node)
      this.act(node.entry)
      if (entry.byDefault.has(node)) this.act(node.initial.actions)
      if (node.type === 'final') this.#reachFinal(node)
    }
  }

  /**
   * @param history where what is remembered was made anew
   * @param same the configuration that was left, where the same states are active again
   */
  result(
    configurations: Configurations,
    history: History | undefined,
    same: Configuration | undefined,
  ): Omit<Plan, 'chosen' | 'taken'> {
    const nodes = [...this.#active]
    if (this.#completes) {
      // XState sorts the very list that becomes the snapshot's.
      nodes.sort((a, b) => b.order - a.order)
      for (const node of nodes) this.act(node.exit)
    }
    const stays = same !== undefined && history === undefined
    return {
      runs: this.#runs,
      to: stays ? same : configurations.find(nodes, history ?? this.#history),
      renews: !stays || this.#completes,
      completes: this.#completes,
    }
  }

  #reachFinal(node: AnyStateNode): void {
    const parent = node.parent as AnyStateNode | undefined
    let ancestor = (parent?.type === 'parallel' ? parent : parent?.parent) as
      | AnyStateNode
      | undefined
    let completion = ancestor ?? node
    if (parent?.type === 'compound') {
      const { output } = node
      this.#runs.push((running) => raiseDone(running, parent, outputOf(output, running)))
    }
    while (
      ancestor?.type === 'parallel' &&
      !this.#completed.has(ancestor) &&
      isInFinalState(this.#active, ancestor)
    ) {
      const done = ancestor
      this.#completed.add(done)
      this.#runs.push((running) => raiseDone(running, done, undefined))
      completion = done
      ancestor = done.parent as AnyStateNode | undefined
    }
    if (ancestor) return
    this.#completes = true
    const { root } = this.#machine
    this.#runs.push((running) => {
      if (root.output === undefined) return
      const own = completion.parent ? outputOf(completion.output, running) : undefined
      running.output = outputOf(root.output, running, doneEvent(completion, own))
    })
  }
}

function raiseDone({ raised }: Running, node: AnyStateNode, output: unknown): void {
  raised.push(doneEvent(node, output))
}

const doneEvent = ({ id }: AnyStateNode, output: unknown) => ({
  type: `xstate.done.state.${id}`,
  output,
})

function outputOf(output: unknown, { context, event, scope }: Running, heard = event): unknown {
  return typeof output === 'function' ? output({ context, event: heard, self: scope.self }) : output
}
