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
  createActor,
  type EventObject,
} from 'xstate'
import { spawn } from './actions.ts'
import { Choice, choose, chooseAlways } from './choosing.ts'
import { type Configuration, Configurations } from './configuration.ts'
import { ContextShape } from './context-shape.ts'
import type { Asking } from './guards.ts'
import { initialNodesOf } from './node-sets.ts'
import { type Plan, planStart, planStep } from './plan.ts'
import { outsideOfSubset } from './subset.ts'
import { inspect, type Make, Walk } from './walk.ts'

export interface Compiled<Machine extends AnyStateMachine> {
  /** What to give to `createActor`: the compiled machine, or the very machine where there is none. */
  readonly machine: Machine
  /** The same for an actor that nobody inspects, who would not be told of its microsteps. */
  readonly uninspected: Machine
  /** Why XState's interpreter runs it: what is outside of the subset, a line each. Else empty. */
  readonly interpreted: readonly string[]
}

const compiled = new WeakMap<AnyStateMachine, Compiled<AnyStateMachine>>()

/** Compiles a machine, once. */
export function compile<Machine extends AnyStateMachine>(machine: Machine): Compiled<Machine> {
  let result = compiled.get(machine)
  if (!result) {
    const interpreted = outsideOfSubset(machine)
    const machines =
      interpreted.length > 0 ? { machine, uninspected: machine } : compiledMachines(machine)
    result = { ...machines, interpreted }
    compiled.set(machine, result)
  }
  return result as Compiled<Machine>
}

/** They inherit all from the machine but the ways to a snapshot, so that tools see what they know. */
function compiledMachines(machine: AnyStateMachine) {
  const steps = new Steps(machine)
  const made = (isInspected: boolean): AnyStateMachine => {
    const transition: AnyStateMachine['transition'] = (snapshot, event, scope) =>
      steps.transition(snapshot, event, scope, isInspected)
    return Object.create(machine, {
      transition: { value: transition },
      getInitialSnapshot: { value: steps.initial.bind(steps) },
      restoreSnapshot: { value: steps.restore.bind(steps) },
    })
  }
  return { machine: made(true), uninspected: made(false) }
}

/** What a snapshot has besides what was found for its configuration. */
type Methods = Pick<AnyMachineSnapshot, 'matches' | 'hasTag' | 'can' | 'getMeta' | 'toJSON'>
type Status = AnyMachineSnapshot['status']

