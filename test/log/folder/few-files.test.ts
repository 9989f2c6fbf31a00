import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../support/folders.ts'
import { eventsIn, logOf, shop } from '../../upkeep/logs.ts'
import { startChild } from '../children.ts'

it('where few files may be open an engine opens, with a checkpoint or without, or says so', async () => {
  const data = await logOf(shop(60), { folder: join(temporaryFolder(), 'data') })
  const counts = Array.from({ length: 25 }, (_, count) => String(count))
  const within = ['sh', '-c', 'ulimit -n 400 && exec "$@"', 'sh']
  const child = startChild([data, ...counts], within, 'few-files-child.mjs')
  const { code, signal, said, errors } = await child.finish()
  expect({ code, signal, count: said.length }, errors).toEqual({ code: 0, signal: null, count: 25 })
  for (const end of said) {
    const opened = {
      orders: 20,
      lines:
        end['lines'].length === 0
          ? []
          : [expect.stringMatching(/there is no checkpoint: .*too many files are open/)],
    }
    const refused = {
      refused: 'DataFolderError',
      message: expect.stringMatching(/too many files are open \(ulimit -n says how many may be\)/),
    }
    expect(end).toMatchObject('refused' in end ? refused : opened)
  }
  expect(said.filter(({ refused }) => refused)).not.toEqual([])
  expect(said.at(-1)).toMatchObject({ orders: 20, lines: [] })
  expect(await eventsIn(data)).toEqual(shop(60))
})
