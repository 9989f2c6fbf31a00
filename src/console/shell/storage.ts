/** Whether the server's disk is full: as the server says, or as it refused a command for it. */
import { effect, signal } from '@preact/signals'
import { client } from '../server/session.ts'

export const isStorageFull = signal(false)

/** Any event shows that there is room again. */
export function watchStorage(): void {
  effect(() => {
    if (!isStorageFull.value) return undefined
    const recovered = () => {
      isStorageFull.value = false
    }
    try {
      const watching = client.value.events({}, recovered)
      watching.ended.catch(() => {})
      return () => watching.cancel()
    } catch {
      // Who may not watch learns it from a receipt.
      return undefined
    }
  })
}
