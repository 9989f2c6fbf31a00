/** Hostile texts, hidden names, both themes for those who cannot see them, and a server in trouble. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished } from 'vitest'
import { tellStory } from '../../src/cli/compare/story.ts'
import { StorageFullError } from '../../src/errors.ts'
import { MemoryLog, openEngine, type RecordedEvent } from '../../src/index.ts'
import { ScriptedLog } from '../support/scripted-log.ts'
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

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with a page as it stands. */
async function findings(page: Page): Promise<string[]> {
  // The page's own policy lets no script in that is not its own; this is put in from outside.
  await page.evaluate(axe)
  const { violations } = (await page.evaluate('axe.run()')) as { violations: any[] }
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node: any) => `${id}: ${node.target} ${node.failureSummary}`),
  )
}

describe.each(['light', 'dark'] as const)(
  'in the %s theme, axe finds nothing wrong',
  (colorScheme) => {
    inBrowser('with any page, or what opens on it', async () => {
      const documents = { '/compare.json': () => tellStory() }
      const engine = await withBob({ listen: { port: 0, documents } })
      const page = await openPage(engine.address, '/?state=open', { colorScheme })
      await rowOf(page, 'bob-1').waitFor()
      await page.locator('.fleet .badge').first().waitFor()
      expect(await findings(page)).toEqual([])
      await rowOf(page, 'bob-1').click()
      await says(page, '.command-list .cannot', /Not pay: 0 is owed/)
      await page.getByRole('button', { name: 'order.modify', exact: true }).click()
      await page.getByRole('button', { name: 'Try, record nothing' }).click()
      await says(page, '.notice.bad', 'It would be refused')
      expect(await findings(page)).toEqual([])
      await page.locator('.order .taken').first().waitFor()
      await page.getByRole('slider').press('Home')
      await says(page, '.standing', 'as it was just after event 2001')
      expect(await findings(page)).toEqual([])
      for (const [name, selector] of [
        ['Log', '.grid.log .grid-body [role=row]'],
        ['Pulse', '.plot'],
        ['Compare', '.side h2'],
        ['New order', 'form.command'],
      ] as const) {
        await page.getByRole('link', { name, exact: true }).click()
        await page.locator(selector).first().waitFor()
        expect(await findings(page)).toEqual([])
      }
    })

    inBrowser('with the first page of an empty server', async () => {
      const page = await openPage((await served()).address, '/', { colorScheme })
      await says(page, '.code', 'npx ordinal call')
      expect(await findings(page)).toEqual([])
    })
  },
)

describe('the theme', () => {
  inBrowser('is as the system has it, or as it was chosen, and stays so', async () => {
    const page = await openPage((await withBob()).address, '/', { colorScheme: 'light' })
    const paper = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await paper()
    await page.emulateMedia({ colorScheme: 'dark' })
    const dark = await paper()
    expect(dark).not.toBe(light)
    await page.getByLabel('Colours').selectOption('light')
    expect(await paper()).toBe(light)
    await page.reload()
    expect(await paper()).toBe(light)
  })
})

const hostile = [
  '<img src=x onerror=alert(1)><script>alert(1)</script>',
  '"><svg/onload=alert(1)>',
  '\u202egnp.exe\u202c \u2067right to left',
  'ＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷ',
  '{{constructor.constructor("alert(1)")()}}',
]

describe('hostile texts', () => {
  inBrowser('are texts, wherever an order has them, and break nothing', async () => {
    const engine = await served()
    const orderId = 'A'.repeat(64)
    const lines = hostile.map((sku) => ({ ...widget, sku }))
    await engine.submit('order.new', {
      orderId,
      customerId: 'W'.repeat(64),
      currency: 'USD',
      lines,
    })
    await engine.submit('order.pay', { orderId, paymentId: '-'.repeat(64), amount: 1 })
    await engine.submit('order.cancel', { orderId, reason: hostile.join('\n').repeat(2) })
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 360, height: 700 },
    ]) {
      const page = await openPage(engine.address, '/', { viewport })
      let hasAlerted = false
      page.on('dialog', (dialog) => {
        hasAlerted = true
        void dialog.dismiss()
      })
      await rowOf(page, orderId).waitFor()
      await expectFits(page)
      await rowOf(page, orderId).click()
      for (const sku of hostile) await says(page, '.records', sku)
      await expectFits(page)
      await page.goto(`${page.url().split('?')[0]}?page=log`)
      await page.locator('.grid.log .grid-body [role=row]').nth(2).waitFor()
      await expectFits(page)
      expect(await page.locator('main img, main script').count()).toBe(0)
      expect(hasAlerted).toBe(false)
    }
  })

  inBrowser('in the address do no more than find nothing', async () => {
    const engine = await withBob()
    const markup = encodeURIComponent('"><img src=x onerror=alert(1)>')
    const path = `/?order=${markup}&event=-1&id=${markup}&status=${markup}&mask=${markup}`
    const page = await openPage(engine.address, path)
    await says(page, '.order-head', '"><img src=x onerror=alert(1)>')
    expect(await page.locator('main img').count()).toBe(0)
  })
})

