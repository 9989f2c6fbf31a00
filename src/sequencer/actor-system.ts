import {
  Actor,
  type ActorLogic,
  type AnyActorRef,
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type InspectionEvent,
  type Snapshot,
} from 'xstate'
import { compile } from '../statechart/compiled/compile.ts'
import { Stepper } from '../statechart/stepper.ts'

export type Inspect = (event: InspectionEvent) => void

/** The actor's own one is bound to it, and V8 looks through that slowly. */
const { send } = Actor.prototype

/** The actor of an order. */
export class OrderActor {
  /** XState's, which may have been another order's before. */
  readonly actor: Actor<AnyStateMachine>
  /** The state that it takes on with the next event that it hears; undefined where it is in its own. */
  #next: Beginning | undefined
  readonly #initial: AnyMachineSnapshot
  #isOver: boolean

  /** @param initial the state of an order that has heard nothing */
  constructor(actor: Actor<AnyStateMachine>, initial: AnyMachineSnapshot) {
    this.actor = actor
    this.#initial = initial
    this.#isOver = actor.getSnapshot().status !== 'active'
  }

  /** The state of its order. */
  get snapshot(): AnyMachineSnapshot {
    return this.#next ? (this.#next.from ?? this.#initial) : this.actor.getSnapshot()
  }

  /** True once its machine has ended, or failed: it hears no more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Makes it another order's, in the state that it begins with or in the one that is given. */
  become(orderId: string, snapshot: AnyMachineSnapshot | undefined): void {
    this.actor.id = orderId
    this.#next = new Beginning(snapshot)
  }

  /** The state that an event leads to; undefined where it was not taken. */
  hear(event: EventObject): AnyMachineSnapshot | undefined {
    const next = this.#next
    this.#next = undefined
    const own = this.actor.getSnapshot()
    send.call(this.actor, next?.with(event) ?? event)
    const before = next ? next.from : own
    const after = this.actor.getSnapshot()
    this.#isOver = after.status !== 'active'
    // A transition without a target and without a change gives the same snapshot back.
    return after !== before || before.can(event) ? after : undefined
  }
}

/**
 * XState's actor system of all live orders. Its root, `orders`, does nothing but have them for its
 * children: an actor of an order of its own would need a system each, which costs more than it does.
 * What goes wrong in one of them is found in its snapshot, and touches no other.
 *
 * An actor whose order is let go is given to the next one, under that one's id and in its state: to
 * make one costs several times what it then does. Where someone inspects, each order has a new one,
 * so that its whole life is seen.
 */
export class ActorSystem {
  readonly #logic: AnyStateMachine
  readonly #root: AnyActorRef
  readonly #isInspected: boolean
  readonly #initial: AnyMachineSnapshot
  /** Those that are no order's now. */
  readonly #idle: OrderActor[] = []
  #scope!: AnyActorScope

  /** @param inspect watches every actor, as XState's `inspect` does */
  constructor(machine: AnyStateMachine, inspect: Inspect | undefined) {
    this.#isInspected = inspect !== undefined
    this.#initial = new Stepper(machine).initial()
    const { machine: inspected, uninspected } = compile(machine)
    this.#logic = reusable(this.#isInspected ? inspected : uninspected)
    const logic: ActorLogic<Snapshot<undefined>, EventObject> = {
      getInitialSnapshot: (scope) => {
        this.#scope = scope as AnyActorScope
        return { status: 'active', output: undefined, error: undefined }
      },
      transition: (snapshot) => snapshot,
      getPersistedSnapshot: (snapshot) => snapshot,
    }
    this.#root = createActor(logic, { id: 'orders', ...(inspect ? { inspect } : {}) }).start()
  }

  /** Starts the actor of an order, at the state that it is in where it is no new one. */
  start(orderId: string, snapshot?: AnyMachineSnapshot): OrderActor {
    const idle = this.#idle.pop()
    if (idle) {
      idle.become(orderId, snapshot)
      return idle
    }
    const parent = this.#root
    const options = snapshot ? { id: orderId, parent, snapshot } : { id: orderId, parent }
    return new OrderActor(createActor(this.#logic, options).start(), this.#initial)
  }

  /** Ends the actor of an order. */
  stop(of: OrderActor): void {
    if (this.#isInspected || of.isOver) this.#scope.stopChild(of.actor)
    else this.#idle.push(of)
  }
}

/** The first event of an order whose actor was another's: with it the actor takes on its state. */
class Beginning {
  type = ''
  event!: EventObject
  /** The state before that event, once it was heard; and before, where it is not the machine's first. */
  from: AnyMachineSnapshot | undefined

  constructor(from: AnyMachineSnapshot | undefined) {
    this.from = from
  }

  with(event: EventObject): this {
    this.type = event.type
    this.event = event
    return this
  }
}

const reusables = new WeakMap<AnyStateMachine, AnyStateMachine>()

/** One for each machine: V8 makes code anew for each object that others inherit from. */
function reusable(machine: AnyStateMachine): AnyStateMachine {
  const known = reusables.get(machine)
  if (known) return known
  const transition: AnyStateMachine['transition'] = (snapshot, event, scope) => {
    if (!(event instanceof Beginning)) return machine.transition(snapshot, event, scope)
    event.from = event.from
      ? machine.restoreSnapshot(event.from as never, scope)
      : machine.getInitialSnapshot(scope, {})
    return machine.transition(event.from, event.event, scope)
  }
  const made: AnyStateMachine = Object.create(machine, { transition: { value: transition } })
  reusables.set(machine, made)
  return made
}
