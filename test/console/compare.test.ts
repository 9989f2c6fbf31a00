/** The comparison: one order kept in two ways, stepped through, by the two systems that really run. */
import { describe, expect } from 'vitest'
import { tellStory } from '../../src/cli/compare/story.ts'
import { expectFits, inBrowser, openPage, says, served, useBrowser } from './browser.ts'

useBrowser()

const told = () =>
  served({ listen: { port: 0, documents: { '/compare.json': () => tellStory() } } })
const ordinary = '.side[aria-label="An ordinary system"]'
const eventSourced = '.side[aria-label="Event-sourced"]'

describe('the comparison', () => {
  inBrowser(
    'shows at each step what either stores, and at the end what each can answer',
    async () => {
      const engine = await told()
      const page = await openPage(engine.address)
      await page.getByRole('link', { name: 'Compare' }).click()
      await says(page, '.compare-head', 'Step 1 of 8: Bob buys')
      await says(page, ordinary, 'Nothing yet.')
      await says(page, eventSourced, 'Nothing yet.')
      const next = page.getByRole('button', { name: 'Next' })
      await next.click()
      await says(page, ordinary, /statuscreated/)
      await says(page, `${eventSourced} .added`, '2001 NewOrderEvent')
      await next.click()
      // He asks; nothing is stored yet.
      expect(await page.locator(`${eventSourced} .added`).count()).toBe(0)
      await next.click()
      await says(page, `${ordinary} .overwritten`, /lines.*6.*overwritten/)
      await says(page, `${eventSourced} .added`, '2002 ModifyOrderEvent')
      expect(await page.locator(`${eventSourced} .events li`).count()).toBe(2)
      for (let step = 4; step < 8; step++) await page.getByRole('slider').press('ArrowRight')
      await says(page, eventSourced, 'Bob asks, and OrderView has it')
      await page.reload()
      await says(page, '.compare-head', 'Step 8 of 8')
      await page.getByRole('button', { name: 'The answers' }).click()
      const found = await page
        .locator('.answer .verdict')
        .evaluateAll((all: any[]) => all.map(({ className }) => className.replace('verdict ', '')))
      expect(found).toEqual(['yes', 'yes', 'no', 'yes', 'no', 'yes', 'partly', 'yes'])
      await says(
        page,
        '.answers',
        'made again from 3 events, the order is the same, field by field',
      )
    },
  )

  inBrowser('fits on a phone, one side below the other', async () => {
    const engine = await told()
    const viewport = { width: 360, height: 700 }
    const page = await openPage(engine.address, '/?page=compare&step=8', { viewport })
    await says(page, eventSourced, 'OrderPaymentEvent')
    await expectFits(page)
    await page.getByRole('slider').press('End')
    await says(page, '.answers', 'What did Bob pay, and when?')
    await expectFits(page)
  })

  inBrowser('is said not to be there, where the server does not tell it', async () => {
    const page = await openPage((await served()).address, '/?page=compare', { allows: /404/ })
    await says(page, '.notice', 'This server does not tell it')
  })
})
