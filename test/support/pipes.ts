/** Pipes to give to a process as an output: one that nobody reads, and one that nobody can read. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './folders.ts'

/** The writing end of a pipe that is full, and whose reader reads nothing until the test ends. */
export function fullPipe(): number {
  const { write, reader } = newPipe()
  const filler = Buffer.alloc(4096, 'x')
  try {
    for (;;) writeSync(reader, filler)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
  }
  onTestFinished(() => closeSync(reader))
  return write
}

/** The writing end of a pipe whose reader has gone: a write fails with EPIPE. */
export function closedPipe(): number {
  const { write, reader } = newPipe()
  closeSync(reader)
  return write
}

function newPipe() {
  const path = join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [path])
  // Open for both, as a pipe that waits for its other end could not be opened.
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const write = openSync(path, constants.O_WRONLY)
  onTestFinished(() => closeSync(write))
  return { write, reader }
}
