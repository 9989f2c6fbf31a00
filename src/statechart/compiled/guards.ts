import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  and,
  type EventObject,
  not,
  or,
} from 'xstate'

/** What a guard is asked about. */
export interface Question {
  readonly context: any
  readonly event: EventObject
}
/** What a guard is asked in. Its snapshot is made where a guard wants it, which few do. */
export interface Asking {
  snapshot(): AnyMachineSnapshot
}
export type Verdict = (question: Question, asking: Asking) => boolean

type Plain = (question: Question, params: unknown) => boolean
/** `and`, `or`, `not` and `stateIn` carry what they consist of. */
type Combined = Plain & {
  readonly check: (snapshot: AnyMachineSnapshot, question: Question, self: Combined) => boolean
  readonly guards?: readonly unknown[]
}

const checkOf = (guard: unknown) => (guard as Combined).check
const checks = { and: checkOf(and([])), or: checkOf(or([])), not: checkOf(not(() => false)) }

/** A guard of the machine as one function, its names looked up once. */
export function compileGuard(machine: AnyStateMachine, guard: unknown): Verdict {
  if (typeof guard === 'function') return compileFunction(machine, guard as Plain, undefined)
  const { type, ...rest } =
    typeof guard === 'string' ? { type: guard } : (guard as { type: string })
  const named = (machine.implementations.guards as Record<string, unknown>)[type]
  if (named === undefined) {
    return () => {
      throw new Error(`Guard '${type}' is not implemented.'.`)
    }
  }
  if (typeof named !== 'function') return compileGuard(machine, named)
  return compileFunction(machine, named as Plain, (rest as { params?: unknown }).params)
}

function compileFunction(
  machine: AnyStateMachine,
  guard: Plain | Combined,
  params: unknown,
): Verdict {
  if ('check' in guard) return compileCombined(machine, guard)
  if (typeof params === 'function') {
    return ({ context, event }) => guard({ context, event }, params({ context, event }))
  }
  return (question) => guard(question, params)
}

function compileCombined(machine: AnyStateMachine, guard: Combined): Verdict {
  const inner = guard.guards?.map((each) => compileGuard(machine, each)) ?? []
  if (guard.check === checks.and) {
    return (question, asking) => {
      for (const each of inner) if (!each(question, asking)) return false
      return true
    }
  }
  if (guard.check === checks.or) {
    return (question, asking) => {
      for (const each of inner) if (each(question, asking)) return true
      return false
    }
  }
  if (guard.check === checks.not) return (question, asking) => !inner[0]!(question, asking)
  return (question, asking) => guard.check(asking.snapshot(), question, guard)
}

/** The guards that all have to say yes for a guard to say yes: the parts of `and`, or itself. */
export function conjunctsOf(guard: unknown): readonly unknown[] {
  if (!guard) return []
  if (typeof guard !== 'function' || checkOf(guard) !== checks.and) return [guard]
  return ((guard as Combined).guards ?? []).flatMap(conjunctsOf)
}