describe('with ?mask', () => {
  inBrowser(
    'what people wrote is hidden, on every page, and stays so from link to link',
    async () => {
      const engine = await served()
      const secret = 'Zaphod'
      await engine.submit(
        'order.new',
        {
          orderId: `${secret}:1`,
          customerId: secret,
          currency: 'USD',
          lines: [{ ...widget, sku: `${secret}-sku` }],
        },
        { by: secret },
      )
      await engine.submit('order.cancel', { orderId: `${secret}:1`, reason: `by ${secret}` })
      const page = await openPage(engine.address, '/?mask')
      const expectHidden = async () => {
        expect(await page.locator('body').innerHTML()).not.toContain(secret)
      }
      await rowOf(page, ':1').waitFor()
      await expectHidden()
      await page.getByRole('link', { name: 'Log' }).click()
      await page.locator('.grid.log .grid-body [role=row]').nth(1).waitFor()
      await expectHidden()
      await page.locator('.grid.log .grid-body [role=row]').first().click()
      await says(page, '.standing', 'cancelled')
      await says(page, '.records', '▒')
      await says(page, '.command-list .cannot', 'Not pay')
      expect(page.url()).toMatch(/[?&]mask(&|$)/)
      await expectHidden()
    },
  )
})

/** A log whose reading stops after its first event, until it is let go. */
class HeldLog extends MemoryLog {
  release: () => void = () => {}
  readonly #released = new Promise<void>((resolve) => {
    this.release = resolve
  })

  override async *read(from: number): AsyncGenerator<readonly RecordedEvent[]> {
    for await (const batch of super.read(from)) {
      for (const event of batch) yield [event]
      await this.#released
    }
  }
}

describe('a server in trouble', () => {
  inBrowser(
    'says how far it has read its log while it starts, and then shows the orders',
    async () => {
      const log = new HeldLog()
      const first = await openEngine({ log, listen: { port: 0 } })
      const { port } = first.address!
      await first.submit('order.new', { orderId: 'bob-1', currency: 'USD', lines: [widget] })
      await first.close()
      const opening = openEngine({ log, listen: { port } })
      onTestFinished(async () => (await opening).close())
      const page = await openPage({ port }, '/', { allows: /WebSocket connection|503/ })
      await says(page, '.banner', 'The server is starting, and reads its log: 1 of 1 events, 100 %')
      log.release()
      await rowOf(page, 'bob-1').waitFor()
      await expect.poll(() => page.locator('.banner').count()).toBe(0)
    },
  )

  inBrowser('whose disk is full says so, until it has recorded something again', async () => {
    const log = new ScriptedLog()
    const engine = await served({ log })
    const page = await openPage(engine.address, '/?page=new')
    await page.getByRole('button', { name: 'Place it' }).click()
    // The browser takes as long as it takes.
    const refused = await log.next(Number.POSITIVE_INFINITY)
    refused.fail(new StorageFullError('/data'))
    await says(page, '.notice.bad', /Refused.*no room left.*STORAGE_FULL/)
    await says(page, '.banner', 'disk is full')
    await page.getByRole('button', { name: 'Place it' }).click()
    ;(await log.next(Number.POSITIVE_INFINITY)).land()
    await says(page, '.notice.good', 'Recorded as event 1')
    await expect.poll(() => page.locator('.banner').count()).toBe(0)
  })
})
