import { describe, expect, it } from 'vitest'
import { measureInTurn, medianOf, percentilesOf, ratioByRound } from '../../bench/measure.ts'

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
    expect(measured!.perSecondByRound).toEqual([250, 1000, 500])
    // 4 5 6, 1 2 3 and 2 3 4
    expect(measured!.latencyMs).toEqual({ p50: 3, p99: 6, p999: 6, max: 6 })
    expect(measured!.latencyMsByRound.map(({ p50 }) => p50)).toEqual([5, 2, 3])
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

describe('the statistics', () => {
  it('takes percentiles by the nearest rank, over all rounds', () => {
    const hundreds = Float64Array.from({ length: 1000 }, (_, index) => 1000 - index)
    expect(percentilesOf([hundreds])).toEqual({ p50: 500, p99: 990, p999: 999, max: 1000 })
    const apart = [Float64Array.of(3), Float64Array.of(1, 2)]
    expect(percentilesOf(apart)).toEqual({ p50: 2, p99: 3, p999: 3, max: 3 })
    expect(percentilesOf([])).toEqual({ p50: NaN, p99: NaN, p999: NaN, max: NaN })
  })

  it('takes the middle, or the mean of the two in the middle', () => {
    expect(medianOf([9, 1, 5])).toBe(5)
    expect(medianOf([9, 1, 5, 7])).toBe(6)
  })

  it('compares round by round, so that a drift of the machine is in both', () => {
    const slower = ratioByRound([100, 50, 10], [50, 25, 5])
    expect(slower).toEqual({ figure: 2, range: [2, 2] })
    expect(ratioByRound([1, 2, 3], [1, 1, 1])).toEqual({ figure: 2, range: [1, 3] })
  })
})
