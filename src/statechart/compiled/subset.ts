import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { unsupportedParts } from '../unsupported.ts'
import { unsupportedAction } from './actions.ts'

/**
 * What keeps a machine from being compiled, a line each; empty where all is well. Within the subset
 * are states of every type, guards of every kind, `always`, `onDone`, output, wildcards and multiple
 * targets, and as actions one's own functions, assign, raise without a delay, log and emit. Outside
 * are delayed transitions, invoked actors, and actions that deal with other actors or time.
 */
export function outsideOfSubset(machine: AnyStateMachine): readonly string[] {
  return [...unsupportedParts(machine), ...actionsOutside(machine, machine.root as AnyStateNode)]
}

function actionsOutside(machine: AnyStateMachine, node: AnyStateNode): readonly string[] {
  const transitions = [...[...node.transitions.values()].flat(), ...(node.always ?? [])]
  const actions = [
    ...node.entry,
    ...node.exit,
    ...node.initial.actions,
    ...transitions.flatMap((transition) => transition.actions),
  ]
  const found = new Set<string>()
  for (const action of actions) {
    const type = unsupportedAction(machine, action)
    if (type !== undefined) found.add(`${node.id} has the action ${type}`)
  }
  for (const child of Object.values(node.states) as AnyStateNode[]) {
    for (const line of actionsOutside(machine, child)) found.add(line)
  }
  return [...found]
}
