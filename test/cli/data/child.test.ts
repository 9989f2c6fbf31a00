import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { runChild } from '../../../src/cli/data/child.ts'
import { temporaryFolder } from '../../support/folders.ts'

/** Runs this code in a process of its own. */
async function run(code: string, silenceMsMax: number, ...args: string[]) {
  const file = join(temporaryFolder(), 'child.mjs')
  writeFileSync(file, code)
  const said: unknown[] = []
  const end = await runChild(pathToFileURL(file).href, args, silenceMsMax, (message) => {
    said.push(message)
  })
  return { ...end, said }
}

it('hears what a child says, and how it ended', async () => {
  const code = `
    for (const said of process.argv.slice(2)) process.send({ said })
    console.error('an error')
    process.disconnect()
    process.exitCode = 7`
  expect(await run(code, 60_000, 'one', 'two')).toEqual({
    ...{ code: 7, signal: null, errors: 'an error\n', wasSilent: false },
    said: [{ said: 'one' }, { said: 'two' }],
  })
})

it('ends a child that says nothing for too long', async () => {
  const hangs = `process.send('begun', () => { for (;;) {} })`
  expect(await run(hangs, 300)).toMatchObject({ signal: 'SIGKILL', wasSilent: true })
})

it('waits for one that says something now and then', async () => {
  const code = `
    let left = 8
    const timer = setInterval(() => {
      process.send(left)
      if (--left > 0) return
      clearInterval(timer)
      process.disconnect()
    }, 250)`
  const { code: end, said, wasSilent } = await run(code, 1500)
  expect({ end, wasSilent }).toEqual({ end: 0, wasSilent: false })
  expect(said).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
})
