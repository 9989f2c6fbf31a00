import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyTransitionDefinition,
  EventObject,
  InspectionEvent,
} from 'xstate'
import { Stepper } from './stepper.ts'

/** A step of a machine, with the transitions that it was made of. */
export interface Traced {
  readonly snapshot: AnyMachineSnapshot
  /** In the order in which they were taken: the event's own, then those that followed by themselves. */
  readonly taken: readonly AnyTransitionDefinition[]
}

/** Takes a machine from snapshot to snapshot as Stepper does, and says by which transitions. */
export class Tracer {
  readonly #stepper: Stepper
  #taken: AnyTransitionDefinition[] = []

  constructor(machine: AnyStateMachine) {
    this.#stepper = new Stepper(machine, (event) => this.#hear(event))
  }

  /** The snapshot of a machine that has heard nothing yet. */
  initial(): AnyMachineSnapshot {
    return this.#stepper.initial()
  }

  /** As `Stepper.next`: undefined where the machine does not take the event. */
  next(snapshot: AnyMachineSnapshot, event: EventObject): Traced | undefined {
    this.#taken = []
    const next = this.#stepper.next(snapshot, event)
    return next && { snapshot: next, taken: this.#taken }
  }

  #hear(event: InspectionEvent): void {
    if (event.type === '@xstate.microstep') this.#taken.push(...event._transitions)
  }
}
