import { createHash } from 'node:crypto'
import type { Domain } from '../../domain.ts'

/**
 * Of all of a domain that makes views: its machine with its guards and actions, `view` and `owner`, as
 * their own text has it, the forms of its events, and its version, which says what texts do not.
 */
export function fingerprintOf(domain: Domain): string {
  const { name, version, machine, events, methods, view, owner } = domain
  const { guards, actions } = machine.implementations
  const parts = { name, version, config: machine.config, guards, actions, events, view, owner }
  const hash = createHash('sha256')
  write({ ...parts, methods: Object.keys(methods) }, (text) => hash.update(text), new Set())
  return hash.digest('hex').slice(0, 32)
}

/** Functions are their text and what hangs on them, as that of `assign` does. */
function write(value: unknown, put: (text: string) => void, above: Set<unknown>): void {
  if (typeof value !== 'object' && typeof value !== 'function') return put(`${String(value)};`)
  if (value === null || above.has(value)) return put('null;')
  above.add(value)
  if (typeof value === 'function') put(`${value};`)
  for (const key of Object.keys(value).sort()) {
    put(`${JSON.stringify(key)}:`)
    write((value as Record<string, unknown>)[key], put, above)
  }
  put('.')
  above.delete(value)
}
