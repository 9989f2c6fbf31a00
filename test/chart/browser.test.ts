import { expect, it } from 'vitest'
import { importsOf, sources } from '../architecture-rules.ts'

it('needs Node only to lay out in a thread, and for a hash: a page can draw by itself', () => {
  const files = sources().filter(({ path }) => path.startsWith('chart/'))
  expect(files.length).toBeGreaterThan(10)
  const outside = files.flatMap((file) =>
    importsOf(file)
      .filter(({ from, isTypeOnly }) => !isTypeOnly && !from.startsWith('chart/'))
      .map(({ from }) => `${file.path} imports ${from}`),
  )
  const needsNode = ['chart/chart.ts', 'chart/kept-chart.ts', 'chart/layout/layout.ts']
  expect(outside.filter((line) => !needsNode.some((path) => line.startsWith(path)))).toEqual([
    'chart/layout/labels.ts imports config.ts',
  ])
})
