import {
  closeSync,
  constants,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  write,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Subject } from '../subject.ts'
import { HandWrittenOrders, type Store } from './orders.ts'
import type { Event } from './rules.ts'

/** The limit of the disk: the same orders by hand, on a file that was made as long as it will get. */
export const fileSubject: Subject = {
  name: 'file',
  does:
    'the same by hand, with the events as lines of JSON in a file that is as long beforehand as it ' +
    'gets: one write a group, with the flush of fdatasync (O_DSYNC); no checksums, no index',
  isDurable: true,
  open: async (folder, commands) => new HandWrittenOrders(new FileStore(folder, commands)),
}

/** More than any line of the workload has. */
const lineBytesMax = 256
const chunkBytes = 1024 * 1024

class FileStore implements Store {
  readonly #path: string
  readonly #file: number
  #end = 0
  #last: Promise<void> = Promise.resolve()

  constructor(folder: string, events: number) {
    this.#path = join(folder, 'events.jsonl')
    allocate(this.#path, events * lineBytesMax)
    // Each write then returns when what it wrote is flushed, as after fdatasync, in one call of
    // Node's threads instead of two.
    this.#file = openSync(this.#path, constants.O_RDWR | constants.O_DSYNC)
  }

  /** One write at a time; the next group is made into text meanwhile. */
  keep(events: readonly Event[]): Promise<void> {
    let text = ''
    for (const event of events) text += `${JSON.stringify(event)}\n`
    const bytes = Buffer.from(text)
    const at = this.#end
    this.#end += bytes.length
    this.#last = this.#last.then(() => this.#write(bytes, at))
    return this.#last
  }

  *read(): Iterable<Event> {
    const text = readFileSync(this.#path, 'utf8')
    const zeros = text.indexOf('\0')
    const lines = text.slice(0, zeros < 0 ? text.length : zeros).split('\n')
    for (const line of lines) if (line !== '') yield JSON.parse(line)
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {})
    closeSync(this.#file)
  }

  #write(bytes: Buffer, at: number): Promise<void> {
    return new Promise((resolve, reject) => {
      write(this.#file, bytes, 0, bytes.length, at, (error, written) => {
        if (error) reject(error)
        else if (written !== bytes.length) reject(new Error(`${written} of ${bytes.length} bytes`))
        else resolve()
      })
    })
  }
}

/** Makes a file of zeros that are on the disk, so that a flush has no length or block to write. */
function allocate(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  const zeros = Buffer.alloc(chunkBytes)
  for (let at = 0; at < bytes; at += chunkBytes) writeSync(file, zeros, 0, chunkBytes, at)
  ftruncateSync(file, Math.max(bytes, 1))
  fdatasyncSync(file)
  closeSync(file)
}
