import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { orderDomain } from '../../src/order/index.ts'
import { torture } from './torture.ts'

const options = { clients: 9, kills: 12, pauseMsMax: 300, seed: 1 }

it('keeps what it said, once and whole, however often it is killed', async () => {
  const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const counts = await torture({ program, ...options })
  const again = `npm run torture -- --kills 12 --clients 9 --seed ${options.seed}`
  expect(counts.wrong, `Again with: ${again}`).toEqual([])
  expect(counts.kills).toBe(12)
  expect(counts.receipts).toBeGreaterThan(100)
  expect(counts.refusals).toBeGreaterThan(100)
  expect(counts.resent).toBeGreaterThan(0)
  expect(counts.viewsCompared).toBeGreaterThan(counts.orders)
  // Chance has led orders all the way.
  expect(Object.keys(counts.types).sort()).toEqual(Object.keys(orderDomain.events).sort())
}, 120_000)
