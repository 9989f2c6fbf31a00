/** Which transitions an event leads to: the candidates of a configuration, and their guards. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, StateValue } from 'xstate'
import { type Asking, compileGuard, type Question, type Verdict } from './guards.ts'

/** A transition that may be taken. */
export class Choice {
  /** Of its own within the process: what plans are found by. */
  readonly number: number
  readonly transition: AnyTransitionDefinition
  /** Undefined where it is taken unasked. */
  readonly verdict: Verdict | undefined
  /** False where it neither leads anywhere nor does anything, which forbids its event. */
  readonly allows: boolean

  static readonly #known = new WeakMap<AnyTransitionDefinition, Choice>()
  static #count = 0

  /** One object a transition. Where it is for an event, an error of its guard says so. */
  static of(
    machine: AnyStateMachine,
    transition: AnyTransitionDefinition,
    source: AnyStateNode | undefined,
  ): Choice {
    const known = Choice.#known.get(transition)
    if (known) return known
    const choice = new Choice(machine, transition, source)
    Choice.#known.set(transition, choice)
    return choice
  }

  private constructor(
    machine: AnyStateMachine,
    transition: AnyTransitionDefinition,
    source: AnyStateNode | undefined,
  ) {
    const { guard, target, actions } = transition
    this.allows = target !== undefined || actions.length > 0
    this.number = Choice.#count++
    this.transition = transition
    // For an event XState takes anything false for no guard.
    if (guard === undefined || (source !== undefined && !guard)) return
    const verdict = compileGuard(machine, guard)
    this.verdict = source === undefined ? verdict : sayingWhere(verdict, guard, source)
  }
}

/** As XState words it for events; it does not for eventless transitions. */
function sayingWhere(verdict: Verdict, guard: unknown, { id }: AnyStateNode): Verdict {
  const type = typeof guard === 'string' ? guard : (guard as { type?: string }).type
  const name = typeof guard === 'function' || type === undefined ? '' : `'${type}' `
  return (question, asking) => {
    try {
      return verdict(question, asking)
    } catch (error) {
      const { message } = error as Error
      throw new Error(
        `Unable to evaluate guard ${name}in transition for event '${question.event.type}' in state node '${id}':\n${message}`,
      )
    }
  }
}

/** The active states that know an event, without those that do not. */
export interface Chooser {
  /** Regions side by side, each asked; what is further inside comes before what it lies in. */
  readonly inner: readonly Chooser[]
  /** Asked in this order where nothing inside takes the event: the first yes is taken. */
  readonly own: readonly Choice[]
}

/** For one state value and one type of event; undefined where no active state knows it. */
export function compileChooser(
  machine: AnyStateMachine,
  value: StateValue,
  eventType: string,
): Chooser | undefined {
  return chooserOf(machine, machine.root as AnyStateNode, value, eventType)
}

function chooserOf(
  machine: AnyStateMachine,
  node: AnyStateNode,
  value: StateValue,
  eventType: string,
): Chooser | undefined {
  const parts: (readonly [string, StateValue])[] =
    typeof value === 'string'
      ? [[value, {}]]
      : Object.entries(value).map(([key, inside]) => [key, inside ?? {}])
  const inner = parts
    .map(([key, inside]) => chooserOf(machine, node.states[key] as AnyStateNode, inside, eventType))
    .filter((chooser) => chooser !== undefined)
  const own = candidatesOf(node, eventType).map((each) => Choice.of(machine, each, node))
  if (own.length > 0) return { inner, own }
  return inner.length === 1 ? inner[0] : inner.length > 0 ? { inner, own } : undefined
}

/** Those for the very type come first, then wildcards, the longest first. */
export function candidatesOf(
  { transitions }: AnyStateNode,
  type: string,
): AnyTransitionDefinition[] {
  const wild = [...transitions.keys()].filter((key) => key !== type && isWildcardFor(key, type))
  wild.sort((a, b) => b.length - a.length)
  return [type, ...wild].flatMap((key) => transitions.get(key) ?? [])
}

/** `*` is for all, `order.*` for `order`, `order.paid` and `order.paid.late`. */
function isWildcardFor(descriptor: string, type: string): boolean {
  if (descriptor === '*') return true
  if (!descriptor.endsWith('.*')) return false
  const wanted = descriptor.split('.')
  const star = wanted.indexOf('*')
  if (star !== wanted.length - 1) return false
  const tokens = type.split('.')
  return wanted.slice(0, star).every((token, place) => token === tokens[place])
}

/** What is to be taken: mostly nothing or one; several only where regions are side by side. */
export type Chosen = Choice | readonly Choice[] | undefined

/** The transitions that an event leads to, in XState's order. */
export function choose({ inner, own }: Chooser, question: Question, asking: Asking): Chosen {
  let chosen: Chosen
  for (const chooser of inner) chosen = both(chosen, choose(chooser, question, asking))
  return chosen ?? firstOf(own, question, asking)
}

/** The same for eventless transitions: for each innermost state the first that may be taken. */
export function chooseAlways(
  chains: readonly (readonly Choice[])[],
  question: Question,
  asking: Asking,
): Chosen {
  let chosen: Chosen
  for (const chain of chains) chosen = both(chosen, firstOf(chain, question, asking))
  return chosen
}

function firstOf(
  choices: readonly Choice[],
  question: Question,
  asking: Asking,
): Choice | undefined {
  for (const choice of choices) {
    if (choice.verdict === undefined || choice.verdict(question, asking)) return choice
  }
  return undefined
}

function both(some: Chosen, more: Chosen): Chosen {
  if (some === undefined || some === more) return more
  if (more === undefined) return some
  return [...new Set([some, more].flat())] as Choice[]
}
