import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { RecordedEvent } from '../domain.ts'
import { ReplayError } from '../errors.ts'
import { describeState } from '../statechart/state-value.ts'
import { Stepper } from '../statechart/stepper.ts'
import { freezeContext } from './freeze.ts'

/** Derives the state of an order from its events: the same events, the same state, always. */
export class Fold {
  /** The state of an order that has heard nothing. */
  readonly initial: AnyMachineSnapshot
  readonly #stepper: Stepper

  constructor(machine: AnyStateMachine) {
    this.#stepper = new Stepper(machine)
    this.initial = this.#stepper.initial()
    // Every order begins with it.
    freezeContext(this.initial)
  }

  /**
   * The state after one more recorded event.
   *
   * @throws {ReplayError} naming the event, if the machine does not take it
   */
  apply(snapshot: AnyMachineSnapshot, event: RecordedEvent): AnyMachineSnapshot {
    let next: AnyMachineSnapshot | undefined
    try {
      next = this.#stepper.next(snapshot, event)
    } catch (error) {
      throw new ReplayError(event.eventId, event.type, describeState(snapshot.value), error)
    }
    if (!next) throw new ReplayError(event.eventId, event.type, describeState(snapshot.value))
    return next
  }

  /** The state after all of these events of an order: from its first on, or from a state on. */
  all(events: Iterable<RecordedEvent>, from = this.initial): AnyMachineSnapshot {
    let snapshot = from
    for (const event of events) snapshot = this.apply(snapshot, event)
    return snapshot
  }
}
