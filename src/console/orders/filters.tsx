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
  const put = (name: string) => (text: string) => {
    typing.run(() => turnTo({ [name]: idText(text) }))
  }
  const states = (chart.value?.states ?? [])
    .filter(({ parent }) => parent !== null)
    .map(({ id }) => id)
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Filter
        label="Order id"
        placeholder="begins with…"
        value={filter.idPrefix.value}
        isId
        onInput={put('id')}
      />
      <Filter
        label="Status"
        value={filter.status.value}
        options={{ id: 'statuses', values: statuses }}
        onInput={put('status')}
      />
      <Filter
        label="State"
        value={filter.state.value}
        isId
        options={{ id: 'states', values: states }}
        onInput={(state) => typing.run(() => turnTo({ state: state.slice(0, 1000) }))}
      />
      <Filter label="Customer" value={filter.customerId.value} isId onInput={put('customer')} />
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

interface FilterProps {
  readonly label: string
  readonly placeholder?: string
  readonly value: string
  /** Written as ids are. */
  readonly isId?: boolean
  /** What is offered to be chosen. */
  readonly options?: { readonly id: string; readonly values: readonly string[] }
  readonly onInput: (text: string) => void
}

function Filter({ label, placeholder = 'any', value, isId, options, onInput }: FilterProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="search"
        class={isId ? 'mono' : undefined}
        list={options?.id}
        placeholder={placeholder}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        autocomplete="off"
        spellcheck={false}
      />
      {options && (
        <datalist id={options.id}>
          {options.values.map((each) => (
            <option value={each} key={each} />
          ))}
        </datalist>
      )}
    </label>
  )
}
