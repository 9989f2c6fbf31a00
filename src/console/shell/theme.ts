/** Light, dark, or as the system has it. */
import { effect, signal } from '@preact/signals'
import { keptTheme } from '../platform.ts'

export type Theme = 'system' | 'light' | 'dark'

const named = keptTheme.get()
export const theme = signal<Theme>(named === 'light' || named === 'dark' ? named : 'system')

export function applyTheme(): void {
  effect(() => {
    const { documentElement: root } = document
    if (theme.value === 'system') root.removeAttribute('data-theme')
    else root.setAttribute('data-theme', theme.value)
    keptTheme.set(theme.value === 'system' ? undefined : theme.value)
  })
}
