/** One order on the chart of its machine: where it is, the way it took, and what guards say. */
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { type Domain, MemoryLog } from '../../src/index.ts'
import { orderDomain } from '../../src/order/index.ts'
import { parcelDomain } from '../support/parcel.ts'
import {
  expectFits,
  inBrowser,
  openPage,
  says,
  served,
  useBrowser,
  widget,
  withBob,
} from './browser.ts'
import { hostileStates, manyStates } from './many-states.ts'

useBrowser()

const order = '.order .drawing'

/** The ids of what is marked so, in the order in which the chart has them. */
const marked = (page: Page, what: 'state' | 'edge', mark: string) =>
  page
    .locator(`${order} [data-${what}].${mark}`)
    .evaluateAll((all: any[], name) => all.map((one) => one.getAttribute(name)), `data-${what}`)

const payment = 'open.payment|OrderPaymentEvent|0'
const isPaid = 'open.payment.unpaid||0'

describe('an order on its chart', () => {
  inBrowser(
    'is where it is, with the way that it took, and both move with the slider',
    async () => {
      const engine = await withBob()
      const page = await openPage(engine.address, '/?order=bob-1')
      const active = () => marked(page, 'state', 'active')
      const latest = () => marked(page, 'edge', 'latest')
      await expect.poll(latest).toEqual([payment, isPaid])
      expect(await active()).toEqual([
        ...['', 'open', 'open.payment', 'open.payment.paid'],
        ...['open.fulfilment', 'open.fulfilment.unfulfilled'],
      ])
      const modify = 'open.fulfilment.unfulfilled|ModifyOrderEvent|0'
      const taken = ['unplaced|NewOrderEvent|0', payment, isPaid, modify]
      expect(await marked(page, 'edge', 'taken')).toEqual(taken)
      expect(await marked(page, 'state', 'visited')).toEqual(['unplaced', 'open.payment.unpaid'])
      // By the numbers of its events, in the order of the edges.
      expect(await page.locator(`${order} .steps`).allTextContents()).toEqual(['1', '3', '3', '2'])
      await page.getByRole('slider').press('ArrowLeft')
      await expect.poll(latest).toEqual([modify])
      expect(await active()).toContain('open.payment.unpaid')
      expect(await marked(page, 'edge', 'taken')).toEqual(['unplaced|NewOrderEvent|0', modify])
      const words = await page.locator(order).getAttribute('aria-label')
      expect(words).toContain('The order is in open.payment.unpaid, open.fulfilment.unfulfilled')
      expect(words).toContain('1. NewOrderEvent from unplaced to open; 2. ModifyOrderEvent')
    },
  )

  inBrowser('moves on a second page as it is changed on the first', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?order=bob-1')
    const other = await openPage(engine.address, '/?order=bob-1')
    const latest = () => marked(other, 'edge', 'latest')
    await expect.poll(latest).toEqual([payment, isPaid])
    await page.getByRole('button', { name: 'order.ship', exact: true }).click()
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await expect.poll(latest).toEqual(['open.fulfilment.unfulfilled|OrderShippedEvent|0'])
    expect(await marked(other, 'state', 'active')).toContain('open.fulfilment.shipped')
  })

  inBrowser('says what is possible next, and what each guard says of each command', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?order=bob-1&event=2002')
    const next = () => marked(page, 'edge', 'next')
    await expect.poll(next).toContain('open.fulfilment.unfulfilled|OrderCancelledEvent|0')
    expect(await next()).toContain(payment)
    expect(await next()).not.toContain('open.fulfilment.unfulfilled|OrderShippedEvent|0')
    const guardsOf = (method: string) =>
      page.locator('.command-list > li', { hasText: method }).locator('.guard').allTextContents()
    expect(await guardsOf('order.ship')).toEqual(['✗ isPaid says no'])
    expect(await guardsOf('order.pay')).toEqual([
      ...['✓ paymentIdIsNew says yes', '✓ paymentIsWithinBalance says yes'],
      '✓ paidIsSafe says yes',
    ])
    expect(await guardsOf('order.modify')).toHaveLength(4)
    await page.getByRole('slider').press('End')
    await expect.poll(() => guardsOf('order.ship')).toEqual(['✓ isPaid says yes'])
    await expect.poll(next).toContain('open.fulfilment.unfulfilled|OrderShippedEvent|0')
    expect(await guardsOf('order.pay')).toContain('✗ paymentIsWithinBalance says no')
  })

  inBrowser('is that of any domain', async () => {
    const domain = parcelDomain as never
    const engine = await served({ log: new MemoryLog(), domain } as never)
    await engine.submit('parcel.send' as never, { orderId: 'p-1', to: 'Bob' } as never)
    const page = await openPage(engine.address, '/?order=p-1')
    await expect.poll(() => marked(page, 'edge', 'latest')).toEqual(['packed|ParcelSent|0'])
    expect(await marked(page, 'state', 'active')).toEqual(['', 'sent'])
  })
})

describe('a machine with 200 states', () => {
  inBrowser('is drawn, and moves with the slider', async () => {
    const machine = manyStates(190)
    const domain = { ...orderDomain, machine } as unknown as Domain
    const engine = await served({ domain } as never)
    await engine.submit('order.new', { orderId: 'bob-1', currency: 'USD', lines: [widget] })
    const page = await openPage(engine.address, '/?order=bob-1')
    await expect.poll(() => page.locator(`${order} [data-state]`).count()).toBeGreaterThan(200)
    await expect.poll(() => marked(page, 'edge', 'latest')).toEqual(['unplaced|NewOrderEvent|0'])
    await expectFits(page)
  })
})

describe('a machine with hostile names', () => {
  inBrowser('is drawn with them as texts', async () => {
    const domain = { ...orderDomain, machine: hostileStates() } as unknown as Domain
    const engine = await served({ domain } as never)
    await engine.submit('order.new', { orderId: 'bob-1', currency: 'USD', lines: [widget] })
    const page = await openPage(engine.address, '/')
    await says(page, '.fleet .name', '<script>alert(1)</script>')
    await page.locator('.press').last().focus()
    for (let press = 0; press < 30; press++) await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await says(page, '.empty', 'No order is like that.')
    await expectFits(page)
    await page.goto(`${page.url().split('?')[0]}?order=bob-1`)
    await expect.poll(() => marked(page, 'edge', 'latest')).toEqual(['unplaced|NewOrderEvent|0'])
    await expectFits(page)
    expect(await page.locator('main img, main script').count()).toBe(0)
  })
})

describe('on a narrow phone', () => {
  inBrowser(
    'the chart is scrolled and made larger, and the page stays as wide as it is',
    async () => {
      const engine = await withBob()
      const viewport = { width: 360, height: 700 }
      const page = await openPage(engine.address, '/?order=bob-1', { viewport, hasTouch: true })
      await page.locator(order).waitFor()
      await expectFits(page)
      const width = async () => (await page.locator(order).boundingBox())!.width
      const before = await width()
      // Its labels can be read: letters of 12 pixels are not made smaller than 7.
      expect(before).toBeGreaterThan(500)
      await page.getByRole('button', { name: 'Larger' }).click()
      expect(await width()).toBeCloseTo(before * 1.25, 0)
      await page.getByRole('button', { name: 'Whole' }).click()
      expect(await width()).toBeLessThan(360)
      await page.getByRole('button', { name: 'Fit' }).click()
      expect(await width()).toBeCloseTo(before, 0)
      await expectFits(page)
      await says(page, '.active-states', 'paid')
    },
  )
})
