/** Reads the files that say who may come in. What they hold is never told. */
import { readFileSync } from 'node:fs'
import { ListenError } from '../../errors.ts'

/** @throws {ListenError} naming the file, and what it was to hold */
export function readListenFile(file: string, what: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`
    throw new ListenError(`${file} was to hold ${what}, and ${why}.`)
  }
}

/** @throws {ListenError} if the file is no JSON */
export function readListenJson(file: string, what: string): unknown {
  const text = readListenFile(file, what).toString()
  try {
    return JSON.parse(text)
  } catch {
    // The error that JSON.parse throws quotes the text, and goes no further.
    throw new ListenError(`${file} was to hold ${what}, and is not JSON.`)
  }
}
