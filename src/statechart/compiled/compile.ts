/**
 * The same machine with a faster way from snapshot to snapshot. Which transitions conflict, which
 * states are left and entered, and which actions run in which order depends on nothing but the active
 * states and the transitions taken; XState's interpreter works it out at each event, and this works it
 * out once. Guards and actions are the machine's own, and are asked as the interpreter asks them.
 *
 * A snapshot that it makes has all that XState's has, and an actor of it is an actor of XState's.
 */
import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  createActor,
  type EventObject,
} from 'xstate'
import type { Running } from './actions.ts'
import { type Choice, choose, chooseAlways } from './choosing.ts'
import { type Configuration, Configurations } from './configuration.ts'
import { initialNodesOf } from './node-sets.ts'
import { type Plan, planStart, planStep } from './plan.ts'
import { outsideOfSubset } from './subset.ts'

export interface Compiled<Machine extends AnyStateMachine> {
  /** What to give to `createActor`: the compiled machine, or the very machine where there is none. */
  readonly machine: Machine
  /** Why XState's interpreter runs it: what is outside of the subset, a line each. Else empty. */
  readonly interpreted: readonly string[]
}

const compiled = new WeakMap<AnyStateMachine, Compiled<AnyStateMachine>>()

/** Compiles a machine, once. */
export function compile<Machine extends AnyStateMachine>(machine: Machine): Compiled<Machine> {
  let result = compiled.get(machine)
  if (!result) {
    const interpreted = outsideOfSubset(machine)
    result = { machine: interpreted.length > 0 ? machine : compiledMachine(machine), interpreted }
    compiled.set(machine, result)
  }
  return result as Compiled<Machine>
}

/** Inherits all from the machine but the ways to a snapshot, so that tools see what they know. */
function compiledMachine(machine: AnyStateMachine): AnyStateMachine {
  const steps = new Steps(machine)
  return Object.create(machine, {
    transition: { value: steps.transition.bind(steps) },
    getInitialSnapshot: { value: steps.initial.bind(steps) },
    restoreSnapshot: { value: steps.restore.bind(steps) },
  })
}

/** What a snapshot has besides what was found for its configuration. */
type Methods = Pick<AnyMachineSnapshot, 'matches' | 'hasTag' | 'can' | 'getMeta' | 'toJSON'>

