/** A status with a dot of its own hue; the word says it all. */
import { plainWords } from '../words.ts'

const hues = 12

function hueOf(status: string): number {
  let sum = 0
  for (let at = 0; at < status.length; at++) sum = (sum * 61 + status.charCodeAt(at)) % 9973
  return sum % hues
}

export function Status({ status }: { readonly status: string }) {
  return (
    <span class="status">
      <span class={`dot hue-${hueOf(status)}`} aria-hidden="true" />
      {plainWords(status)}
    </span>
  )
}
