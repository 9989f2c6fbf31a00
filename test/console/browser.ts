/** A real browser for the console's tests: the system's Chromium, and pages that must not complain. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import {
  afterAll,
  beforeAll,
  expect,
  onTestFinished,
  type TestContext,
  it as vitestIt,
} from 'vitest'
import { type EngineOptions, MemoryLog, openEngine } from '../../src/index.ts'
import { House } from '../client/house.ts'

/** Where Debian and others have it; CHROMIUM names another place. */
const places = [
  process.env['CHROMIUM'],
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
]
const found = places.find((place) => place !== undefined && existsSync(place))

let browser: Browser | undefined

/** Starts the browser for the tests of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    if (!found) return
    browser = await chromium.launch({
      executablePath: found,
      // As root, as in a container, it has no sandbox of its own.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    })
  }, 60_000)
  afterAll(() => browser?.close())
}

/** A test that needs the browser; without one it is skipped, and says so. */
export function inBrowser(title: string, test: () => Promise<void>, timeoutMs = 60_000): void {
  vitestIt(
    title,
    async (ctx: TestContext) => {
      if (!found) {
        const note =
          'SKIPPED: there is no Chromium here (Debian: apt-get install chromium, or set CHROMIUM)'
        console.warn(note)
        return ctx.skip(note)
      }
      return test()
    },
    timeoutMs,
  )
}

inBrowser.each = <Case>(cases: readonly Case[]) => {
  return (title: string, test: (one: Case) => Promise<void>) => {
    for (const one of cases) inBrowser(title.replace('%s', String(one)), () => test(one))
  }
}

export interface OpenOptions extends BrowserContextOptions {
  /** What the browser says while a server is away, or refuses, is not the page's fault. */
  readonly allows?: RegExp
}

/** Opens a page of its own, which must not throw, break its policy, or load from elsewhere. */
export async function openPage(
  address: { readonly port: number } | undefined,
  path = '/',
  { allows, ...options }: OpenOptions = {},
): Promise<Page> {
  const context = await browser!.newContext({ reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const base = `http://127.0.0.1:${address!.port}`
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() !== 'error' && message.type() !== 'warning') return
    if (!allows?.test(text)) complaints.push(text)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`${base}/`)) complaints.push(`asked for ${request.url()}`)
  })
  onTestFinished(async () => {
    await context.close()
    expect(complaints).toEqual([])
  })
  await page.goto(base + path)
  return page
}

/** An engine that listens, closed when the test ends. */
export async function served(options: Partial<EngineOptions> = {}) {
  const engine = await openEngine({
    log: new MemoryLog({ firstEventId: 2001 }),
    listen: { port: 0 },
    ...options,
  })
  onTestFinished(() => engine.close())
  return engine
}

/** An engine that can be stopped and started again on its port and log. */
export async function house(): Promise<House> {
  const made = new House()
  await made.open()
  onTestFinished(() => made.engine.close())
  return made
}

export const widget = { sku: 'widget', quantity: 5, unitPrice: 1000 }

/** Bob's order on events 2001 (new), 2002 (6 instead of 5) and 2003 (paid). */
export async function withBob(options: Partial<EngineOptions> = {}) {
  const engine = await served(options)
  const orderId = 'bob-1'
  await engine.submit('order.new', {
    ...{ orderId, customerId: 'bob', currency: 'USD', lines: [widget] },
  })
  await engine.submit('order.modify', { orderId, lines: [{ sku: 'widget', quantity: 6 }] })
  await engine.submit('order.pay', { orderId, paymentId: 'p-1', amount: 6000 })
  return engine
}

/** The row of an order in the table. */
export const rowOf = (page: Page, orderId: string) =>
  page.locator('.grid.orders .grid-body [role=row]', { hasText: orderId })

/** What a part of the page says. */
export async function says(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor()
}

/** Waits until no row, button or field is wider than the page. */
export async function expectFits(page: Page): Promise<void> {
  const widths = () =>
    page.evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]')
  await expect
    .poll(async () => ((await widths()) as number[])[0])
    .toBe(((await widths()) as number[])[1])
}
