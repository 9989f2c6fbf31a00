/** The orders: which, in a table, and the one that is open beside it. */
import { effect, useComputed, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { FleetPane } from '../fleet/fleet-chart.tsx'
import { VirtualGrid } from '../grid/virtual-grid.tsx'
import { OrderPane } from '../order/order-pane.tsx'
import { filter, goTo, openOrder, orderLink } from '../route.ts'
import { type AnyView, client, lacking } from '../server/session.ts'
import { Notice } from '../shell/notice.tsx'
import { count, counted } from '../words.ts'
import { isChartShown } from './chart-shown.ts'
import { orderColumns } from './columns.tsx'
import { Filters } from './filters.tsx'
import { FirstOrder } from './first-order.tsx'
import { OrderList, rowsMax } from './order-list.ts'

export function OrdersPage() {
  const hasOpen = openOrder.value !== null
  const hasChart = !hasOpen && isChartShown.value
  return (
    <div class={`split${hasOpen ? ' has-open' : ''}${hasChart ? ' has-chart' : ''}`}>
      <section class="panel list" aria-label="Orders">
        <h1 class="sr">Orders</h1>
        <Orders />
      </section>
      {hasChart && <FleetPane />}
      {hasOpen && <OrderPane key={openOrder.value} orderId={openOrder.value as string} />}
    </div>
  )
}

function Orders() {
  const engine = client.value
  const status = filter.status.value
  const state = filter.state.value
  const customerId = filter.customerId.value
  const idPrefix = filter.idPrefix.value
  const list = useMemo(
    () => new OrderList(engine, { status, state, customerId, idPrefix }),
    [engine, status, state, customerId, idPrefix],
  )
  useEffect(() => () => list.close(), [list])
  const statuses = useStatuses(list)
  const refused = lacking('read', 'see orders')
  if (refused) return <Notice>{refused}</Notice>
  const rows = list.rows.value
  const isFiltered = status + state + customerId + idPrefix !== ''
  if (rows.length === 0 && !list.isLoading.value && !isFiltered && !list.error.value) {
    return <FirstOrder />
  }
  return (
    <>
      <Filters statuses={statuses} />
      {list.error.value && <Notice kind="bad">{list.error.value}</Notice>}
      <VirtualGrid<AnyView>
        label="Orders, the one that changed last first"
        name="orders"
        columns={orderColumns}
        rows={rows}
        keyOf={({ orderId }) => orderId}
        rowHeight={34}
        total={list.isWhole.value ? rows.length : -1}
        openKey={openOrder.value}
        onOpen={({ orderId }) => goTo(orderLink(orderId))}
        onLook={(look) => list.look(look)}
      >
        {rows.length === 0 && (
          <p class="empty">{list.isLoading.value ? 'Reading…' : 'No order is like that.'}</p>
        )}
      </VirtualGrid>
      <ListFoot list={list} />
    </>
  )
}

function ListFoot({ list }: { readonly list: OrderList }) {
  const length = list.rows.value.length
  const words = list.isWhole.value
    ? counted(length, 'order')
    : length >= rowsMax
      ? `The newest ${count(rowsMax)} are listed. Narrow the list to see others.`
      : `${count(length)} listed, and there are more`
  return (
    <p class="foot" aria-live="polite">
      {words}
      {list.hasNews.value && (
        <button type="button" class="quiet" onClick={() => list.toTop()}>
          Orders have changed: show the newest
        </button>
      )}
    </p>
  )
}

/** The statuses that were seen so far, as suggestions. */
function useStatuses(list: OrderList): readonly string[] {
  const seen = useSignal<ReadonlySet<string>>(new Set())
  useEffect(() => {
    return effect(() => {
      const now = list.rows.value.map(({ status }) => status)
      const known = seen.peek()
      if (now.some((status) => !known.has(status))) seen.value = new Set([...known, ...now])
    })
  }, [list, seen])
  return useComputed(() => [...seen.value].sort()).value
}
