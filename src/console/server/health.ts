/** How the server stands while there is no connection to it: `/health`, which takes no token. */
import { effect, signal } from '@preact/signals'
import { every } from '../platform.ts'
import { connection } from './session.ts'

export type Health =
  | { readonly status: 'ready' }
  | { readonly status: 'replaying'; readonly done: number; readonly total: number }
  | { readonly status: 'stopping' }
  | { readonly status: 'away' }

const lookMs = 1000

/** Undefined while nobody has to ask. */
export const health = signal<Health | undefined>(undefined)

async function look(): Promise<void> {
  try {
    const response = await fetch('health', { cache: 'no-store' })
    health.value = (await response.json()) as Health
  } catch {
    health.value = { status: 'away' }
  }
}

/** Looks for as long as the connection is lost. */
export function watchHealth(): void {
  effect(() => {
    const { state, lost } = connection.value
    if (state !== 'connecting' || lost === null) {
      health.value = undefined
      return undefined
    }
    void look()
    return every(lookMs, () => void look())
  })
}