class Steps {
  readonly #machine: AnyStateMachine
  readonly #configurations: Configurations
  readonly #methods: Methods
  readonly #interpretedCan: AnyMachineSnapshot['can']
  readonly #start: Plan
  readonly #microstepsMax: number

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
    this.#configurations = new Configurations(machine)
    const root = machine.root as AnyStateNode
    this.#start = planStart(machine, this.#configurations, {
      source: root,
      target: [...initialNodesOf(root)],
      reenter: true,
      actions: [],
    })
    const own = createActor(machine).getSnapshot()
    const { matches, hasTag, getMeta, toJSON } = own
    this.#interpretedCan = own.can
    this.#methods = { matches, hasTag, can: canOf(this.#configurations), getMeta, toJSON }
    this.#microstepsMax = machine.options?.maxIterations ?? Number.POSITIVE_INFINITY
  }

  /** As a machine's `transition`: the snapshot after an event and all that it leads to by itself. */
  transition(
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: AnyActorScope,
  ): AnyMachineSnapshot {
    const { type } = event
    if (type === 'xstate.stop') {
      const stopped = this.#snapshot(snapshot, this.#configurations.of(snapshot), 'stopped')
      inspect({ scope, event, current: stopped }, [])
      return stopped
    }
    if (snapshot.status !== 'active' || type.startsWith('xstate.error.actor')) {
      return this.#machine.transition(snapshot, event, scope)
    }
    const walk = new Walk(scope, event, snapshot)
    this.#hear(walk)
    this.#settle(walk)
    return walk.current
  }

  /** As a machine's `getInitialSnapshot`. */
  initial(scope: AnyActorScope, input: unknown): AnyMachineSnapshot {
    const event = { type: 'xstate.init', input }
    const { to } = this.#start
    let before = this.#snapshot(
      { context: {}, children: {}, output: undefined, error: undefined },
      to,
      'active',
    )
    try {
      const { context } = this.#machine.config as { context?: unknown }
      const given =
        typeof context === 'function' ? { ...context({ spawn, input, self: scope.self }) } : context
      before = this.#snapshot({ ...before, context: given ?? {} }, to, 'active')
      const walk = new Walk(scope, event, before)
      this.#take(walk, this.#start)
      this.#settle(walk)
      return walk.current
    } catch (error) {
      // Its states are not entered yet, though its value names them: only XState's `can` goes by that.
      const root = this.#machine.root as AnyStateNode
      const unentered = { _nodes: [root], tags: new Set(root.tags), can: this.#interpretedCan }
      return { ...before, ...unentered, status: 'error', error } as never
    }
  }

  /**
   * As a machine's `restoreSnapshot`. A snapshot of ours is taken as it is: made anew from its value,
   * its regions could come in another order than they had.
   */
  restore(snapshot: AnyMachineSnapshot, scope: AnyActorScope): AnyMachineSnapshot {
    if (this.#configurations.has(snapshot)) return snapshot
    const restored = this.#machine.restoreSnapshot(snapshot as never, scope) as AnyMachineSnapshot
    return this.#snapshot(restored, this.#configurations.of(restored), restored.status)
  }

  /** Goes on until nothing is left to do: eventless transitions first, then raised events. */
  #settle(walk: Walk): void {
    let mayMoveByItself = true
    for (let count = 1; walk.current.status === 'active'; count++) {
      if (count > this.#microstepsMax) {
        throw new Error(`Infinite loop: no rest after ${this.#microstepsMax} microsteps.`)
      }
      const chosen: Choice[] = []
      if (mayMoveByItself) {
        const { always } = this.#configurations.of(walk.current)
        if (always.length > 0) chooseAlways(always, walk.question(), walk.current, chosen)
      }
      const previous = walk.current
      if (chosen.length > 0) {
        const plan = this.#planFor(walk, chosen)
        this.#take(walk, plan)
        inspect(walk, plan.taken)
        mayMoveByItself = walk.current !== previous
      } else {
        const raised = walk.raised.shift()
        if (raised === undefined) return
        walk.event = raised
        this.#hear(walk)
        mayMoveByItself = true
      }
    }
  }

  /** The step that an event leads to. */
  #hear(walk: Walk): void {
    const chosen: Choice[] = []
    const chooser = this.#configurations.of(walk.current).chooser(walk.event.type)
    if (chooser) choose(chooser, walk.question(), walk.current, chosen)
    if (chosen.length === 0) return inspect(walk, [])
    const plan = this.#planFor(walk, chosen)
    this.#take(walk, plan)
    inspect(walk, plan.chosen)
  }

  #planFor({ current }: Walk, chosen: readonly Choice[]): Plan {
    const from = this.#configurations.of(current)
    const key = chosen.length === 1 ? chosen[0]!.number : chosen.map(({ number }) => number).join()
    const known = from.plans.get(key)
    if (known) return known
    const transitions = chosen.map(({ transition }) => transition)
    const plan = planStep(this.#machine, this.#configurations, from, transitions)
    from.plans.set(key, plan)
    return plan
  }

  #take(walk: Walk, { runs, to, renews, completes }: Plan): void {
    walk.assigned = false
    for (const run of runs) run(walk)
    if (!renews && !walk.assigned) return
    const { current, context, output } = walk
    const { children, error } = current
    const status = completes ? 'done' : current.status
    walk.current = this.#snapshot({ context, children, output, error }, to, status)
  }

  #snapshot(
    { context, children, output, error }: Kept,
    { nodes, value, tags, history }: Configuration,
    status: AnyMachineSnapshot['status'],
  ): AnyMachineSnapshot {
    const { matches, hasTag, can, getMeta, toJSON } = this.#methods
    return {
      status,
      output,
      error,
      machine: this.#machine,
      context,
      _nodes: nodes,
      value,
      tags,
      children,
      historyValue: history,
      matches,
      hasTag,
      can,
      getMeta,
      toJSON,
    } as never
  }
}

type Kept = Pick<AnyMachineSnapshot, 'context' | 'children' | 'output' | 'error'>

/** One event on its way through a machine, with all that it leads to. */
class Walk implements Running {
  readonly scope: AnyActorScope
  readonly raised: EventObject[] = []
  event: EventObject
  current: AnyMachineSnapshot
  context: any
  assigned = false
  output: unknown

  constructor(scope: AnyActorScope, event: EventObject, current: AnyMachineSnapshot) {
    this.scope = scope
    this.event = event
    this.current = current
    this.context = current.context
    this.output = current.output
  }

  question() {
    return { context: this.context, event: this.event }
  }

  snapshot(): AnyMachineSnapshot {
    return { ...this.current, context: this.context } as never
  }
}

/** As XState's own: a transition that neither leads anywhere nor does anything forbids an event. */
function canOf(configurations: Configurations): AnyMachineSnapshot['can'] {
  return function can(this: AnyMachineSnapshot, event: EventObject) {
    const chooser = configurations.of(this).chooser(event.type)
    if (!chooser) return false
    const chosen: Choice[] = []
    choose(chooser, { context: this.context, event }, this, chosen)
    return chosen.some(
      ({ transition: { target, actions } }) => target !== undefined || actions.length > 0,
    )
  }
}

/** The part of an actor system that XState keeps to itself, and that its interpreter calls. */
interface Inspected {
  _sendInspectionEvent(event: object): void
}

/** What XState's inspection is told of each microstep. */
function inspect(
  { scope, event, current }: Pick<Walk, 'scope' | 'event' | 'current'>,
  transitions: readonly AnyTransitionDefinition[],
): void {
  const inspected = scope.system as unknown as Inspected
  inspected._sendInspectionEvent({
    type: '@xstate.microstep',
    actorRef: scope.self,
    event,
    snapshot: current,
    _transitions: transitions,
  })
}

/** @throws always: actors inside actors are outside of what is compiled */
function spawn(): never {
  throw new Error('A compiled machine spawns no actors. Run it by the interpreter.')
}
