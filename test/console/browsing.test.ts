/** Long lists, long histories, the keyboard, small screens, and people who may not do everything. */
import { describe, expect } from 'vitest'
import { fileOf } from '../gateway/auth/door.ts'
import {
  expectFits,
  inBrowser,
  openPage,
  rowOf,
  says,
  served,
  useBrowser,
  widget,
  withBob,
} from './browser.ts'

useBrowser()

async function withOrders(count: number) {
  const engine = await served()
  const placed = Array.from({ length: count }, (_, n) =>
    engine.submit('order.new', {
      orderId: `${n % 2 ? 'odd' : 'even'}-${n}`,
      customerId: n % 3 ? 'bob' : 'ada',
      currency: 'USD',
      lines: [widget],
    }),
  )
  await Promise.all(placed)
  return engine
}

describe('a long list', () => {
  inBrowser('has only the rows in sight in the page, and reads on where one scrolls', async () => {
    const engine = await withOrders(1500)
    const page = await openPage(engine.address)
    await rowOf(page, 'odd-1499').waitFor()
    const rows = page.locator('.grid.orders .grid-body [role=row]')
    const grid = page.locator('.grid.orders')
    expect(await grid.getAttribute('aria-rowcount')).toBe('-1')
    const toEnd = () => grid.evaluate((element: any) => element.scrollTo(0, element.scrollHeight))
    await expect
      .poll(async () => {
        await toEnd()
        expect(await rows.count()).toBeLessThan(60)
        return grid.getAttribute('aria-rowcount')
      })
      .toBe('1501')
    await toEnd()
    await rowOf(page, 'even-0').waitFor()
    await says(page, '.foot', '1,500 orders')
  })

  inBrowser('keeps its rows in their places while somebody holds it', async () => {
    const engine = await withOrders(300)
    const page = await openPage(engine.address)
    await rowOf(page, 'odd-299').waitFor()
    await page.locator('.grid.orders').hover()
    const top = page.locator('.grid.orders .grid-body [role=row]').first()
    await engine.submit('order.cancel', { orderId: 'even-0' })
    await engine.submit('order.cancel', { orderId: 'odd-299' })
    await rowOf(page, 'odd-299').locator('.status', { hasText: 'cancelled' }).waitFor()
    expect(await top.textContent()).toContain('odd-299')
    await page.getByRole('button', { name: 'Orders have changed' }).click()
    await expect.poll(async () => await top.textContent()).toContain('odd-299')
    await rowOf(page, 'even-0').waitFor()
  })

  inBrowser('is narrowed by id, status and customer, which its address holds', async () => {
    const engine = await withOrders(30)
    await engine.submit('order.cancel', { orderId: 'odd-9' })
    const page = await openPage(engine.address)
    await page.getByLabel('Order id').fill('odd-1')
    await says(page, '.foot', '6 orders')
    await page.getByLabel('Customer').fill('ada')
    await says(page, '.foot', '1 order')
    await rowOf(page, 'odd-15').waitFor()
    await page.reload()
    await says(page, '.foot', '1 order')
    expect(await page.getByLabel('Order id').inputValue()).toBe('odd-1')
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByLabel('Status').fill('cancelled')
    await says(page, '.foot', '1 order')
    await rowOf(page, 'odd-9').waitFor()
    await page.getByLabel('Status').fill('none')
    await says(page, '.empty', 'No order is like that.')
  })

  inBrowser('is walked through with the keyboard, as a grid is', async () => {
    const engine = await withOrders(40)
    const page = await openPage(engine.address)
    await rowOf(page, 'odd-39').waitFor()
    const grid = page.getByRole('grid', { name: 'Orders' })
    await grid.focus()
    await grid.press('ArrowDown')
    await grid.press('ArrowDown')
    const active = async () => {
      const id = await grid.getAttribute('aria-activedescendant')
      return id === null ? '' : (await page.locator(`[id="${id}"]`).allTextContents()).join()
    }
    expect(await active()).toContain('even-38')
    await grid.press('End')
    await expect.poll(active).toContain('even-0')
    await grid.press('Home')
    await expect.poll(active).toContain('odd-39')
    await grid.press('Enter')
    await says(page, '.order-head', 'odd-39')
    expect(await rowOf(page, 'odd-39').getAttribute('aria-selected')).toBe('true')
  })
})

