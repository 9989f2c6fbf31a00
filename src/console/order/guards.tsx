/** What guards say, one beside the other. */
import type { GuardVerdict } from '../server/trial.ts'

const signs = { yes: '✓', no: '✗', unknown: '?' } as const
const words = { yes: 'says yes', no: 'says no', unknown: 'cannot say' } as const

const kindOf = (verdict: boolean | null) => (verdict === null ? 'unknown' : verdict ? 'yes' : 'no')

export function Guards({ guards }: { readonly guards: readonly GuardVerdict[] }) {
  if (guards.length === 0) return null
  return (
    <span class="guards">
      {guards.map(({ edge, guard, verdict }) => {
        const kind = kindOf(verdict)
        return (
          <span key={`${edge} ${guard}`} class={`guard ${kind}`} title={`on ${edge}`}>
            <span aria-hidden="true">{signs[kind]} </span>
            {guard} <span class="sr">{words[kind]}</span>
          </span>
        )
      })}
    </span>
  )
}
