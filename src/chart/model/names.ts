/** What guards, actions and actors of a machine are called, in words. */

type Called = { readonly name: string } & Record<string, unknown>

/** Names that a function has from where it stands, and that say nothing. */
const empty = new Set(['', 'guard', 'actions', 'action', 'entry', 'exit', 'params', 'src'])
const inline = 'inline'

/** A guard in words; those that combine others say how. */
export function guardName(guard: unknown): string {
  return combined(guard, false)
}

function combined(guard: unknown, isInner: boolean): string {
  if (typeof guard !== 'function') return named(guard)
  const { name, check, guards, stateValue } = guard as unknown as Called
  if (check !== undefined && Array.isArray(guards)) {
    if (name === 'not') return `not ${combined(guards[0], true)}`
    const text = guards.map((one) => combined(one, true)).join(` ${name} `)
    return isInner ? `(${text})` : text
  }
  if (check !== undefined && stateValue !== undefined) return `in ${textOf(stateValue)}`
  return empty.has(name) ? inline : name
}

/** An action in words: its name, and of what XState brings, what it does. */
export function actionName(action: unknown): string {
  if (typeof action !== 'function') return named(action)
  const { name, type, event, src } = action as unknown as Called
  if (typeof type !== 'string') return empty.has(name) ? inline : name
  const what = type.replace(/^xstate\./, '')
  if (typeof src === 'string') return `${what} ${src}`
  return typeof event === 'object' && event !== null && 'type' in event
    ? `${what} ${String(event.type)}`
    : what
}

/** A name, or one with params: `isOver {"limit":100}`. */
function named(thing: unknown): string {
  if (typeof thing !== 'object' || thing === null) return String(thing)
  const { type, params } = thing as { type?: unknown; params?: unknown }
  return params === undefined ? String(type) : `${String(type)} ${textOf(params)}`
}

function textOf(value: unknown): string {
  if (typeof value === 'function') return '(…)'
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '(…)')
}