describe('an order of 10,000 events', () => {
  inBrowser('is read whole, with only what is in sight in the page', async () => {
    const engine = await withBob()
    const lines = (quantity: number) => [{ sku: 'widget', quantity }]
    const modified = Array.from({ length: 9997 }, (_, n) =>
      engine.submit('order.modify', { orderId: 'bob-1', lines: lines(6 + (n % 5)) }),
    )
    await Promise.all(modified)
    const page = await openPage(engine.address, '/?order=bob-1')
    const slider = page.getByRole('slider')
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^10000 of 10000/)
    expect(await page.locator('.grid.story .grid-body [role=row]').count()).toBeLessThan(60)
    await says(page, '.order .label.latest .steps', '…9999, 10000')
    await slider.fill('4999')
    await says(page, '.standing', 'as it was just after event 7000')
    await says(page, '.order .label.latest .steps', '…4999, 5000')
    await engine.submit('order.cancel', { orderId: 'bob-1' })
    await expect.poll(() => slider.getAttribute('max')).toBe('10000')
    // It stays where it was looked at.
    await says(page, '.standing', 'as it was just after event 7000')
    await page.getByRole('button', { name: 'Back to now' }).click()
    await says(page, '.standing', 'cancelled')
  })
})

describe('an order of more events than one answer holds', () => {
  inBrowser('is read from the log, as a watcher reads it', async () => {
    const engine = await withBob({ limits: { historyEventsMax: 2 } })
    const page = await openPage(engine.address, '/?order=bob-1')
    const slider = page.getByRole('slider')
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^3 of 3/)
    await says(page, '.order .hint', 'more events than the server tells the way of')
    await slider.press('Home')
    await says(page, '.standing', 'as it was just after event 2001')
    await engine.submit('order.ship', { orderId: 'bob-1' })
    await expect.poll(() => slider.getAttribute('max')).toBe('3')
  })
})

describe('the log', () => {
  inBrowser('stands still while somebody points at it, and then goes on', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?page=log')
    const first = page.locator('.grid.log .grid-body [role=row]').first()
    await expect.poll(() => first.textContent()).toContain('2003')
    await first.hover()
    await engine.submit('order.ship', { orderId: 'bob-1' })
    await says(page, '.foot', 'Standing still, 1 newer')
    expect(await first.textContent()).toContain('2003')
    await page.getByRole('link', { name: 'Pulse' }).hover()
    await expect.poll(() => first.textContent()).toContain('2004')
  })

  inBrowser('follows what is recorded, and stands still when it is paused', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?page=log')
    const first = page.locator('.grid.log .grid-body [role=row]').first()
    await expect.poll(() => first.textContent()).toContain('2003')
    await page.getByRole('button', { name: 'Pause' }).click()
    for (const quantity of [7, 8, 9]) {
      const lines = [{ sku: 'widget', quantity }]
      await engine.submit('order.modify', { orderId: 'bob-1', lines })
    }
    await says(page, '.foot', 'Standing still, 3 newer')
    expect(await first.textContent()).toContain('2003')
    await page.getByRole('button', { name: 'Go on' }).click()
    await expect.poll(() => first.textContent()).toContain('2006')
  })

  inBrowser('is narrowed by type and by order', async () => {
    const engine = await withBob()
    await engine.submit('order.new', { orderId: 'ada-1', currency: 'USD', lines: [widget] })
    const page = await openPage(engine.address, '/?page=log')
    const rows = page.locator('.grid.log .grid-body [role=row]')
    await expect.poll(() => rows.count()).toBe(4)
    await page.getByLabel('Type').selectOption('NewOrderEvent')
    await expect.poll(() => rows.count()).toBe(2)
    await page.getByLabel('Order id').fill('bob-1')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().click()
    await says(page, '.standing', 'as it was just after event 2001')
  })
})

describe('the pulse', () => {
  inBrowser('shows how the engine does', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?page=pulse')
    await says(page, '.tally', /Orders1Newest event2,003/)
    await says(page, '.plot', /Until the receipt/)
    let number = 0
    await expect
      .poll(async () => {
        const lines = [{ sku: 'widget', quantity: 7 + (++number % 3) }]
        await engine.submit('order.modify', { orderId: 'bob-1', lines })
        return page.locator('.plot-now', { hasText: 'refused' }).textContent()
      })
      .toMatch(/taken [1-9\d]/)
  })
})

