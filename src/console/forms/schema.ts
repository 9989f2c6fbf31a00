/**
 * Forms are made from JSON Schema, as far as commands need it: objects, lists, texts, whole numbers and
 * choices. What is typed is kept as text, and becomes params when it is sent; whether those are right is
 * the server's to say.
 */
export interface Schema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

/** What is typed so far, in the shape of the params. */
export type Draft = string | readonly Draft[] | { readonly [key: string]: Draft }

/** What a form begins with; `filled` gives what is known already. */
export function emptyDraft(schema: Schema, filled?: unknown): Draft {
  if (schema.type === 'object') {
    const known = (filled ?? {}) as Record<string, unknown>
    const entries = Object.entries(schema.properties ?? {})
    return Object.fromEntries(entries.map(([key, inner]) => [key, emptyDraft(inner, known[key])]))
  }
  if (schema.type === 'array') {
    const items = schema.items ?? {}
    if (Array.isArray(filled)) return filled.map((item) => emptyDraft(items, item))
    return Array.from({ length: schema.minItems ?? 0 }, () => emptyDraft(items))
  }
  return filled === undefined || filled === null ? '' : String(filled)
}

/** The params that a draft stands for. What is left empty and may be left out is left out. */
export function paramsOf(schema: Schema, draft: Draft): unknown {
  if (typeof draft === 'string') return scalarOf(schema, draft)
  if (Array.isArray(draft)) return draft.map((item) => paramsOf(schema.items ?? {}, item))
  const required = new Set(schema.required ?? [])
  const entries = Object.entries(draft as Record<string, Draft>)
  return Object.fromEntries(
    entries
      .filter(([key, inner]) => required.has(key) || !isEmpty(inner))
      .map(([key, inner]) => [key, paramsOf(schema.properties?.[key] ?? {}, inner)]),
  )
}

/** What is no whole number goes as it is, so that the server says what is wrong. */
function scalarOf(schema: Schema, text: string): unknown {
  const isNumber = schema.type === 'integer' || schema.type === 'number'
  return isNumber && /^\s*-?\d+\s*$/.test(text) ? Number(text) : text
}

function isEmpty(draft: Draft): boolean {
  if (typeof draft === 'string') return draft === ''
  return Object.values(draft).every(isEmpty)
}

/** The draft with what is at a path replaced. */
export function withAt(draft: Draft, path: readonly (string | number)[], value: Draft): Draft {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (Array.isArray(draft)) {
    return draft.map((item, index) => (index === Number(key) ? withAt(item, rest, value) : item))
  }
  const object = draft as Record<string, Draft>
  return { ...object, [key]: withAt(object[key] ?? '', rest, value) }
}

/** A path as a JSON pointer. */
export const pointerOf = (path: readonly (string | number)[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** What may be typed, in a few words. */
export function hintOf({ type, minimum, maximum, description, maxLength }: Schema): string {
  const parts: string[] = []
  if (type === 'integer') {
    const isBounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
    parts.push(`whole number${minimum === undefined ? '' : `, from ${minimum}`}`)
    if (isBounded) parts.push(`to ${maximum}`)
  } else if (maxLength !== undefined) parts.push(`up to ${maxLength} characters`)
  if (description) parts.push(description)
  return parts.join(', ')
}
