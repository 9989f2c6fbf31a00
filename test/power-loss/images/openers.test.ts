import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../support/folders.ts'
import { Opener } from './openers.ts'

it('finds an image of which the process dies, and opens the next one in another', async () => {
  const script = join(temporaryFolder(), 'opener.mjs')
  const answer = `process.on('message', ({ folder }) => {
    if (folder === 'sound') return process.send({ head: process.pid })
    console.error('the tree is broken')
    process.kill(process.pid, 'SIGSEGV')
  })`
  writeFileSync(script, answer)
  const opener = new Opener(script, 'events')
  onTestFinished(() => opener.close())
  const open = (folder: string) =>
    opener.open({
      folder,
      epoch: '',
      acknowledged: 0,
      isKnown: true,
      hasCheckpoint: false,
      isReadFirst: true,
    })
  const first = await open('sound')
  expect(await open('sound')).toEqual(first)
  expect(await open('broken')).toEqual({
    wrong: 'the process that opened it died: SIGSEGV the tree is broken',
  })
  const next = await open('sound')
  expect(next).toEqual({ head: expect.any(Number) })
  expect(next).not.toEqual(first)
})
