/**
 * Names the first thing in a view that JSON cannot say, such as a Date, which would be another one when it
 * is read back; undefined where there is none.
 */
export function notPlain(value: unknown, path = 'view'): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`
  if (typeof value !== 'object') return `${path} is a ${typeof value}`
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) {
    return `${path} is a ${prototype.constructor?.name ?? 'class'}`
  }
  for (const [key, inner] of Object.entries(value)) {
    // As good as not there, but for an element of an array.
    if (inner === undefined && !Array.isArray(value)) continue
    const fault = notPlain(inner, `${path}.${key}`)
    if (fault !== undefined) return fault
  }
  return undefined
}
