/**
 * Freezes all of a value that is objects and arrays, and nothing of other classes: whoever changes it
 * then is told so where he does, instead of changing what others go by.
 */
export function freezePlain(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  if (!isPlain) return
  Object.freeze(value)
  for (const inner of Object.values(value)) freezePlain(inner)
}
