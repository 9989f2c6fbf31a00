import { describe, expect, it } from 'vitest'
import { measureInTurn } from '../../bench/measure.ts'

const sample = (unitMs: number) => ({ unitMs, latenciesMs: Float64Array.of(unitMs) })

describe('measureInTurn', () => {
  it('runs one at a time, round after round, and moves on who begins', async () => {
    const runs: string[] = []
    let running = 0
    await measureInTurn(['a', 'b', 'c'], { rounds: 3, warmups: 1 }, async (index) => {
      expect(++running).toBe(1)
      await new Promise((resolve) => setImmediate(resolve))
      runs.push('abc'[index]!)
      running--
      return sample(1)
    })
    expect(runs.join('')).toBe('abc' + 'bca' + 'cab' + 'abc')
  })

  it('gives the median of the rounds without those to warm up, and all their latencies', async () => {
    const unitsMs = [1000, 4, 1, 2]
    const [measured] = await measureInTurn(['a'], { rounds: 3, warmups: 1 }, async () => {
      const unitMs = unitsMs.shift()!
      return { unitMs, latenciesMs: Float64Array.of(unitMs, unitMs + 1, unitMs + 2) }
    })
    expect(measured!.perSecond.samplesCount).toBe(3)
    expect(measured!.perSecond.p50).toBe(500)
    // 4 5 6, 1 2 3 and 2 3 4
    expect(measured!.latencyMs.samplesCount).toBe(9)
    expect(measured!.latencyMs.p50).toBe(3)
    expect(measured!.latencyMs.max).toBe(6)
  })

  it('measures without warming up', async () => {
    let runs = 0
    await measureInTurn(['a', 'b'], { rounds: 2, warmups: 0 }, async () => {
      runs++
      return sample(1)
    })
    expect(runs).toBe(4)
  })

  it('ends with the first run that throws, and starts no other', async () => {
    const runs: string[] = []
    const measuring = measureInTurn(['a', 'b'], { rounds: 3, warmups: 1 }, async (index) => {
      runs.push('ab'[index]!)
      if (runs.length === 3) throw new Error('it broke')
      return sample(1)
    })
    await expect(measuring).rejects.toThrow('it broke')
    await new Promise((resolve) => setImmediate(resolve))
    expect(runs.join('')).toBe('ab' + 'b')
  })
})
