import type { ComponentChildren } from 'preact'

/** A sentence on what is, or is not, so. */
export function Notice({
  kind = 'plain',
  children,
}: {
  readonly kind?: 'plain' | 'bad' | 'good'
  readonly children: ComponentChildren
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}