class Steps {
  readonly #machine: AnyStateMachine
  readonly #configurations: Configurations
  readonly #methods: Methods
  readonly #interpretedCan: AnyMachineSnapshot['can']
  readonly #start: Plan
  readonly #microstepsMax: number
  /** Before anything has run. */
  readonly #blank: AnyMachineSnapshot
  readonly #shape: ContextShape
  /** True where every actor begins with the very same, as nothing is asked and nothing runs. */
  readonly #alwaysBeginsBlank: boolean

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
    const { matches, hasTag, can, getMeta, toJSON } = createActor(machine).getSnapshot()
    this.#interpretedCan = can
    this.#methods = { matches, hasTag, can: canOf(this.#configurations), getMeta, toJSON }
    this.#microstepsMax = machine.options?.maxIterations ?? Number.POSITIVE_INFINITY
    const { context } = machine.config as { context?: unknown }
    const { runs, to, completes } = this.#start
    const known = typeof context === 'function' ? {} : (context ?? {})
    this.#blank = this.#make(to, 'active', known, {}, undefined, undefined)
    this.#shape = new ContextShape(known)
    const isPlain = runs.length === 0 && !completes && to.always.length === 0
    this.#alwaysBeginsBlank = isPlain && typeof context !== 'function'
  }

  /** As a machine's `transition`: the snapshot after an event and all that it leads to by itself. */
  transition(
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: AnyActorScope,
    isInspected: boolean,
  ): AnyMachineSnapshot {
    const { type } = event
    if (type === 'xstate.stop') return this.#stop(snapshot, event, scope)
    if (snapshot.status !== 'active' || type.startsWith('xstate.error.actor')) {
      return this.#machine.transition(snapshot, event, scope)
    }
    const walk = this.#walk(scope, event, snapshot, isInspected)
    // The event that every machine begins with is heard by none.
    if (type !== 'xstate.init') this.#hear(walk)
    this.#settle(walk)
    return walk.snapshot()
  }

  /** As a machine's `getInitialSnapshot`. */
  initial(scope: AnyActorScope, input: unknown): AnyMachineSnapshot {
    if (this.#alwaysBeginsBlank) return this.#blank
    const event = { type: 'xstate.init', input }
    let before = this.#blank
    try {
      const { context } = this.#machine.config as { context?: unknown }
      if (typeof context === 'function') {
        before = { ...before, context: { ...context({ spawn, input, self: scope.self }) } } as never
      }
      const walk = this.#walk(scope, event, before, true)
      this.#take(walk, this.#start)
      this.#settle(walk)
      return walk.snapshot()
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
    return this.#with(restored, this.#configurations.of(restored), restored.status)
  }

  #stop(snapshot: AnyMachineSnapshot, event: EventObject, scope: AnyActorScope) {
    const stopped = this.#with(snapshot, this.#configurations.of(snapshot), 'stopped')
    inspect(scope, event, stopped, [])
    return stopped
  }

  #walk(scope: AnyActorScope, event: EventObject, from: AnyMachineSnapshot, isInspected: boolean) {
    const configuration = this.#configurations.of(from)
    return new Walk(scope, event, from, configuration, this.#make, this.#shape, isInspected)
  }

  /** Goes on until nothing is left to do: eventless transitions first, then raised events. */
  #settle(walk: Walk): void {
    let mayMoveByItself = true
    for (let count = 1; walk.status === 'active'; count++) {
      if (count > this.#microstepsMax) {
        throw new Error(`Infinite loop: no rest after ${this.#microstepsMax} microsteps.`)
      }
      const { always } = walk.configuration
      const chosen = mayMoveByItself ? chooseAlways(always, walk.question, walk) : undefined
      if (chosen !== undefined) {
        const plan = this.#planFor(walk, chosen)
        mayMoveByItself = this.#take(walk, plan)
        walk.stepped(plan.taken)
      } else {
        if (!walk.hearRaised()) return
        this.#hear(walk)
        mayMoveByItself = true
      }
    }
  }

  /** The step that an event leads to. */
  #hear(walk: Walk): void {
    const chooser = walk.configuration.chooser(walk.event.type)
    const chosen = chooser && choose(chooser, walk.question, walk)
    if (chosen === undefined) return walk.stepped(none)
    const plan = this.#planFor(walk, chosen)
    this.#take(walk, plan)
    walk.stepped(plan.chosen)
  }

  #planFor({ configuration: from }: Walk, chosen: Choice | readonly Choice[]): Plan {
    const key = chosen instanceof Choice ? chosen.number : chosen.map(({ number }) => number).join()
    const known = from.plans.get(key)
    if (known) return known
    const transitions = [chosen].flat().map(({ transition }) => transition)
    const plan = planStep(this.#machine, this.#configurations, from, transitions)
    from.plans.set(key, plan)
    return plan
  }

  /** @returns whether there is a new snapshot then */
  #take(walk: Walk, { runs, to, renews, completes }: Plan): boolean {
    walk.assigned = false
    for (const run of runs) run(walk)
    if (!renews && !walk.assigned) return false
    walk.moveTo(to, completes ? 'done' : walk.status)
    return true
  }

  #with(snapshot: AnyMachineSnapshot, configuration: Configuration, status: Status) {
    const { context, children, output, error } = snapshot
    return this.#make(configuration, status, context, children, output, error)
  }

  readonly #make: Make = (configuration, status, context, children, output, error) => {
    const { nodes, value, tags, history } = configuration
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

const none: readonly never[] = []

/** A snapshot that guards are asked in. */
class Still implements Asking {
  readonly #snapshot: AnyMachineSnapshot

  constructor(snapshot: AnyMachineSnapshot) {
    this.#snapshot = snapshot
  }

  snapshot(): AnyMachineSnapshot {
    return this.#snapshot
  }
}

/** As XState's own: a transition that neither leads anywhere nor does anything forbids an event. */
function canOf(configurations: Configurations): AnyMachineSnapshot['can'] {
  return function can(this: AnyMachineSnapshot, event: EventObject) {
    const chooser = configurations.of(this).chooser(event.type)
    if (chooser === undefined) return false
    const chosen = choose(chooser, { context: this.context, event }, new Still(this))
    if (chosen === undefined) return false
    return chosen instanceof Choice ? chosen.allows : chosen.some(({ allows }) => allows)
  }
}
