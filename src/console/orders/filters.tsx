/** Which orders are listed. What is typed goes into the address, and from there into the list. */
import { useComputed } from '@preact/signals'
import { filter, turnTo } from '../route.ts'
import { Later } from '../shell/later.ts'

const typing = new Later(200)

/** What an id can hold, so that nothing is asked for that cannot be. */
const idText = (text: string) => text.replace(/[^A-Za-z0-9_.:-]/g, '').slice(0, 64)

export function Filters({ statuses }: { readonly statuses: readonly string[] }) {
  const isFiltered = useComputed(
    () => filter.status.value + filter.customerId.value + filter.idPrefix.value !== '',
  )
  const put = (name: string) => (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement
    typing.run(() => turnTo({ [name]: idText(value) }))
  }
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        <span>Order id</span>
        <input
          type="search"
          class="mono"
          placeholder="begins with…"
          value={filter.idPrefix.value}
          onInput={put('id')}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <label class="field">
        <span>Status</span>
        <input
          type="search"
          list="statuses"
          placeholder="any"
          value={filter.status.value}
          onInput={put('status')}
          autocomplete="off"
        />
        <datalist id="statuses">
          {statuses.map((status) => (
            <option value={status} key={status} />
          ))}
        </datalist>
      </label>
      <label class="field">
        <span>Customer</span>
        <input
          type="search"
          class="mono"
          placeholder="any"
          value={filter.customerId.value}
          onInput={put('customer')}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      {isFiltered.value && (
        <button
          type="button"
          class="quiet"
          onClick={() => turnTo({ status: null, customer: null, id: null })}
        >
          Clear
        </button>
      )}
    </form>
  )
}
