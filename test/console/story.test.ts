/** What people do on the page, in a real browser against a real engine. */
import { describe, expect } from 'vitest'
import { MemoryLog } from '../../src/index.ts'
import {
  house,
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

describe('somebody who comes to an empty server', () => {
  inBrowser('is told how to place a first order, and places it', async () => {
    const engine = await served()
    const page = await openPage(engine.address)
    await says(page, 'h2', 'No orders yet')
    const { port } = engine.address!
    await says(page, '.code', /npx ordinal call order\.new '\{.*\}' --url ws:/)
    await says(page, '.code', `ws://127.0.0.1:${port}/ws`)
    await page.getByRole('link', { name: 'Place a first order' }).click()
    await page.getByLabel('order id').fill('bob-1')
    await page.getByLabel('customer id').fill('bob')
    await page.getByLabel('quantity').fill('7')
    await page.getByRole('button', { name: 'Place it' }).click()
    await says(page, '.notice.good', 'Recorded as event 2001, version 1 of bob-1')
    expect(engine.get('bob-1')).toMatchObject({ customerId: 'bob', total: 7000 })
    await page.getByRole('link', { name: 'bob-1' }).click()
    await says(page, '.standing', 'created')
  })

  inBrowser('is told what in the form is not right, at its field', async () => {
    const engine = await served()
    const page = await openPage(engine.address, '/?page=new')
    await page.getByLabel('quantity').fill('none')
    await page.getByLabel('currency').fill('XXX')
    await page.getByRole('button', { name: 'Place it' }).click()
    await says(page, '.notice.bad', 'INVALID_PARAMS')
    await says(page, '.field:has-text("quantity") .fault', /integer/)
    await says(page, '.field:has-text("currency") .fault', /must be one of/)
    expect(await page.getByLabel('quantity').getAttribute('aria-invalid')).toBe('true')
    expect(engine.eventId).toBe(2000)
  })
})

describe('two people at once', () => {
  inBrowser('see the same order move, in the list and where it is open', async () => {
    const engine = await withBob()
    const watching = await openPage(engine.address)
    const open = await openPage(engine.address, '/?order=bob-1')
    await rowOf(watching, 'bob-1').getByText('paid', { exact: true }).waitFor()
    await open.getByRole('button', { name: 'order.ship', exact: true }).click()
    await open.getByLabel('tracking id').fill('T-77')
    await open.getByRole('button', { name: 'Send' }).click()
    await says(open, '.notice.good', 'Recorded as event 2004')
    await says(open, '.standing', 'shipped')
    await rowOf(watching, 'bob-1').getByText('shipped', { exact: true }).waitFor()
    const third = await openPage(engine.address, '/?page=log')
    await says(third, '.grid.log [role=row]', /2004OrderShippedEventbob-1/)
  })

  inBrowser('see an order that nobody had opened come to the top', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address)
    await rowOf(page, 'bob-1').waitFor()
    await engine.submit('order.new', {
      orderId: 'ada-1',
      currency: 'EUR',
      lines: [{ sku: 'lamp', quantity: 1, unitPrice: 250 }],
    })
    const first = page.locator('.grid.orders .grid-body [role=row]').first()
    await expect.poll(() => first.textContent()).toContain('ada-1')
    expect(await first.textContent()).toContain('2.50 EUR')
  })
})

