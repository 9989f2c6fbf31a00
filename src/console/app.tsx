import { ComparePage } from './compare/compare-page.tsx'
import { NewOrderPage } from './forms/new-order-page.tsx'
import { LogPage } from './log/log-page.tsx'
import { OrdersPage } from './orders/orders-page.tsx'
import { PulsePage } from './pulse/pulse-page.tsx'
import { page } from './route.ts'
import { needsToken } from './server/session.ts'
import { Banner } from './shell/banner.tsx'
import { Header } from './shell/header.tsx'
import { TokenForm } from './shell/token-form.tsx'

const pages = {
  orders: OrdersPage,
  log: LogPage,
  pulse: PulsePage,
  compare: ComparePage,
  new: NewOrderPage,
}

export function App() {
  if (needsToken.value) return <TokenForm />
  const Shown = pages[page.value]
  return (
    <>
      <Header />
      <Banner />
      <main>
        <Shown />
      </main>
    </>
  )
}
