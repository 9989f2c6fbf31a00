/**
 * The fast way in for what is right: a schema as one function that looks at each value once, and makes
 * the copy of it on the way. Whatever it is not sure of is left to the schema's own check.
 */
import type { TSchema } from 'typebox'

/** A copy of a value that surely fits the schema; undefined where that is not sure. */
export type PlainCopy = (value: unknown) => object | undefined

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

const words = new Set(['title', 'description', 'examples'])
const known = {
  object: ['type', 'properties', 'required', 'additionalProperties'],
  array: ['type', 'items', 'minItems', 'maxItems'],
  string: ['type', 'pattern', 'minLength', 'maxLength'],
  integer: ['type', 'minimum', 'maximum'],
  enum: ['enum'],
}

/** Undefined where the schema has what this does not know, or the program forbids to make code. */
export function compilePlainCopy(schema: TSchema): PlainCopy | undefined {
  try {
    return new Writer().compile(schema as Schema)
  } catch (error) {
    if (error instanceof NotKnown || error instanceof EvalError) return undefined
    throw error
  }
}

class NotKnown extends Error {}

/** Writes the functions. What they need that is no text, they find in `has`. */
class Writer {
  readonly #functions: string[] = []
  readonly #has: unknown[] = []

  compile(schema: Schema): PlainCopy {
    if (kindOf(schema) !== 'object') throw new NotKnown()
    const name = this.#object(schema)
    const has = this.#has.map((_, index) => `has${index}`)
    const code = `'use strict'\n${this.#functions.join('\n')}\nreturn ${name}`
    return new Function(...has, code)(...this.#has) as PlainCopy
  }

  /** The code of the copy of a value that is in a variable; a copy that is undefined does not fit. */
  #copy(variable: string, schema: Schema): string {
    const kind = kindOf(schema)
    if (kind === 'object') return `${this.#object(schema)}(${variable})`
    if (kind === 'array') return `${this.#array(schema)}(${variable})`
    return `${this.#test(variable, schema, kind)} ? ${variable} : undefined`
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema): string {
    if (additionalProperties !== false) throw new NotKnown()
    const keys = Object.keys(properties)
    // Of such a key a literal makes no property.
    if (keys.includes('__proto__')) throw new NotKnown()
    if (required.some((key) => !keys.includes(key))) throw new NotKnown()
    const optional = keys.filter((key) => !required.includes(key))
    const part = (key: string) => `part${keys.indexOf(key)}`
    const needs = required.map(
      (key) => `
  read = value[${quoted(key)}]
  const ${part(key)} = ${this.#copy('read', properties[key]!)}
  if (${part(key)} === undefined) return`,
    )
    const may = optional.map(
      (key) => `
  let ${part(key)}
  read = value[${quoted(key)}]
  if (read !== undefined) {
    ${part(key)} = ${this.#copy('read', properties[key]!)}
    if (${part(key)} === undefined) return
    found++
  }`,
    )
    const late = optional.slice(literalOptionsMax)
    const add = late.map(
      (key) => `
  if (${part(key)} !== undefined) copy[${quoted(key)}] = ${part(key)}`,
    )
    const asked = optional.slice(0, literalOptionsMax)
    return this.#function(`
  if (typeof value !== 'object' || value === null) return
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return
  let found = ${required.length}
  let read${[...needs, ...may].join('')}
  for (const key in value) {
    switch (key) {
      ${keys.map((key) => `case ${quoted(key)}:`).join(' ')} found--; break
      default: return
    }
  }
  if (found !== 0) return
  const copy = ${literals(required, asked, part)}${add.join('')}
  return copy`)
  }

  #array({ items, minItems = 0, maxItems }: Schema): string {
    if (items === undefined || maxItems === undefined) throw new NotKnown()
    return this.#function(`
  if (!Array.isArray(value)) return
  const { length } = value
  if (length < ${minItems} || length > ${maxItems}) return
  const copy = []
  for (let index = 0; index < length; index++) {
    const read = value[index]
    const item = ${this.#copy('read', items)}
    if (item === undefined) return
    copy.push(item)
  }
  return copy`)
  }

  #test(variable: string, schema: Schema, kind: 'string' | 'integer' | 'enum'): string {
    if (kind === 'enum') return this.#oneOf(variable, schema.enum!)
    const { pattern, minLength = 0, maxLength, minimum, maximum } = schema
    if (kind === 'integer') {
      const least = minimum === undefined ? '' : ` && ${variable} >= ${minimum}`
      const most = maximum === undefined ? '' : ` && ${variable} <= ${maximum}`
      return `Number.isInteger(${variable})${least}${most}`
    }
    const tests = [`typeof ${variable} === 'string'`]
    // A character takes one or two of a string's units.
    const unitsMin = minLength > 1 ? 2 * minLength : minLength
    if (unitsMin > 0) tests.push(`${variable}.length >= ${unitsMin}`)
    if (maxLength !== undefined) tests.push(`${variable}.length <= ${maxLength}`)
    if (pattern !== undefined) tests.push(`${this.#give(testOf(pattern))}(${variable})`)
    return tests.join(' && ')
  }

  #oneOf(variable: string, values: readonly unknown[]): string {
    if (values.some((value) => typeof value !== 'string')) throw new NotKnown()
    return `${this.#give(new Set(values))}.has(${variable})`
  }

  /** The name under which the code finds something. */
  #give(what: unknown): string {
    return `has${this.#has.push(what) - 1}`
  }

