import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyTransitionDefinition,
  EventObject,
} from 'xstate'
import type { Running } from './actions.ts'
import type { ContextShape } from './context-shape.ts'
import type { Question } from './guards.ts'

/** One event on its way through a machine, with all that it leads to. */
export class Walk implements Running {
  readonly scope: AnyActorScope
  /** What guards are asked: the context and the event as they are at this point. */
  question: Question
  current: AnyMachineSnapshot
  assigned = false
  output: unknown
  readonly #shape: ContextShape
  #raised: EventObject[] | undefined

  constructor(
    scope: AnyActorScope,
    event: EventObject,
    current: AnyMachineSnapshot,
    shape: ContextShape,
  ) {
    this.scope = scope
    this.#shape = shape
    this.question = { context: current.context, event }
    this.current = current
    this.output = current.output
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

  assign(part: object): void {
    const { context, event } = this.question
    this.question = { context: this.#shape.merged(context, part), event }
    this.assigned = true
  }

  /** Goes on with the event that was raised first; false where none is left. */
  hearRaised(): boolean {
    if (this.#raised === undefined || this.#raised.length === 0) return false
    this.question = { context: this.question.context, event: this.#raised.shift()! }
    return true
  }

  snapshot(): AnyMachineSnapshot {
    return { ...this.current, context: this.context } as never
  }
}

/** The part of an actor system that XState keeps to itself, and that its interpreter calls. */
interface Inspected {
  _sendInspectionEvent(event: object): void
}

/** What XState's inspection is told of each microstep. */
export function inspect(
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
