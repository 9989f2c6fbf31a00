import { expect, it } from 'vitest'
import { Columns } from '../../src/cli/lines.ts'

interface Item {
  readonly id: number
  readonly name: string
  readonly rest: string
}

const columns = () => new Columns<Item>([3, 4], ({ id, name, rest }) => [String(id), name, rest])

it('puts columns under each other, numbers to the right', () => {
  const lines = columns()
  expect(lines.line({ id: 1, name: 'a', rest: 'x' })).toBe('  1  a     x')
  expect(lines.line({ id: 22, name: 'bb', rest: 'a longer one' })).toBe(' 22  bb    a longer one')
})

it('keeps a column as wide as the widest that it has held', () => {
  const lines = columns()
  expect(lines.line({ id: 4444, name: 'long-name', rest: 'x' })).toBe('4444  long-name  x')
  expect(lines.line({ id: 1, name: 'a', rest: 'x' })).toBe('   1  a          x')
})

it('is as wide from the first line on as all that is there needs', () => {
  const lines = columns()
  const items = [
    { id: 1, name: 'a', rest: 'x' },
    { id: 2, name: 'a-longer-name', rest: '' },
  ]
  lines.fit(items)
  expect(items.map((item) => lines.line(item))).toEqual([
    '  1  a              x',
    '  2  a-longer-name  ',
  ])
})
