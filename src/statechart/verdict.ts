/**
 * Why a machine does not take an event: no transition in this state, or a guard that said no.
 *
 * `snapshot.can(event)` answers yes or no at little cost. This is for the answer after a no: it
 * runs the guards of this one step again, each wrapped so that it reports its verdict.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'

type Guard = (args: unknown, params: unknown) => boolean

const watchedMachines = new WeakMap<
  AnyStateMachine,
  { machine: AnyStateMachine; refused: string[] }
>()

/**
 * The name of the guard that kept the machine from taking the event; undefined where the state has
 * no transition for it. Where several guards said no, the last one, which is the one that settled
 * it. Guards must be named in the machine's `setup`.
 */
export function guardThatRefused(
  snapshot: AnyMachineSnapshot,
  event: EventObject,
): string | undefined {
  const watched = watch(snapshot.machine)
  watched.refused.length = 0
  const here = watched.machine.resolveState({
    value: snapshot.value,
    context: snapshot.context,
    historyValue: snapshot.historyValue,
  })
  watched.machine.getTransitionData(here, event)
  return watched.refused.at(-1)
}

function watch(machine: AnyStateMachine) {
  const known = watchedMachines.get(machine)
  if (known) return known
  const refused: string[] = []
  const guards: Record<string, Guard> = {}
  for (const [name, guard] of Object.entries(machine.implementations.guards)) {
    if (typeof guard !== 'function') continue
    // Combined guards (and, or, not) call the named ones, which report for themselves.
    if ('check' in guard) continue
    guards[name] = (args, params) => {
      const verdict = (guard as Guard)(args, params)
      if (!verdict) refused.push(name)
      return verdict
    }
  }
  const watched = { machine: machine.provide({ guards } as never), refused }
  watchedMachines.set(machine, watched)
  return watched
}
