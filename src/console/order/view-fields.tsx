/** The fields of an order's view; those that the event changed are marked, with what they were. */
import type { AnyView } from '../server/session.ts'
import { plainWords } from '../words.ts'
import { fieldsOf } from './diff.ts'
import { Value } from './values.tsx'

export function ViewFields({
  view,
  before,
  onlyChanged = false,
}: {
  readonly view: AnyView
  readonly before?: AnyView | undefined
  /** Leaves out what is as it was. */
  readonly onlyChanged?: boolean
}) {
  const currency = typeof view['currency'] === 'string' ? view['currency'] : undefined
  const all = fieldsOf(view, before)
  const fields = onlyChanged ? all.filter((field) => 'was' in field) : all
  if (fields.length === 0) return null
  return (
    <dl class="fields">
      {fields.map((field) => {
        const isChanged = 'was' in field
        return (
          <div key={field.name} class={isChanged ? 'changed' : undefined}>
            <dt>{plainWords(field.name)}</dt>
            <dd>
              <Value name={field.name} value={field.value} currency={currency} />
              {isChanged && (
                <del>
                  <span class="sr">was </span>
                  <Value name={field.name} value={field.was} currency={currency} />
                </del>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
