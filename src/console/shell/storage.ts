/** Whether the server has said that its disk is full, and no event has come since. */
import { signal } from '@preact/signals'

export const isStorageFull = signal(false)
