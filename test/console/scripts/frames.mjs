/**
 * How smooth the page is while orders change: frames a second, and tasks that hold it up for 50 ms or
 * more, in a real browser. `npm run console:frames -- EVENTS_A_SECOND SECONDS`.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { launch } from './chromium.mjs'

const [rate = 5000, seconds = 10] = process.argv.slice(2).map(Number)
const goal = { frames: 50, longTasks: 0 }
/** Until what is done once is done. */
const settleMs = 4000

const load = fork(join(import.meta.dirname, 'load.mjs'), [String(rate)])
const heard = () => new Promise((resolve) => load.once('message', resolve))
const { port } = await heard()
const asked = (what) => {
  load.send(what)
  return heard()
}

const browser = await launch()
try {
  for (const [name, path] of [
    ['all orders on the chart', '/'],
    ['the log', '/?page=log'],
  ]) {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    await page.goto(`http://127.0.0.1:${port}${path}`)
    await page.locator('[role=row]').nth(5).waitFor()
    await page.waitForTimeout(settleMs)
    const before = await asked('events')
    const { frames, longTasks } = await page.evaluate(measure, seconds)
    const after = await asked('events')
    const events = ((after.events - before.events) * 1000) / (after.at - before.at)
    const rates = [...frames].sort((a, b) => a - b)
    const longest = Math.max(0, ...longTasks)
    console.log(
      `${name}, at ${Math.round(events)} events a second: ` +
        `${rates[rates.length >> 1]} frames a second (the fewest ${rates[0]}), ` +
        `${longTasks.length} long tasks${longest ? `, the longest ${Math.round(longest)} ms` : ''}`,
    )
    if (rates[rates.length >> 1] < goal.frames || longTasks.length > goal.longTasks) {
      process.exitCode = 1
    }
    await page.close()
  }
} finally {
  await browser.close()
  load.send('stop')
}

/** Runs in the page: the frames of each second, and how long each long task took. */
async function measure(seconds) {
  const longTasks = []
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration)
  })
  observer.observe({ type: 'longtask' })
  const frames = []
  const startedAt = performance.now()
  await new Promise((resolve) => {
    const count = () => {
      const second = Math.floor((performance.now() - startedAt) / 1000)
      if (second >= seconds) return resolve()
      frames[second] = (frames[second] ?? 0) + 1
      requestAnimationFrame(count)
    }
    requestAnimationFrame(count)
  })
  observer.disconnect()
  return { frames: Array.from(frames, (count) => count ?? 0), longTasks }
}
