/** The checks can fail: each thing that is made wrong is found, and within a few seeds. */
import { describe, expect, it } from 'vitest'
import { simulate } from './simulate.ts'
import { sins } from './sins.ts'

const seedsMax = 100

describe('the simulation finds', () => {
  it.each(Object.entries(sins))('%s', async (_, { sins = {}, commit, from = 1 }) => {
    const undo = commit?.()
    let found: string | undefined
    try {
      for (let seed = from; seed < from + seedsMax && found === undefined; seed++) {
        found = (await simulate({ seed, sins })).wrong
      }
    } finally {
      undo?.()
    }
    expect(found).toBeDefined()
  })
})
