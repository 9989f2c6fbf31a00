import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyTransitionDefinition,
  EventObject,
} from 'xstate'
import type { Running } from './actions.ts'
import type { Configuration } from './configuration.ts'
import type { ContextShape, Parts } from './context-shape.ts'
import type { Asking, Question } from './guards.ts'

type Status = AnyMachineSnapshot['status']

/** Makes a snapshot of what it has. */
export type Make = (
  configuration: Configuration,
  status: Status,
  context: unknown,
  children: object,
  output: unknown,
  error: unknown,
) => AnyMachineSnapshot

/** One event on its way through a machine, with all that it leads to. */
export class Walk implements Running, Asking {
  readonly scope: AnyActorScope
  /** What guards are asked: the context and the event as they are at this point. */
  question: Question
  configuration: Configuration
  status: Status
  output: unknown
  assigned = false
  readonly #make: Make
  readonly #shape: ContextShape
  readonly #isInspected: boolean
  readonly #from: AnyMachineSnapshot
  /** As it is between two steps; undefined where that is not made yet. */
  #current: AnyMachineSnapshot | undefined
  #outputBefore: unknown
  #raised: EventObject[] | undefined

  constructor(
    scope: AnyActorScope,
    event: EventObject,
    from: AnyMachineSnapshot,
    configuration: Configuration,
    make: Make,
    shape: ContextShape,
    isInspected: boolean,
  ) {
    this.scope = scope
    this.question = { context: from.context, event }
    this.configuration = configuration
    this.status = from.status
    this.output = from.output
    this.#make = make
    this.#shape = shape
    this.#isInspected = isInspected
    this.#from = from
    this.#current = from
    this.#outputBefore = from.output
  }

  get event(): EventObject {
    return this.question.event
  }

  get context(): unknown {
    return this.question.context
  }

  get raised(): EventObject[] {
    this.#raised ??= []
    return this.#raised
  }

  assign(part: object, parts: Parts): void {
    const { context, event } = this.question
    this.question = { context: this.#shape.merged(context, part, parts), event }
    this.assigned = true
  }

  /** Goes on with the event that was raised first; false where none is left. */
  hearRaised(): boolean {
    if (this.#raised === undefined || this.#raised.length === 0) return false
    this.question = { context: this.question.context, event: this.#raised.shift()! }
    return true
  }

  /** A step has ended here. */
  moveTo(configuration: Configuration, status: Status): void {
    this.configuration = configuration
    this.status = status
    this.#outputBefore = this.output
    this.#current = undefined
  }

  /** Tells XState's inspection of the step that has ended, which these led to. */
  stepped(transitions: readonly AnyTransitionDefinition[]): void {
    if (this.#isInspected) inspect(this.scope, this.event, this.snapshot(), transitions)
  }

  /** As it is between two steps. */
  snapshot(): AnyMachineSnapshot {
    this.#current ??= this.#made()
    return this.#current
  }

  /** As it is within a step. */
  snapshotWithin(): AnyMachineSnapshot {
    return { ...(this.#current ?? this.#made()), context: this.context } as never
  }

  #made(): AnyMachineSnapshot {
    const { children, error } = this.#from
    const { configuration, status, context } = this
    return this.#make(configuration, status, context, children, this.#outputBefore, error)
  }
}

/** The part of an actor system that XState keeps to itself, and that its interpreter calls. */
interface Inspected {
  _sendInspectionEvent(event: object): void
}

/** What XState's inspection is told of each microstep. */
export function inspect(
  { system, self }: AnyActorScope,
  event: EventObject,
  snapshot: AnyMachineSnapshot,
  transitions: readonly AnyTransitionDefinition[],
): void {
  const inspected = system as unknown as Inspected
  inspected._sendInspectionEvent({
    type: '@xstate.microstep',
    actorRef: self,
    event,
    snapshot,
    _transitions: transitions,
  })
}
