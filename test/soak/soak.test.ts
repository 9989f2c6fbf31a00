import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { soak } from './soak.ts'

it('leaves every client with the map of the server, and every command with one outcome', async () => {
  const counts = await soak({
    program: fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)),
    ...{ clients: 8, slowReaders: 1, disturbances: 8, pauseMsMax: 300, seed: 1 },
  })
  expect(counts.wrong).toEqual([])
  expect(counts.receipts).toBeGreaterThan(0)
  expect(counts.kills + counts.restarts).toBeGreaterThan(0)
  expect(counts.cuts).toBeGreaterThan(0)
}, 120_000)
