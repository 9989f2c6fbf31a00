/**
 * Where one order stands in the life of all orders: the states that are active, those that its event
 * entered marked, and how many steps led there. What is drawn here depends on nothing but its props, so
 * that a picture of the whole machine can take its place.
 */
import { entered } from '../order/diff.ts'
import { type StateValue, statePaths } from '../words.ts'

export interface Step {
  readonly eventId: number
  readonly type: string
}

export interface OrderChartProps {
  readonly state: StateValue
  /** The state before the step that was taken last; undefined for the first. */
  readonly before?: StateValue | undefined
  /** The events that led there, oldest first. */
  readonly path: readonly Step[]
}

export function OrderChart({ state, before, path }: OrderChartProps) {
  const paths = statePaths(state)
  const fresh = entered(paths, before === undefined ? undefined : statePaths(before))
  const last = path.at(-1)
  return (
    <figure class="chart" aria-label="Active states">
      <ul>
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
      {last && (
        <figcaption>
          by {last.type}, {path.length === 1 ? 'its first event' : `after ${path.length} events`}
        </figcaption>
      )}
    </figure>
  )
}
