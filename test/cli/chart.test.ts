import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { chartFormats, chartText } from '../../src/chart/chart.ts'
import { orderDomain } from '../../src/order/index.ts'
import { ordinal } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

it.each(chartFormats)('prints the chart of an order as %s', async (format) => {
  const { code, stdout, stderr } = await ordinal('chart', '--format', format)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(`${stdout}\n`).toBe(await chartText(orderDomain.machine, format))
})

it('prints a drawing unless it is told otherwise, and JSON where a program reads it', async () => {
  expect((await ordinal('chart')).stdout).toMatch(/^<svg [\s\S]*<\/svg>$/)
  expect(JSON.parse((await ordinal('chart', '--json')).stdout)).toMatchObject({ machine: 'order' })
})

it('writes it to a file', async () => {
  const file = join(temporaryFolder(), 'order.svg')
  expect(await ordinal('chart', '--out', file)).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(readFileSync(file, 'utf8')).toBe(await chartText(orderDomain.machine, 'svg'))
})

it('says what is wrong with what it is told', async () => {
  const refused = async (args: readonly string[], says: string) => {
    const { code, stdout, stderr } = await ordinal('chart', ...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(says)
    expect(stderr).not.toContain('    at ')
  }
  await refused(['--format', 'png'], 'Allowed choices are svg, json, mermaid, xstate')
  await refused(['--format', 'svg', '--json'], 'cannot be used with')
  const file = join(temporaryFolder(), 'no', 'such', 'folder.svg')
  await refused(['--out', file], 'no such file or directory')
  expect(existsSync(file)).toBe(false)
})

it('is the one that the README shows', async () => {
  const shown = readFileSync(new URL('../../src/order/order.svg', import.meta.url), 'utf8')
  const isStale = shown !== (await chartText(orderDomain.machine, 'svg'))
  expect(isStale, 'run `npx ordinal chart --out src/order/order.svg`').toBe(false)
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect(readme).toMatch(/!\[[^\]]+\]\(src\/order\/order\.svg\)/)
})
