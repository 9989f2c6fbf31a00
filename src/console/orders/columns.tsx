/** What the table says of an order: what all have, and of the domain's own fields what it has. */
import type { Column } from '../grid/virtual-grid.tsx'
import { shownId, shownName } from '../mask.ts'
import { money } from '../money.ts'
import type { AnyView } from '../server/session.ts'
import { Status } from '../shell/status.tsx'
import { fullTime, statePaths, timeWords } from '../words.ts'

function amount(name: 'total' | 'balance'): Column<AnyView> {
  return {
    key: name,
    title: name === 'total' ? 'Total' : 'Balance',
    isNumeric: true,
    render: ({ [name]: value, currency }) =>
      typeof value === 'number' && typeof currency === 'string' ? (
        <span class={value === 0 ? 'faint' : undefined}>
          {money(value, currency)} <span class="unit">{currency}</span>
        </span>
      ) : (
        '–'
      ),
  }
}

export const orderColumns: readonly Column<AnyView>[] = [
  {
    key: 'id',
    title: 'Order',
    render: ({ orderId }) => (
      <bdi class="mono" title={shownId(orderId)}>
        {shownId(orderId)}
      </bdi>
    ),
  },
  { key: 'status', title: 'Status', render: ({ status }) => <Status status={status} /> },
  {
    key: 'state',
    title: 'State',
    render: ({ state }) => {
      const words = statePaths(state).join('  ')
      return <span title={words}>{words}</span>
    },
  },
  {
    key: 'customer',
    title: 'Customer',
    render: ({ customerId }) =>
      typeof customerId === 'string' ? <bdi class="mono">{shownName(customerId)}</bdi> : '–',
  },
  amount('total'),
  amount('balance'),
  { key: 'version', title: 'Events', isNumeric: true, render: ({ version }) => version },
  {
    key: 'changed',
    title: 'Last change',
    sorted: 'descending',
    isNumeric: true,
    render: ({ updatedAt, eventId }) => (
      <span title={`event ${eventId}, ${fullTime(updatedAt)}`}>{timeWords(updatedAt)}</span>
    ),
  },
]
