/** What is in a view, field by field, and what of it is other than before. */
import type { AnyView } from '../server/session.ts'

export interface Field {
  readonly name: string
  readonly value: unknown
  /** What it was; undefined where it is as it was, or there was nothing before. */
  readonly was?: unknown
}

/** Told elsewhere, or other at each event. */
const told = new Set(['orderId', 'eventId', 'version', 'updatedAt', 'state', 'can'])

export function fieldsOf(view: AnyView, before?: AnyView): readonly Field[] {
  const values = view as Readonly<Record<string, unknown>>
  const past = before as Readonly<Record<string, unknown>> | undefined
  return Object.keys(values)
    .filter((name) => !told.has(name))
    .map((name) => {
      const value = values[name]
      const was = past?.[name]
      return past && !isSame(value, was) ? { name, value, was: was ?? null } : { name, value }
    })
}

/** The same as JSON. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

/** States that are active in the one and not in the other. */
export function entered(
  paths: readonly string[],
  before: readonly string[] | undefined,
): ReadonlySet<string> {
  return new Set(before ? paths.filter((path) => !before.includes(path)) : [])
}
