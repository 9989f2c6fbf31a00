import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  EventObject,
} from 'xstate'
import { candidatesOf } from './compiled/choosing.ts'
import { compileGuard, conjunctsOf } from './compiled/guards.ts'

/** What one guard says of an event. */
export interface GuardAsked {
  /** The transition that it allows or forbids, with others perhaps. */
  readonly transition: AnyTransitionDefinition
  /** As the machine has it: of `and([…])`, each of its parts is asked by itself. */
  readonly guard: unknown
  /** Null where it threw: perhaps it counts on one before it. */
  readonly verdict: boolean | null
}

/**
 * What each guard of each transition says that a machine has for an event where it stands: also those
 * that it would not ask any more, since one before them said no.
 */
export function guardsAsked(
  snapshot: AnyMachineSnapshot,
  event: EventObject,
): readonly GuardAsked[] {
  const { machine } = snapshot
  const nodes = snapshot._nodes as readonly AnyStateNode[]
  return nodes
    .flatMap((node) => candidatesOf(node, event.type))
    .flatMap((transition) =>
      conjunctsOf(transition.guard).map((guard) => ({
        transition,
        guard,
        verdict: verdictOf(machine, guard, snapshot, event),
      })),
    )
}

function verdictOf(
  machine: AnyStateMachine,
  guard: unknown,
  snapshot: AnyMachineSnapshot,
  event: EventObject,
): boolean | null {
  try {
    const verdict = compileGuard(machine, guard)
    return Boolean(verdict({ context: snapshot.context, event }, { snapshot: () => snapshot }))
  } catch {
    return null
  }
}