describe('a server that asks for tokens', () => {
  const token = (subject: string) => `${subject}-has-a-long-secret`
  const tokensFile = () =>
    fileOf([
      { token: token('reader'), subject: 'reader', roles: ['read'] },
      { token: token('writer'), subject: 'writer', roles: ['write'] },
      { token: token('shop'), subject: 'shop', roles: ['admin'] },
      { token: token('bob'), subject: 'bob', roles: ['read', 'write'], customerId: 'bob' },
    ])
  const open = () => withBob({ listen: { port: 0, tokensFile: tokensFile() } })

  async function enter(engine: Awaited<ReturnType<typeof open>>, path: string, given: string) {
    const page = await openPage(engine.address, path, { allows: /40[13]/ })
    await page.getByLabel('Token').fill(given)
    await page.getByRole('button', { name: 'Come in' }).click()
    return page
  }

  inBrowser('is given one, which is kept for the tab, and in no address', async () => {
    const engine = await open()
    const page = await enter(engine, '/?order=bob-1', 'not-a-token-of-anybody')
    await says(page, '.notice.bad', 'The token is not known here')
    await page.getByLabel('Token').fill(token('shop'))
    await page.getByRole('button', { name: 'Come in' }).click()
    await says(page, '.standing', 'paid')
    expect(page.url()).not.toContain('secret')
    expect(await page.evaluate('JSON.stringify(localStorage)')).toBe('{}')
    await page.reload()
    await says(page, '.standing', 'paid')
    await page.getByRole('link', { name: 'Pulse' }).click()
    await says(page, '.tally', 'Orders1')
    await page.getByRole('button', { name: 'Forget token' }).click()
    await says(page, 'h1', 'This server asks for a token')
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}')
  })

  inBrowser('says in words what a token that may only read does not allow', async () => {
    const page = await enter(await open(), '/?order=bob-1', token('reader'))
    await page.getByRole('button', { name: 'order.ship', exact: true }).click()
    await says(page, 'form.command', 'This token may not send commands: that takes the role write.')
    expect(await page.getByRole('button', { name: 'Send', exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Try, record nothing' }).click()
    await says(page, '.would', 'leave the order shipped')
    await page.getByRole('link', { name: 'Pulse' }).click()
    await says(page, '.notice', 'that takes the role admin')
    await page.getByRole('link', { name: 'New order' }).click()
    await says(page, '.notice', 'This token may not place orders: that takes the role write.')
  })

  inBrowser('says in words what a token that may only write does not allow', async () => {
    const page = await enter(await open(), '/', token('writer'))
    await says(page, '.notice', 'This token may not see orders: that takes the role read.')
    await page.getByRole('link', { name: 'Log' }).click()
    await says(page, '.notice', 'This token may not see events: that takes the role read.')
    await page.getByRole('link', { name: 'New order' }).click()
    await page.getByRole('button', { name: 'Place it' }).click()
    await says(page, '.notice.good', 'Recorded as event 2004')
  })

  inBrowser('shows a customer the orders of that customer alone', async () => {
    const engine = await open()
    await engine.submit('order.new', { orderId: 'ada-1', currency: 'USD', lines: [widget] })
    const page = await enter(engine, '/', token('bob'))
    await says(page, '.foot', '1 order')
    await rowOf(page, 'bob-1').waitFor()
    await page.getByRole('link', { name: 'New order' }).click()
    await page.getByRole('button', { name: 'Place it' }).click()
    await says(page, '.notice.good', /of bob:order-/)
  })
})

describe('a narrow screen', () => {
  inBrowser('shows everything one under the other, and nothing beside it', async () => {
    const engine = await withBob()
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
    const page = await openPage(engine.address, '/', phone)
    await rowOf(page, 'bob-1').waitFor()
    await expectFits(page)
    await rowOf(page, 'bob-1').tap()
    await says(page, '.standing', 'paid')
    await expectFits(page)
    await page.getByRole('button', { name: 'order.ship', exact: true }).tap()
    await page.getByRole('button', { name: 'Send', exact: true }).tap()
    await says(page, '.notice.good', 'Recorded as event 2004')
    await expectFits(page)
    for (const name of ['Log', 'Pulse', 'New order']) {
      await page.getByRole('link', { name, exact: true }).tap()
      await expectFits(page)
    }
  })
})
