/**
 * Which way orders took through their chart: the transitions of the machine by the ids that its chart
 * has for them, and what its guards say.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { guardName } from '../chart/model/names.ts'
import { edgeIdsOf } from '../chart/model/read.ts'
import type { RecordedEvent } from '../domain.ts'
import { ReplayError } from '../errors.ts'
import { guardsAsked } from '../statechart/guards-asked.ts'
import { describeState } from '../statechart/state-value.ts'
import { Tracer } from '../statechart/tracer.ts'

/** What one guard says of an event. */
export interface GuardVerdict {
  /** The id of the edge that it is on. */
  readonly edge: string
  readonly guard: string
  /** Null where it threw. */
  readonly verdict: boolean | null
}

/** One event of an order, and the edges that it took, in order. */
export interface PathStep {
  readonly eventId: number
  readonly edges: readonly string[]
}

export class Paths {
  /** Of an order that has heard nothing. */
  readonly initial: AnyMachineSnapshot
  readonly #tracer: Tracer
  readonly #ids: ReadonlyMap<object, string>

  constructor(machine: AnyStateMachine) {
    this.#tracer = new Tracer(machine)
    this.#ids = edgeIdsOf(machine)
    this.initial = this.#tracer.initial()
  }

  /** The state after one event, and the edges that lead there; undefined where it is not taken. */
  next(snapshot: AnyMachineSnapshot, event: EventObject) {
    const traced = this.#tracer.next(snapshot, event)
    if (!traced) return undefined
    const edges = traced.taken.flatMap((transition) => this.#ids.get(transition) ?? [])
    return { snapshot: traced.snapshot, edges }
  }

  /** The steps of an order, oldest first. @throws {ReplayError} at an event that is not taken */
  *steps(events: Iterable<RecordedEvent>): Generator<PathStep> {
    let snapshot = this.initial
    for (const event of events) {
      const { eventId, type } = event
      const next = this.next(snapshot, event)
      if (!next) throw new ReplayError(eventId, type, describeState(snapshot.value))
      snapshot = next.snapshot
      yield { eventId, edges: next.edges }
    }
  }

  /** What each guard says that stands before an event in this state. */
  guards(snapshot: AnyMachineSnapshot, event: EventObject): readonly GuardVerdict[] {
    return guardsAsked(snapshot, event).map(({ transition, guard, verdict }) => ({
      edge: this.#ids.get(transition) ?? '',
      guard: guardName(guard),
      verdict,
    }))
  }
}
