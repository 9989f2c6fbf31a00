import {
  type Actor,
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

export type Inspect = (event: InspectionEvent) => void
export type OrderActor = Actor<AnyStateMachine>

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
  /** Those that are no order's now. */
  readonly #idle: OrderActor[] = []
  #scope!: AnyActorScope

  /** @param inspect watches every actor, as XState's `inspect` does */
  constructor(machine: AnyStateMachine, inspect: Inspect | undefined) {
    this.#isInspected = inspect !== undefined
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
      idle.id = orderId
      idle.send(new Become(snapshot))
      return idle
    }
    const parent = this.#root
    const options = snapshot ? { id: orderId, parent, snapshot } : { id: orderId, parent }
    return createActor(this.#logic, options).start()
  }

  /** Ends the actor of an order. */
  stop(actor: OrderActor): void {
    if (!this.#isInspected && actor.getSnapshot().status === 'active') this.#idle.push(actor)
    else this.#scope.stopChild(actor)
  }
}

/** Makes an actor another order's, in the state that it begins with or in the one that is given. */
class Become {
  readonly type = 'become'
  readonly snapshot: AnyMachineSnapshot | undefined

  constructor(snapshot: AnyMachineSnapshot | undefined) {
    this.snapshot = snapshot
  }
}

const reusables = new WeakMap<AnyStateMachine, AnyStateMachine>()

/** One for each machine: V8 makes code anew for each object that others inherit from. */
function reusable(machine: AnyStateMachine): AnyStateMachine {
  const known = reusables.get(machine)
  if (known) return known
  const transition: AnyStateMachine['transition'] = (snapshot, event, scope) => {
    if (!(event instanceof Become)) return machine.transition(snapshot, event, scope)
    if (event.snapshot) return machine.restoreSnapshot(event.snapshot as never, scope)
    return machine.getInitialSnapshot(scope, {})
  }
  const made: AnyStateMachine = Object.create(machine, { transition: { value: transition } })
  reusables.set(machine, made)
  return made
}
