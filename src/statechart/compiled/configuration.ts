import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, StateValue } from 'xstate'
import { frozenState } from '../state-value.ts'
import { Choice, type Chooser, compileChooser } from './choosing.ts'
import { ancestorsOf, type History, isAtomic, stateValueOf } from './node-sets.ts'
import type { Plan } from './plan.ts'

/** How many configurations, and event types of one, are remembered before all are found anew. */
const rememberedMax = 10_000

/** Where an array of active states says which configuration it is of. */
const ofConfiguration = Symbol('configuration')
type Nodes = AnyStateNode[] & { [ofConfiguration]?: Configuration }

/**
 * The active states of a machine, in an order that XState keeps and that says in which order regions
 * are asked, and what its history states remember. There is one object for all snapshots that are
 * alike in this, and what was found out about it once is kept with it.
 */
export class Configuration {
  readonly nodes: AnyStateNode[]
  readonly history: History
  readonly value: StateValue
  readonly tags: Set<string>
  /** For each innermost state: the eventless transitions of it and of what it lies in. */
  readonly always: readonly (readonly Choice[])[]
  /** What was found out for the transitions taken from here, by their numbers. */
  readonly plans = new Map<number | string, Plan>()
  readonly machine: AnyStateMachine
  readonly #choosers = new Map<string, Chooser | undefined>()

  constructor(machine: AnyStateMachine, nodes: readonly AnyStateNode[], history: History) {
    const own: Nodes = [...nodes]
    Object.defineProperty(own, ofConfiguration, { value: this })
    this.nodes = own
    this.history = history
    this.value = frozenState(stateValueOf(machine.root, nodes))
    this.tags = new Set(nodes.flatMap(({ tags }) => tags))
    this.always = nodes
      .filter(isAtomic)
      .map((node) => [node, ...ancestorsOf(node)].flatMap(({ always = [] }) => always))
      .filter((transitions) => transitions.length > 0)
      .map((transitions) => transitions.map((each) => Choice.of(machine, each, undefined)))
    this.machine = machine
  }

  /** How to find the transitions for an event; undefined where none of its type is known. */
  chooser(eventType: string): Chooser | undefined {
    const known = this.#choosers.get(eventType)
    if (known !== undefined || this.#choosers.has(eventType)) return known
    if (this.#choosers.size >= rememberedMax) this.#choosers.clear()
    const chooser = compileChooser(this.machine, this.value, eventType)
    this.#choosers.set(eventType, chooser)
    return chooser
  }
}

/** The configurations of one machine, each once. */
export class Configurations {
  readonly #machine: AnyStateMachine
  readonly #known = new Map<string, Configuration>()

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
  }

  /** Whether a snapshot was made from one of these. */
  has({ _nodes }: AnyMachineSnapshot): boolean {
    return (_nodes as Nodes | undefined)?.[ofConfiguration]?.machine === this.#machine
  }

  /** Of a snapshot, be it of ours or of XState's interpreter. */
  of({ _nodes, historyValue }: AnyMachineSnapshot): Configuration {
    const known = (_nodes as Nodes)[ofConfiguration]
    return known?.machine === this.#machine ? known : this.find(_nodes, historyValue as History)
  }

  find(nodes: readonly AnyStateNode[], history: History): Configuration {
    const key = keyOf(nodes, history)
    const known = this.#known.get(key)
    if (known) return known
    if (this.#known.size >= rememberedMax) this.#known.clear()
    const configuration = new Configuration(this.#machine, nodes, history)
    this.#known.set(key, configuration)
    return configuration
  }
}

function keyOf(nodes: readonly AnyStateNode[], history: History): string {
  const numbers = (of: readonly AnyStateNode[]) => of.map(({ order }) => order).join()
  const past = Object.entries(history).map(([id, of]) => `${JSON.stringify(id)}:${numbers(of)}`)
  return `${numbers(nodes)};${past.join(';')}`
}
