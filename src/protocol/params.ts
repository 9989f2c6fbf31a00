/** Checks the params of a call against its schema, and says of each fault where it is. */
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { paramFaultsMax, paramValuesMax } from '../config.ts'
import type { ParamFault } from '../domain.ts'

/** Gives the faults of a value; an empty list where it has the form that the schema asks for. */
export type ParamsCheck = (value: unknown) => readonly ParamFault[]

const noFaults: readonly ParamFault[] = []

interface SchemaError {
  readonly keyword: string
  readonly schemaPath: string
  readonly instancePath: string
  readonly message: string
  readonly params: object
}

/** Compiles the schema once; the check then costs a fraction of a microsecond. */
export function compileCheck(schema: TSchema): ParamsCheck {
  const compiled = Compile(schema)
  return (value) => {
    if (compiled.Check(value)) return noFaults
    if (holdsMore(value, paramValuesMax)) return [tooMuch(value, schema)]
    const faults = compiled.Errors(value).flatMap((error) => faultsOf(error, schema))
    // What does not fit is never let through, whatever is told of it.
    return faults.length > 0
      ? faults.slice(0, paramFaultsMax)
      : [{ path: '', message: 'does not fit' }]
  }
}

/** Saying what is wrong with a value takes long where it holds much, so that it is looked at no further. */
function tooMuch(value: unknown, schema: TSchema): ParamFault {
  const { properties = {} } = schema as { properties?: Record<string, { maxItems?: number }> }
  for (const [key, { maxItems }] of Object.entries(properties)) {
    const list = (value as Record<string, unknown>)[key]
    if (maxItems !== undefined && Array.isArray(list) && list.length > maxItems) {
      return { path: `/${key}`, message: `must not have more than ${maxItems} items` }
    }
  }
  return { path: '', message: `does not fit, and holds more than ${paramValuesMax} values` }
}

/** Whether there are more than so many values in a value, those inside others counted, too. */
function holdsMore(value: unknown, max: number): boolean {
  const left = [value]
  let count = 0
  while (left.length > 0) {
    const next = left.pop()
    if (++count > max) return true
    if (typeof next !== 'object' || next === null) continue
    const inside = Array.isArray(next) ? next : Object.values(next)
    if (count + left.length + inside.length > max) return true
    left.push(...inside)
  }
  return false
}

/** Characters of a path that are told, as somebody may send a very long key. */
const pathCharsMax = 200

function faultsOf(error: SchemaError, schema: TSchema): readonly ParamFault[] {
  const { keyword, instancePath, message, params } = error
  const path = instancePath.slice(0, pathCharsMax)
  // TypeBox names an unknown key twice: at the key, then at the object that holds it. It stops after
  // a number of errors, so that the second may be missing.
  if (keyword === 'boolean') return [{ path, message: 'is not a known key' }]
  if (keyword === 'additionalProperties') return []
  if (keyword === 'required') {
    const { requiredProperties: keys = [] } = params as { requiredProperties?: string[] }
    return keys.map((key) => ({ path: `${path}/${pointer(key)}`, message: 'is missing' }))
  }
  return [{ path, message: hint(error, schema) ?? message }]
}

/** Of a long list of values, as many are named. */
const valuesNamedMax = 8

/** What would be right, where the schema's own message does not say it. */
function hint({ keyword, params, schemaPath }: SchemaError, schema: TSchema): string | undefined {
  if (keyword === 'pattern')
    return `must match ${String((params as { pattern?: unknown }).pattern)}`
  if (keyword !== 'enum') return undefined
  const { allowedValues: values } = params as { readonly allowedValues: readonly unknown[] }
  const named = values.slice(0, valuesNamedMax).join(', ')
  if (values.length <= valuesNamedMax) return `must be one of ${named}`
  const kind = descriptionAt(schema, schemaPath)
  return `must be one of ${values.length} values${kind ? ` (${kind})` : ''}, such as ${named}`
}

function descriptionAt(schema: TSchema, path: string): string | undefined {
  let at: unknown = schema
  for (const key of path.split('/').slice(1))
    at = (at as Record<string, unknown> | undefined)?.[key]
  return (at as { readonly description?: string } | undefined)?.description
}

/** A key as a part of a JSON pointer (RFC 6901). */
function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
