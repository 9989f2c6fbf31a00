/** All orders on the chart: how many are where, what passes, and the table of those in a state. */
import type { Page } from 'playwright-core'
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

const place = { customerId: 'bob', currency: 'USD', lines: [widget] }

/** What the badge of a state says. */
const badge = (page: Page, state: string) =>
  page.locator(`[data-press="${state}"] .badge text`).textContent()

async function withOrders() {
  const engine = await served()
  for (const orderId of ['o-1', 'o-2', 'o-3'])
    await engine.submit('order.new', { orderId, ...place })
  await engine.submit('order.cancel', { orderId: 'o-3' })
  return engine
}

describe('the fleet on the chart', () => {
  inBrowser('is counted on each state, and moves as orders do', async () => {
    const engine = await withOrders()
    const page = await openPage(engine.address)
    await expect.poll(() => badge(page, 'open')).toBe('2')
    expect(await badge(page, 'open.payment.unpaid')).toBe('2')
    expect(await badge(page, 'open.fulfilment')).toBe('2')
    expect(await badge(page, 'cancelled')).toBe('1')
    expect(await badge(page, 'unplaced')).toBe('0')
    await engine.submit('order.pay', { orderId: 'o-1', paymentId: 'p', amount: 5000 })
    await expect.poll(() => badge(page, 'open.payment.paid')).toBe('1')
    expect(await badge(page, 'open.payment.unpaid')).toBe('1')
    await says(page, '.fleet', '3 orders')
  })

  inBrowser('counts an order that is placed on another page, at once', async () => {
    const engine = await withOrders()
    const page = await openPage(engine.address)
    await expect.poll(() => badge(page, 'open.payment.unpaid')).toBe('2')
    const other = await openPage(engine.address, '/?page=new')
    await other.getByRole('button', { name: 'Place it' }).click()
    await says(other, '.notice.good', 'Recorded as event')
    await expect.poll(() => badge(page, 'open.payment.unpaid')).toBe('3')
  })

  inBrowser('lists the orders of a state that is pressed, and its address holds it', async () => {
    const engine = await withOrders()
    await engine.submit('order.pay', { orderId: 'o-1', paymentId: 'p', amount: 5000 })
    const page = await openPage(engine.address)
    await page.getByRole('button', { name: 'open.payment.paid: 1 order' }).click()
    await says(page, '.foot', '1 order')
    await rowOf(page, 'o-1').waitFor()
    await page.reload()
    await says(page, '.foot', '1 order')
    const pressed = page.locator('[data-press][aria-pressed=true]')
    await expect.poll(() => pressed.getAttribute('data-press')).toBe('open.payment.paid')
    // One that comes into the state comes into the table.
    await engine.submit('order.pay', { orderId: 'o-2', paymentId: 'p', amount: 5000 })
    await rowOf(page, 'o-2').waitFor()
    await page.getByRole('button', { name: 'open: 2 orders' }).click()
    await says(page, '.foot', '2 orders')
    await page.getByRole('button', { name: 'open: 2 orders' }).click()
    await says(page, '.foot', '3 orders')
    await page.getByLabel('State', { exact: true }).fill('cancelled')
    await says(page, '.foot', '1 order')
    await rowOf(page, 'o-3').waitFor()
  })

  inBrowser('has the edges light up that are passed, and no other', async () => {
    const engine = await withOrders()
    const page = await openPage(engine.address)
    await expect.poll(() => badge(page, 'open')).toBe('2')
    await page.evaluate(`
      window.lit = new Set()
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          if (target.classList.contains('passed')) window.lit.add(target.dataset.edge ?? '')
        }
      }).observe(document.querySelector('.fleet .drawing'), {
        subtree: true, attributes: true, attributeFilter: ['class'],
      })`)
    const lit = () => page.evaluate('[...window.lit].filter(Boolean).sort()')
    await engine.submit('order.pay', { orderId: 'o-1', paymentId: 'p', amount: 5000 })
    await expect.poll(lit).toEqual(['open.payment.unpaid||0', 'open.payment|OrderPaymentEvent|0'])
    await expect.poll(() => page.locator('.fleet .passed').count()).toBe(0)
  })

  inBrowser(
    'is walked through with the keyboard alone, down to an order on its chart',
    async () => {
      const engine = await withOrders()
      const page = await openPage(engine.address)
      await expect.poll(() => badge(page, 'open')).toBe('2')
      const focused = () =>
        page.evaluate('document.activeElement.dataset.press ?? document.activeElement.ariaLabel')
      const tabTo = async (what: string) => {
        for (let presses = 0; presses < 40 && (await focused()) !== what; presses++) {
          await page.keyboard.press('Tab')
        }
        expect(await focused()).toBe(what)
      }
      // All states are one stop; arrows go to the nearest.
      await tabTo('unplaced')
      await page.keyboard.press('End')
      expect(await focused()).toBe('cancelled')
      await page.keyboard.press('ArrowRight')
      expect(await focused()).toBe('completed')
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Enter')
      await says(page, '.foot', '1 order')
      expect(await focused()).toBe('cancelled')
      await page.reload()
      await tabTo('Orders, the one that changed last first')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await says(page, '.order-head', 'o-3')
      await page.locator('.order .drawing').waitFor()
      await tabTo('The chart of this order')
      const scrolled = () => page.evaluate('document.activeElement.scrollTop')
      const pressed = (key: string) => async () => {
        await page.keyboard.press(key)
        return scrolled()
      }
      // It begins where the order is, at the foot of the chart.
      await expect.poll(scrolled).not.toBe(0)
      await expect.poll(pressed('Home')).toBe(0)
      await expect.poll(pressed('End')).not.toBe(0)
      await tabTo('Larger')
    },
  )

  inBrowser('is that of a customer alone, to the customer’s token', async () => {
    const tokensFile = fileOf([
      { token: 'bob-has-a-long-secret', subject: 'bob', roles: ['read'], customerId: 'bob' },
    ])
    const engine = await withBob({ listen: { port: 0, tokensFile } })
    await engine.submit('order.new', { orderId: 'a-1', ...place, customerId: 'ada' })
    const page = await openPage(engine.address, '/', { allows: /40[13]/ })
    await page.getByLabel('Token').fill('bob-has-a-long-secret')
    await page.getByRole('button', { name: 'Come in' }).click()
    await expect.poll(() => badge(page, 'open')).toBe('1')
    await says(page, '.fleet', '1 order')
  })

  inBrowser('is there on a phone when it is asked for, and the table below it', async () => {
    const engine = await withOrders()
    const page = await openPage(engine.address, '/', { viewport: { width: 360, height: 700 } })
    await rowOf(page, 'o-1').waitFor()
    expect(await page.locator('.fleet').count()).toBe(0)
    await page.getByRole('button', { name: 'Chart', exact: true }).click()
    await expect.poll(() => badge(page, 'cancelled')).toBe('1')
    await expectFits(page)
    await page.locator('[data-press="open.payment.unpaid"]').click()
    await says(page, '.foot', '2 orders')
    await rowOf(page, 'o-2').click()
    await says(page, '.order-head', 'o-2')
    await expectFits(page)
  })
})
