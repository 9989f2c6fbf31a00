/** Which orders are listed. What is typed goes into the address, and from there into the list. */
import { useComputed } from '@preact/signals'
import { chart } from '../chart/laid-out.ts'
import { filter, openOrder, turnTo } from '../route.ts'
import { Later } from '../shell/later.ts'
import { isChartShown } from './chart-shown.ts'

const typing = new Later(200)

/** What an id can hold, so that nothing is asked for that cannot be. */
const idText = (text: string) => text.replace(/[^A-Za-z0-9_.:-]/g, '').slice(0, 64)

export function Filters({ statuses }: { readonly statuses: readonly string[] }) {
  const isFiltered = useComputed(
    () =>
      filter.status.value + filter.state.value + filter.customerId.value + filter.idPrefix.value !==
      '',
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
        <span>State</span>
        <input
          type="search"
          class="mono"
          list="states"
          placeholder="any"
          value={filter.state.value}
          onInput={({ currentTarget: { value } }) => {
            typing.run(() => turnTo({ state: value.slice(0, 1000) }))
          }}
          autocomplete="off"
          spellcheck={false}
        />
        <datalist id="states">
          {(chart.value?.states ?? []).map(
            ({ id, parent }) => parent !== null && <option value={id} key={id} />,
          )}
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
          onClick={() => turnTo({ status: null, state: null, customer: null, id: null })}
        >
          Clear
        </button>
      )}
      {openOrder.value === null && (
        <button
          type="button"
          class="chart-toggle"
          aria-pressed={isChartShown.value}
          onClick={() => turnTo({ chart: isChartShown.value ? 'off' : 'on' })}
        >
          Chart
        </button>
      )}
    </form>
  )
}
