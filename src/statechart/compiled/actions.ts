import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { Parts } from './context-shape.ts'

/** What actions work on: one step of a machine on its way. */
export interface Running {
  readonly scope: AnyActorScope
  readonly event: EventObject
  readonly context: any
  /** Raised events, in the order in which they are to be heard. */
  readonly raised: EventObject[]
  /** The machine's, once a step has ended it. */
  output: unknown
  /** Goes on with a new context, which has these parts besides the others that it had. */
  assign(part: object, parts: Parts): void
  /** The snapshot as it is at this point of the step. */
  snapshotWithin(): AnyMachineSnapshot
}

export type Run = (running: Running) => void

interface Builtin {
  readonly type: string
  readonly assignment?: unknown
  readonly delay?: unknown
  readonly resolve: (...args: unknown[]) => readonly [AnyMachineSnapshot, unknown, unknown]
  readonly execute?: (scope: AnyActorScope, params: unknown) => void
}
type Custom = (args: object, params: unknown) => void
type Resolved = Custom | (Custom & Builtin) | undefined

/** The actions of XState's own that need no scheduler and no other actor. */
const builtins = new Set(['xstate.assign', 'xstate.raise', 'xstate.log', 'xstate.emit'])

/** Why an action is not within what can be compiled; undefined where it is. */
export function unsupportedAction(machine: AnyStateMachine, action: unknown): string | undefined {
  const resolved = resolveAction(machine, action)
  if (!resolved || !('resolve' in resolved)) return undefined
  if (!builtins.has(resolved.type)) return resolved.type
  return resolved.type === 'xstate.raise' && resolved.delay !== undefined
    ? 'xstate.raise with a delay'
    : undefined
}

/** An action of the machine as one function, its name looked up once. */
export function compileAction(machine: AnyStateMachine, action: unknown): Run {
  const resolved = resolveAction(machine, action)
  const paramsOf = compileParams(action)
  if (!resolved || !('resolve' in resolved)) {
    return compileCustom(typeOf(action), resolved, paramsOf)
  }
  if (resolved.type === 'xstate.assign') return compileAssign(resolved.assignment, paramsOf)
  return compileBuiltin(resolved, paramsOf)
}

function resolveAction(machine: AnyStateMachine, action: unknown): Resolved {
  if (typeof action === 'function') return action as Custom
  return (machine.implementations.actions as Record<string, Resolved>)[typeOf(action)]
}

function typeOf(action: unknown): string {
  if (typeof action === 'string') return action
  if (typeof action === 'function') return action.name || '(anonymous)'
  return (action as { type: string }).type
}

type ParamsOf = (running: Running) => unknown

function compileParams(action: unknown): ParamsOf {
  if (typeof action !== 'object' || action === null) return () => undefined
  const { params } = action as { params?: unknown }
  if (typeof params !== 'function') return () => params
  return ({ context, event }) => params({ context, event })
}

/** The machine's own functions: the actor runs them, as it does for XState's interpreter. */
function compileCustom(type: string, exec: Custom | undefined, paramsOf: ParamsOf): Run {
  return (running) => {
    const { scope } = running
    const info = argsOf(running)
    scope.actionExecutor({ type, info, params: paramsOf(running), exec } as never)
  }
}

function compileAssign(assignment: unknown, paramsOf: ParamsOf): Run {
  const partOf =
    typeof assignment === 'function'
      ? (assignment as (args: object, params: unknown) => object)
      : compileProperties(assignment as object)
  const parts = new Parts()
  return (running) => {
    const { context, event, scope } = running
    const args = { context, event, spawn, self: scope.self, system: scope.system }
    running.assign(partOf(args, paramsOf(running)), parts)
  }
}

/** Each property from the context as it was before all of them. */
function compileProperties(assignment: object): (args: object, params: unknown) => object {
  const entries = Object.entries(assignment)
  return (args, params) =>
    Object.fromEntries(
      entries.map(([key, of]) => [key, typeof of === 'function' ? of(args, params) : of]),
    )
}

/** @throws always: actors inside actors are outside of what is compiled */
export function spawn(): never {
  throw new Error('A compiled machine spawns no actors. Run it by the interpreter.')
}

function compileBuiltin(builtin: Builtin, paramsOf: ParamsOf): Run {
  const { type, execute } = builtin
  return (running) => {
    const { scope, raised } = running
    const info = argsOf(running)
    const more = { internalQueue: raised, deferredActorIds: undefined }
    const own = paramsOf(running)
    const [, params] = builtin.resolve(scope, running.snapshotWithin(), info, own, builtin, more)
    if (!execute) return
    const exec = execute.bind(null, scope, params)
    scope.actionExecutor({ type, info, params, exec } as never)
  }
}

function argsOf({ context, event, scope: { self, system } }: Running) {
  return { context, event, self, system }
}
