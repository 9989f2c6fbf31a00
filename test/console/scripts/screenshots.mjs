/**
 * The pictures of the console in the README: made-up orders, drawn by chance from a seed, on the real
 * page. `npm run screenshots`.
 */
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { tellStory } from '../../../dist/cli/compare/story.js'
import { Demo } from '../../../dist/cli/demo/demo.js'
import { MemoryLog, openEngine } from '../../../dist/index.js'
import { systemRuntime } from '../../../dist/runtime.js'
import { launch } from './chromium.mjs'

const folder = join(import.meta.dirname, '../../../src/console/pictures')
const events = 1200
const bytesMax = 200_000

/** Mulberry32: the same numbers from 0 to 1 each time. */
function chance(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const engine = await openEngine({
  log: new MemoryLog({ firstEventId: 2001 }),
  listen: { port: 0, documents: { '/compare.json': () => tellStory() } },
})
const runtime = { ...systemRuntime, random: chance(1) }
const demo = new Demo({ engine, runtime, rate: 1000 })
await new Promise((resolve) => {
  engine.subscribe(() => {
    if (engine.eventId < 2000 + events) return
    demo.stop()
    resolve()
  })
})

/** One that was changed and paid in parts, and can be shipped. */
const { orders } = engine.list({ status: 'paid', limit: 1000 })
const order = orders.reduce((best, one) => (one.version > best.version ? one : best))

const browser = await launch()
mkdirSync(folder, { recursive: true })
const wide = { viewport: { width: 1200, height: 820 } }
const phone = { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true }
try {
  await picture('orders', wide, '/', '.fleet .badge')
  await picture('order', wide, `/?order=${order.orderId}`, '.order .taken')
  await picture('compare', wide, '/?page=compare&step=4', '.overwritten')
  await picture('phone', phone, '/?chart=on', '.fleet .badge')
} finally {
  await browser.close()
  await engine.close()
}

async function picture(name, options, path, shown) {
  const page = await browser.newPage({ colorScheme: 'light', locale: 'en-GB', ...options })
  await page.goto(`http://127.0.0.1:${engine.address.port}${path}`)
  await page.locator(shown).first().waitFor()
  await page.locator('.connection.live').waitFor()
  // What comes with the first look is there, and what lit up has faded.
  await page.waitForTimeout(1500)
  const file = join(folder, `${name}.png`)
  await page.screenshot({ path: file })
  const { size } = statSync(file)
  console.log(`${name}.png: ${size} bytes`)
  if (size > bytesMax) throw new Error(`${name}.png has more than ${bytesMax} bytes.`)
  await page.close()
}