  #function(body: string): string {
    const name = `copy${this.#functions.length}`
    this.#functions.push(`function ${name}(value) {${body}\n}`)
    return name
  }
}

const quoted = (key: string) => JSON.stringify(key)

/** A literal for each choice of so many keys: an object that is added to is slower to make. */
const literalOptionsMax = 4

/** The literal with those keys that are there: some always, others where their variables have a value. */
function literals(
  there: readonly string[],
  asked: readonly string[],
  part: (key: string) => string,
): string {
  const [key, ...others] = asked
  if (key === undefined)
    return `{ ${there.map((each) => `${quoted(each)}: ${part(each)}`).join()} }`
  const without = literals(there, others, part)
  return `${part(key)} === undefined ? ${without} : ${literals([...there, key], others, part)}`
}

type Test = (text: string) => boolean

function testOf(pattern: string): Test {
  const simple = ofOneClass.exec(pattern)
  if (simple) return madeOf(simple[1]!, Number(simple[2]), Number(simple[3]))
  const regExp = new RegExp(pattern, 'u')
  return (text) => regExp.test(text)
}

/** So many characters of one class of ASCII, as ids are: with a table it takes a third of the time. */
const ofOneClass = /^\^\[([\w.:-]+)\]\{(\d+),(\d+)\}\$$/

function madeOf(characters: string, min: number, max: number): Test {
  const isOne = new RegExp(`[${characters}]`, 'u')
  const table = Uint8Array.from({ length: 128 }, (_, unit) =>
    isOne.test(String.fromCharCode(unit)) ? 1 : 0,
  )
  return (text) => {
    if (text.length < min || text.length > max) return false
    for (let index = 0; index < text.length; index++) {
      // Beyond the table there is nothing.
      if (table[text.charCodeAt(index)] !== 1) return false
    }
    return true
  }
}

type Kind = keyof typeof known

/** @throws {NotKnown} if it is no such schema, or says more than what is looked at here */
function kindOf(schema: Schema): Kind {
  const kind = schema.enum === undefined ? schema.type : 'enum'
  if (kind === undefined || !(kind in known)) throw new NotKnown()
  const keys = Object.keys(schema).filter((key) => !words.has(key))
  if (keys.some((key) => !known[kind as Kind].includes(key))) throw new NotKnown()
  return kind as Kind
}
