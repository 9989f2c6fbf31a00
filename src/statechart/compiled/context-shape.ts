type Merge = (context: object, part: object) => object

/** What one action assigns. Mostly it has the same keys each time, for which there is code then. */
export class Parts {
  /** Those of the first part; undefined before it. */
  keys: readonly string[] | undefined
  merge: Merge | undefined
}

/**
 * Makes contexts that all have the same hidden class in V8, with which whatever reads them is several
 * times as fast: an object that is spread from another gets a class of its own for each step.
 *
 * Contexts with other keys than the first one's are made as well, only slower; but for symbols, which
 * only machines may use that begin with some.
 */
export class ContextShape {
  readonly #keys: readonly string[]
  readonly #copy: Merge | undefined

  /** @param first the context that the machine begins with */
  constructor(first: object) {
    this.#keys = Object.keys(first)
    const hasSymbols = Object.getOwnPropertySymbols(first).length > 0
    this.#copy = hasSymbols ? undefined : compileMerge(this.#keys, [])
  }

  /**
   * A new context: the given one, with what an action assigns.
   *
   * @param parts of that action, and of no other
   */
  merged(context: object, part: object, parts: Parts): object {
    if (this.#copy === undefined || !hasKeys(context, this.#keys)) {
      return Object.assign({ ...context }, part)
    }
    if (parts.keys === undefined) this.#learn(part, parts)
    if (parts.merge !== undefined && hasKeys(part, parts.keys!)) return parts.merge(context, part)
    return Object.assign(this.#copy(context, part), part)
  }

  #learn(part: object, parts: Parts): void {
    parts.keys = Object.keys(part ?? {})
    if (parts.keys.every((key) => this.#keys.includes(key))) {
      parts.merge = compileMerge(this.#keys, parts.keys)
    }
  }
}

/** Whether an object has these keys, in their order, and no more. */
function hasKeys(object: object, keys: readonly string[]): boolean {
  let count = 0
  for (const key in object) if (key !== keys[count++]) return false
  return count === keys.length
}

/**
 * As code of its own: a context's properties, but some from a part. Undefined where the program forbids to
 * make code, or a key is not to be copied so.
 */
function compileMerge(keys: readonly string[], fromPart: readonly string[]): Merge | undefined {
  if (keys.includes('__proto__')) return undefined
  const properties = keys.map((key) => {
    const name = JSON.stringify(key)
    return `${name}: ${fromPart.includes(key) ? 'part' : 'context'}[${name}]`
  })
  try {
    return new Function('context', 'part', `return { ${properties.join(', ')} }`) as Merge
  } catch {
    return undefined
  }
}
