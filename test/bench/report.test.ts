import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Finding, isMet, judged, printFindings, verdictOf } from '../../bench/goals.ts'
import { draw, type Plot } from '../../bench/plot/plot.ts'
import { describeSetup, printSetup } from '../../bench/setup.ts'
import { temporaryFolder } from '../support/folders.ts'

const run = promisify(execFile)

const finding = (figure: number, goal: Partial<Finding['goal']> = {}): Finding => ({
  goal: { what: 'speed', bound: 'least', value: 2, ...goal },
  figure,
})

describe('a verdict', () => {
  it.each([
    [finding(3), 'met'],
    [finding(2), 'met (0 % from the goal, a tie)'],
    [finding(1.9), 'not met (5 % from the goal, a tie)'],
    [finding(1), 'not met'],
    [finding(7, { bound: 'most', value: 5 }), 'not met'],
    [finding(3, { bound: 'most', value: 5 }), 'met'],
    [finding(5.5, { bound: 'most', value: 5 }), 'not met (10 % from the goal, a tie)'],
    [finding(0.95, { value: 0.6, peer: 'file' }), 'met (a tie with file)'],
    [finding(0.95, { value: 1, peer: 'by hand' }), 'not met (5 % from the goal, a tie)'],
    [finding(0.95, { value: 0.9, peer: 'it' }), 'met (6 % from the goal, a tie; a tie with it)'],
    [finding(490, { bound: 'most', value: 500, unit: 'bytes', isExact: true }), 'met'],
    [finding(510, { bound: 'most', value: 500, unit: 'bytes', isExact: true }), 'not met'],
    [finding(Number.NaN), 'not met'],
  ])('%o is %s', (one, verdict) => {
    expect(verdictOf(one)).toBe(verdict)
    expect(isMet(one)).toBe(!verdict.startsWith('not'))
    expect(judged(one)).toEqual({ ...one, met: isMet(one), verdict })
  })

  it('stands in a row with its goal; and is not given where nothing is judged', () => {
    const one = { ...finding(2.5, { hopedFor: 3 }), range: [2.25, 2.75] } as const
    const printed = printFindings([one], true)
    for (const cell of ['speed', 'at least 2.00, hoped for 3.00', '2.50', '2.25 to 2.75', 'met']) {
      expect(printed).toContain(` ${cell} `)
    }
    expect(printFindings([one], false)).toContain('not judged: quick')
  })
})

describe('a plot', () => {
  const plot = (
    points: Plot['lines'][number]['points'],
    scale: 'log' | 'linear' = 'log',
  ): Plot => ({
    file: 'a.svg',
    title: 'Fast & <slow>',
    x: { label: 'x', scale },
    y: { label: 'y', scale },
    lines: [
      { name: 'one', points },
      { name: 'other', points, isDashed: true },
    ],
  })
  const points = [
    [1, 3000],
    [64, 100_000],
    [1024, 330_000],
  ] as const
  const attribute = (svg: string, name: string) =>
    [...svg.matchAll(new RegExp(` ${name}="(-?[\\d.]+)"`, 'g'))].map(([, value]) => Number(value))

  it.each(['log', 'linear'] as const)('draws each line within its frame, %s', (scale) => {
    const svg = draw(plot(points, scale), 'taken on a machine')
    expect(svg.match(/<polyline /g)).toHaveLength(2)
    expect(svg.match(/<circle /g)).toHaveLength(6)
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(1)
    for (const name of ['one', 'other', 'taken on a machine', 'Fast &amp; &lt;slow>']) {
      expect(svg).toContain(`>${name}</text>`)
    }
    for (const x of attribute(svg, '(?:x|x1|x2|cx)')) expect(x >= 0 && x <= 760).toBe(true)
    for (const y of attribute(svg, '(?:y|y1|y2|cy)')) expect(y >= 0 && y <= 460).toBe(true)
  })

  it('puts no name of a line on another', () => {
    const svg = draw(plot(points), '')
    const ys = [...svg.matchAll(/<text x="[\d.]+" y="([\d.]+)" fill="#[^>]+>(?:one|other)</g)]
    const [first, second] = ys.map(([, y]) => Number(y))
    expect(Math.abs(first! - second!)).toBeGreaterThanOrEqual(17)
  })

  it('draws one point alone', () => {
    expect(draw(plot([[1, 1]]), '')).toContain('<circle ')
    expect(draw(plot([[50, 7]], 'linear'), '')).toContain('<circle ')
  })

  it.each([
    ['no points', []],
    ['nothing on a log scale', [[1, 0]]],
    ['what is no number', [[1, Number.NaN]]],
  ] as const)('refuses %s', (_, points) => {
    expect(() => draw(plot(points), '')).toThrow(RangeError)
  })
})

describe('the set-up', () => {
  it('names the machine, the versions and the time of a flush, and leaves no file behind', () => {
    const folder = temporaryFolder()
    const setup = describeSetup(folder)
    expect(setup.node).toBe(process.version)
    expect(setup.lmdb).toMatch(/^lmdb-js \d+\.\d+\.\d+, LMDB \d+\.\d+\.\d+/)
    expect(setup.flushMs.p50).toBeGreaterThan(0)
    expect(setup.flushMs.p99).toBeGreaterThanOrEqual(setup.flushMs.p50)
    expect(printSetup(setup)).toContain(`${setup.cpu}, ${setup.cores} cores`)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('the command', () => {
  const main = join(import.meta.dirname, '../../bench/.build/bench/main.js')

  it('prints one JSON document, and judges nothing where it was quick', async () => {
    const folder = temporaryFolder()
    const args = [main, 'size', '--quick', '--json', '--folder', folder]
    const { stdout, stderr } = await run(process.execPath, args)
    const { setup, quick, answers, goals } = JSON.parse(stdout)
    expect(setup.node).toBe(process.version)
    expect(quick).toBe(true)
    expect(Object.keys(answers)).toEqual(['size'])
    expect(goals).toHaveLength(1)
    expect(goals[0]).not.toHaveProperty('met')
    expect(stderr).toBe('')
    expect(readdirSync(folder)).toEqual([])
  })

  it('ends with 1 and says why where it cannot measure', async () => {
    const nowhere = run(process.execPath, [main, 'size', '--quick', '--folder', '/not/there'])
    const nothing = run(process.execPath, [main, 'speed'])
    await Promise.all([
      expect(nowhere).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/takes an existing folder, and \/not\/there is none/),
      }),
      expect(nothing).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/throughput, latency, gateway, replay/),
      }),
    ])
  })
})
