/** Code that runs in a process of the command line before it does, to end it at a moment. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '../../support/folders.ts'

/** The environment of a process that runs this code first; so do the processes that it starts. */
export function preloading(code: string): NodeJS.ProcessEnv {
  const file = join(temporaryFolder(), 'preload.mjs')
  writeFileSync(file, code)
  return { NODE_OPTIONS: `--import=${pathToFileURL(file)}` }
}

/** Where it is a child that tells its parent how far it has come: does so once, then this. */
export const onceItHasRead = (then: string) =>
  preloading(`
    const send = process.send
    if (send) {
      process.send = (message, ...more) => {
        send.call(process, message, ...more)
        if (message.progress) { ${then} }
      }
    }`)
