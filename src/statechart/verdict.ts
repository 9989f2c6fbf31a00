/**
 * Why a machine does not take an event: no transition in this state, or a guard that said no.
 *
 * `snapshot.can(event)` answers yes or no at little cost. This is for the answer after a no: it
 * runs the guards of this one step again, each wrapped so that it reports its verdict.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'

type Guard = (args: unknown, params: unknown) => boolean

interface Watched {
  readonly machine: AnyStateMachine
  /** The guard that was asked last: XState asks no further once a step is settled. */
  last: { readonly name: string; readonly verdict: boolean } | undefined
}

const watchedMachines = new WeakMap<AnyStateMachine, Watched>()

/**
 * The name of the guard that kept the machine from taking the event; undefined where the state has
 * no transition for it. Where several guards said no, the last one, which is the one that settled
 * it; where it was asked for its opposite (`not`), `not` and its name. Guards must be named in the
 * machine's `setup`.
 */
export function guardThatRefused(
  snapshot: AnyMachineSnapshot,
  event: EventObject,
): string | undefined {
  const watched = watch(snapshot.machine)
  watched.last = undefined
  const here = watched.machine.resolveState({
    value: snapshot.value,
    context: snapshot.context,
    historyValue: snapshot.historyValue,
  })
  watched.machine.getTransitionData(here, event)
  return nameOf(watched.last)
}

function nameOf(last: Watched['last']): string | undefined {
  return last?.verdict ? `not ${last.name}` : last?.name
}

function watch(machine: AnyStateMachine): Watched {
  const known = watchedMachines.get(machine)
  if (known) return known
  const guards: Record<string, Guard> = {}
  for (const [name, guard] of Object.entries(machine.implementations.guards)) {
    if (typeof guard !== 'function') continue
    // Combined guards (and, or, not) call the named ones, which report for themselves.
    if ('check' in guard) continue
    guards[name] = (args, params) => {
      const verdict = (guard as Guard)(args, params)
      watched.last = { name, verdict }
      return verdict
    }
  }
  const watched: Watched = { machine: machine.provide({ guards } as never), last: undefined }
  watchedMachines.set(machine, watched)
  return watched
}
