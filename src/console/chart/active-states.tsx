/** The states that are active, in words, those that were entered marked. */
import { entered } from '../order/diff.ts'
import { type StateValue, statePaths } from '../words.ts'

interface ActiveStatesProps {
  readonly state: StateValue
  /** The state before; undefined where there was none. */
  readonly before?: StateValue | undefined
}

export function ActiveStates({ state, before }: ActiveStatesProps) {
  const paths = statePaths(state)
  const fresh = entered(paths, before === undefined ? undefined : statePaths(before))
  return (
    <ul class="active-states" aria-label="Active states">
      {paths.map((active) => (
        <li key={active} class={fresh.has(active) ? 'changed' : undefined}>
          {active.split('.').map((name, depth, names) => (
            <span key={name} class={depth === names.length - 1 ? 'state-name' : 'state-above'}>
              {name}
            </span>
          ))}
        </li>
      ))}
    </ul>
  )
}
