import type { AnyStateMachine, AnyStateNode } from 'xstate'

/**
 * What in a machine cannot be folded from recorded events alone: delayed transitions, which wait for
 * a clock, and invoked actors, which do things of their own. One line each; empty where all is well.
 */
export function unsupportedParts(machine: AnyStateMachine): readonly string[] {
  return partsOf(machine.root)
}

function partsOf(node: AnyStateNode): readonly string[] {
  const found: string[] = []
  if (node.after.length > 0) found.push(`${node.id} has delayed transitions (after)`)
  if (node.invoke.length > 0) found.push(`${node.id} invokes an actor`)
  for (const child of Object.values(node.states)) found.push(...partsOf(child))
  return found
}