describe('an order', () => {
  inBrowser('is shown as it was at any event, and all of the page goes there', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?order=bob-1')
    await says(page, '.standing', 'paid')
    const slider = page.getByRole('slider', { name: 'Event' })
    expect(await slider.getAttribute('aria-valuetext')).toBe(
      '3 of 3: event 2003, OrderPaymentEvent',
    )
    await slider.press('ArrowLeft')
    await says(page, '.standing', 'as it was just after event 2002')
    expect(page.url()).toContain('order=bob-1&event=2002')
    await says(page, '.chart li', /unpaid/)
    // Six lines instead of five: what it was is told.
    await says(page, '.fields .changed', /total.*60\.00 USD.*50\.00 USD/)
    await says(page, '.command-list .can', 'order.pay')
    await says(page, '.command-list .cannot', /order\.ship.*isPaid says no/)
    await slider.press('Home')
    await says(page, '.standing', 'as it was just after event 2001')
    expect(await page.locator('.fields .changed').count()).toBe(0)
    await page.getByRole('button', { name: 'Back to now' }).click()
    await says(page, '.standing', 'paid')
    expect(page.url()).not.toContain('event=')
  })

  inBrowser('is found again where one was, after a reload and by its address', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/')
    await rowOf(page, 'bob-1').click()
    await says(page, '.standing', 'paid')
    await page.locator('.grid.story [role=row]', { hasText: '2002' }).click()
    await says(page, '.standing', 'as it was just after event 2002')
    await page.reload()
    await says(page, '.standing', 'as it was just after event 2002')
    const other = await openPage(engine.address, new URL(page.url()).search)
    await says(other, '.standing', 'as it was just after event 2002')
    await page.goBack()
    await expect.poll(() => page.locator('.order').count()).toBe(0)
    await rowOf(page, 'bob-1').waitFor()
  })

  inBrowser('says why a command was refused, with the guard that said no', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?order=bob-1')
    await says(page, '.command-list .cannot', /order\.pay.*0 is owed/)
    await page.getByRole('button', { name: 'order.pay', exact: true }).click()
    await page.getByLabel('amount').fill('1')
    await page.getByRole('button', { name: 'Send' }).click()
    await says(page, '.notice.bad', /Refused.*0 is owed.*OVERPAYMENT.*paymentIsWithinBalance/)
    expect(engine.eventId).toBe(2003)
  })

  inBrowser('takes a command only at the version that was seen, where that is asked', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?order=bob-1')
    await page.getByRole('button', { name: 'order.cancel', exact: true }).click()
    await page.getByLabel('Only if it still is version 3').check()
    await page.getByRole('button', { name: 'Send' }).click()
    await says(page, '.notice.good', 'Recorded as event 2004, version 4')
  })

  inBrowser('can be asked what would be, now and then, and nothing is recorded', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?order=bob-1')
    await page.getByRole('button', { name: 'order.cancel', exact: true }).click()
    await page.getByRole('button', { name: 'Try, record nothing' }).click()
    await says(
      page,
      '.would',
      /OrderCancelledEvent.*leave the order cancelled.*Nothing was recorded/,
    )
    await says(page, '.would .changed', /balance.*−60\.00 USD/)
    await page.getByRole('slider').press('ArrowLeft')
    await says(page, '.standing', 'as it was just after event 2002')
    await page.getByRole('button', { name: 'order.pay', exact: true }).click()
    await page.getByLabel('amount').fill('100')
    const form = page.getByRole('form', { name: 'order.pay' })
    expect(await form.getByRole('button', { name: 'Send', exact: true }).count()).toBe(0)
    await form.getByRole('button', { name: 'Try on the order as it was at event 2002' }).click()
    await says(page, '.would', /OrderPaymentEvent.*leave the order partially paid/)
    await page.getByLabel('amount').fill('6001')
    await page.getByRole('button', { name: 'Try on the order as it was' }).click()
    await says(page, '.notice.bad', /It would be refused.*6000 is owed/)
    expect(engine.eventId).toBe(2003)
  })

  inBrowser('that is not there, or was not there yet, is said to be so', async () => {
    const engine = await withBob()
    const page = await openPage(engine.address, '/?order=nobody')
    await says(page, '.order', 'There is no order of that id')
    const early = await openPage(engine.address, '/?order=bob-1&event=2000')
    await says(early, '.order', 'The order was not placed yet at event 2000')
    await early.getByRole('button', { name: 'To its first event' }).click()
    await says(early, '.standing', 'as it was just after event 2001')
  })
})

describe('a server that goes away', () => {
  inBrowser('is waited for, and shown as it is when it is back', async () => {
    const at = await house()
    const lines = [{ sku: 'widget', quantity: 1, unitPrice: 100 }]
    await at.engine.submit('order.new', { orderId: 'bob-1', currency: 'USD', lines })
    const allows = /WebSocket connection|Failed to load resource/
    const page = await openPage(at.engine.address, '/?order=bob-1', { allows })
    await says(page, '.connection', 'Live')
    await says(page, '.standing', 'created')
    await at.engine.close()
    await says(page, '.connection', 'Lost, trying again')
    await says(page, '.banner', 'The server is away')
    // What was there is still shown.
    await says(page, '.standing', 'created')
    await at.open()
    await at.engine.submit('order.pay', { orderId: 'bob-1', paymentId: 'p', amount: 100 })
    await says(page, '.connection', 'Live')
    await expect.poll(() => page.locator('.banner').count()).toBe(0)
    await says(page, '.standing', 'paid')
    await rowOf(page, 'bob-1').getByText('paid', { exact: true }).waitFor()
    await says(page, '.grid.story [role=row]', 'OrderPaymentEvent')
  })

  inBrowser.each(['/?order=bob-1', '/?page=log'])(
    'with another log in its place is shown anew: %s',
    async (path) => {
      const first = await withBob()
      const { port } = first.address!
      const allows = /WebSocket connection|Failed to load resource/
      const page = await openPage({ port }, path, { allows })
      await says(page, 'main [role=row]', 'OrderPaymentEvent')
      await first.close()
      const log = new MemoryLog({ epoch: 'another', firstEventId: 5001 })
      const second = await served({ log, listen: { port } })
      await second.submit('order.new', { orderId: 'bob-1', currency: 'USD', lines: [widget] })
      await says(page, 'main [role=row]', '5001')
      const old = page.locator('main [role=row]', { hasText: 'OrderPaymentEvent' })
      await expect.poll(() => old.count()).toBe(0)
      expect(await page.locator('.notice.bad').count()).toBe(0)
    },
  )
})
