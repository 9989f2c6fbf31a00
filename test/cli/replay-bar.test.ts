import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { ReplayBar } from '../../src/cli/replay-bar.ts'

/** A terminal that remembers what was written on it. */
function terminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 24 })
  const written: string[] = []
  stream.on('data', (data) => written.push(String(data)))
  const cursorTo = () => true
  const more = { cursorTo, clearLine: cursorTo, moveCursor: cursorTo }
  return { stream: Object.assign(stream, more) as never, text: () => written.join('') }
}

it('shows how far a long read has come', () => {
  const { stream, text } = terminal()
  const bar = new ReplayBar(stream, 0)
  bar.show({ done: 250, total: 1000 })
  bar.end()
  expect(text()).toContain('Reading the log')
  expect(text()).toContain('25%')
  expect(text()).toContain('250 of 1000 events')
})

it('says what is done, and what is counted', () => {
  const { stream, text } = terminal()
  const bar = new ReplayBar(stream, 0, 'Looking at the file', 'pages')
  bar.show({ done: 1, total: 4 })
  bar.end()
  expect(text()).toContain('Looking at the file')
  expect(text()).toContain('1 of 4 pages')
})

it('shows nothing of a short one', () => {
  const { stream, text } = terminal()
  const bar = new ReplayBar(stream, 60_000)
  bar.show({ done: 1000, total: 1000 })
  bar.end()
  expect(text()).toBe('')
})
