import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate'
import { edgesBetween } from '../../chart/model/between.ts'
import { chartOf } from '../../chart/model/read.ts'
import type { Config } from '../../config.ts'
import type { Change, Recorded } from '../../domain.ts'
import type { Runtime } from '../../runtime.ts'
import { activeStates } from '../../statechart/state-value.ts'

export interface PassagesOptions {
  readonly machine: AnyStateMachine
  /** Of an order that has heard nothing. */
  readonly initial: AnyMachineSnapshot
  readonly config: Config
  readonly runtime: Runtime
}

/** Events of one type that led from one state to another. */
interface Passage {
  readonly edges: readonly string[]
  count: number
}

/**
 * How often each edge of the chart is passed. It is counted only while somebody asks: each event costs a
 * look in a table of the few ways that there are.
 */
export class Passages {
  readonly #options: PassagesOptions
  readonly #byWay = new Map<string, Passage>()
  readonly #keys = new WeakMap<object, string>()
  #until = Number.NEGATIVE_INFINITY

  constructor(options: PassagesOptions) {
    this.#options = options
  }

  tell(recorded: readonly Recorded[], changes: readonly Change[]): void {
    if (this.#options.runtime.elapsed() > this.#until) return
    for (const [index, { view, before }] of changes.entries()) {
      const type = recorded[index]?.event.type
      if (type === undefined) return
      const from = before?.state ?? this.#options.initial.value
      const way = `${this.#keyOf(from)} ${type} ${this.#keyOf(view.state)}`
      const passage = this.#byWay.get(way)
      if (passage) passage.count++
      else this.#byWay.set(way, { edges: this.#edges(from, type, view.state), count: 1 })
    }
  }

  /** How often each edge was passed so far, by its id; counted for a while longer. */
  counts(): Readonly<Record<string, number>> {
    const { runtime, config } = this.#options
    this.#until = runtime.elapsed() + config.passagesMs
    const counts: Record<string, number> = {}
    for (const { edges, count } of this.#byWay.values()) {
      for (const edge of edges) counts[edge] = (counts[edge] ?? 0) + count
    }
    return counts
  }

  #edges(from: StateValue, type: string, to: StateValue): readonly string[] {
    return edgesBetween(chartOf(this.#options.machine), activeStates(from), type, activeStates(to))
  }

  /** Orders share their state values. */
  #keyOf(state: StateValue): string {
    if (typeof state === 'string') return state
    let key = this.#keys.get(state)
    if (key === undefined) {
      key = JSON.stringify(state)
      this.#keys.set(state, key)
    }
    return key
  }
}
