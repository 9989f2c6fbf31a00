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
 */
export class ActorSystem {
  readonly #machine: AnyStateMachine
  readonly #root: AnyActorRef
  #scope!: AnyActorScope

  /** @param inspect watches every actor, as XState's `inspect` does */
  constructor(machine: AnyStateMachine, inspect: Inspect | undefined) {
    this.#machine = compile(machine).machine
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
    const parent = this.#root
    const options = snapshot ? { id: orderId, parent, snapshot } : { id: orderId, parent }
    return createActor(this.#machine, options).start()
  }

  stop(actor: OrderActor): void {
    this.#scope.stopChild(actor)
  }
}
