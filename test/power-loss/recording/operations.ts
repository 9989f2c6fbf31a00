/** From the calls of a process to what they did to the files of a folder, and to what it said. */
import { dirname } from 'node:path'
import { type Call, descriptorIn, numberOf, stringsIn } from './trace.ts'

export type Change =
  /** Bytes of a file; with `isSync`, its end means that they are on the disk. */
  | {
      readonly kind: 'write'
      readonly path: string
      readonly at: number
      readonly bytes: Buffer
      readonly isSync: boolean
    }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  /** Zeros after all that is in a file, wherever it ends when they get there. */
  | { readonly kind: 'lengthen'; readonly path: string; readonly bytes: number }
  /** All writes to a file that had ended when it began are on the disk once it has ended. */
  | { readonly kind: 'flush'; readonly path: string }
  /** The same for the names in a folder. */
  | { readonly kind: 'flush folder'; readonly path: string }
  | { readonly kind: 'make file'; readonly path: string }
  | { readonly kind: 'make folder'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** Bytes that left the process by a socket or a pipe. */
  | { readonly kind: 'tell'; readonly stream: string; readonly bytes: Buffer }

export interface Operation {
  readonly change: Change
  /** Lines of the trace; undefined where it had not ended when the process was killed. */
  readonly begins: number
  readonly ends: number | undefined
}

/** Their bytes are never flushed, and mean nothing to whoever opens the folder after a power cut. */
export const isScratch = (path: string) =>
  /\/(writer\.lock|(events|checkpoint)\.mdb-lock)$/.test(path)

const writes = new Set(['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2'])
const tells = new Set(['write', 'writev', 'sendto', 'sendmsg'])
const syncFlags = /\bO_(DSYNC|SYNC)\b/

/**
 * Reads calls in the order in which they began.
 *
 * What is on the disk already is told to it first; below its root, it takes only what it knows, and
 * throws where a call does something that it has no model of.
 */
export class Reader {
  readonly operations: Operation[] = []
  readonly #root: string
  /** What there is below the root, the root itself included. */
  readonly #there: Map<string, 'file' | 'folder'>
  readonly #flags = new Map<number, string>()
  /** Where the next write to a descriptor goes. */
  readonly #places = new Map<number, number>()
  /** Where a file is mapped so that memory could write it, or could be made to. */
  readonly #mapped: { readonly start: number; readonly end: number; readonly path: string }[] = []

  constructor(root: string, there: Map<string, 'file' | 'folder'>) {
    this.#root = root
    this.#there = there
  }

  take(call: Call): void {
    const { name, args } = call
    const failed = (numberOf(call) ?? 0) < 0
    if (failed && name !== 'mmap') return
    const target = descriptorIn(args)
    // Without that flag libuv's ring waits for sockets and nothing else, as UV_USE_IO_URING=0 asks it to;
    // a write that went by it would be missed when the file is compared with what was recorded.
    if (name === 'io_uring_setup' && args.includes('IORING_SETUP_SQPOLL')) {
      throw new Error('The process used io_uring, which is not seen.')
    }
    if (/^(open|openat|openat2|creat)$/.test(name)) return this.#open(call)
    if (/^(mmap|mprotect|munmap|mremap)$/.test(name)) return this.#map(call)
    if (target && tells.has(name) && /^(socket|pipe):/.test(target.path)) {
      return this.#tell(call, target.path)
    }
    if (target && this.#isOurs(target.path)) return this.#onFile(call, target.fd, target.path)
    const paths = stringsIn(args).strings.map(String)
    if (!writes.has(name) && paths.some((path) => this.#isOurs(path))) this.#onNames(call, paths)
  }

  #isOurs(path: string): boolean {
    return path === this.#root || path.startsWith(`${this.#root}/`)
  }

  #add(call: Call, change: Change): void {
    this.operations.push({ change, begins: call.begins, ends: call.ends })
  }

  #open(call: Call): void {
    const opened = descriptorIn(call.result ?? '')
    if (!opened) return
    const { fd, path } = opened
    const flags = /, ((?:O_\w+\|?)+)/.exec(call.args)?.[1] ?? ''
    this.#flags.set(fd, flags)
    this.#places.set(fd, 0)
    if (!this.#isOurs(path) || isScratch(path)) return
    const isNew = !this.#there.has(path)
    if (isNew) this.#there.set(path, 'file')
    if (isNew) this.#add(call, { kind: 'make file', path })
    else if (flags.includes('O_TRUNC')) this.#add(call, { kind: 'truncate', path, length: 0 })
  }

  #onFile(call: Call, fd: number, path: string): void {
    const { name, args } = call
    if (isScratch(path)) return
    if (writes.has(name)) return this.#write(call, fd, path)
    switch (name) {
      case 'lseek':
        this.#places.set(fd, numberOf(call) ?? 0)
        return
      case 'fsync':
      case 'fdatasync': {
        const kind = this.#there.get(path) === 'folder' ? 'flush folder' : 'flush'
        return this.#add(call, { kind, path })
      }
      case 'ftruncate': {
        const length = Number(/, (\d+)$/.exec(args)?.[1])
        return this.#add(call, { kind: 'truncate', path, length })
      }
      default:
        throw new Error(`${name} of ${path} is not in the model.`)
    }
  }

  #write(call: Call, fd: number, path: string): void {
    const { name, args } = call
    const { strings, rest } = stringsIn(args)
    const all = Buffer.concat(strings)
    const written = numberOf(call) ?? all.length
    const isPlaced = name.startsWith('p')
    const flags = this.#flags.get(fd) ?? ''
    if (flags.includes('O_APPEND')) {
      const isZero = name === 'write' && all.every((byte) => byte === 0)
      if (!isZero) throw new Error(`${path} is appended to: not in the model, but for zeros.`)
      return this.#add(call, { kind: 'lengthen', path, bytes: written })
    }
    if (name === 'pwritev2' && !rest.endsWith(', 0')) throw new Error('pwritev2 with flags.')
    const placed = (name === 'pwritev2' ? rest.slice(0, -', 0'.length) : rest).split(', ').at(-1)
    const at = isPlaced ? Number(placed) : (this.#places.get(fd) ?? Number.NaN)
    if (!Number.isSafeInteger(at)) throw new Error(`Where ${name} writes ${path} is not known.`)
    if (!isPlaced) this.#places.set(fd, at + written)
    const bytes = all.subarray(0, written)
    this.#add(call, { kind: 'write', path, at, bytes, isSync: syncFlags.test(flags) })
  }

  #onNames(call: Call, paths: readonly string[]): void {
    const [path = '', to = ''] = paths
    switch (call.name) {
      case 'mkdir':
        this.#there.set(path, 'folder')
        return this.#add(call, { kind: 'make folder', path })
      case 'rename': {
        if (dirname(path) !== dirname(to)) throw new Error(`${path} is moved: not in the model.`)
        this.#there.set(to, this.#there.get(path) ?? 'file')
        this.#there.delete(path)
        return this.#add(call, { kind: 'rename', path, to })
      }
      case 'unlink':
        this.#there.delete(path)
        return this.#add(call, { kind: 'remove', path })
      default:
        throw new Error(`${call.name} of ${paths.join()} is not in the model.`)
    }
  }

  #tell(call: Call, stream: string): void {
    const all = Buffer.concat(stringsIn(call.args).strings)
    const bytes = all.subarray(0, numberOf(call) ?? all.length)
    this.#add(call, { kind: 'tell', stream, bytes })
  }

  /** Memory that writes a file would go past all of this. */
  #map(call: Call): void {
    const { name, args } = call
    const [first = '', second = ''] = args.split(', ')
    if (name === 'mmap') {
      const path = descriptorIn(/, (\d+<[^>]*>), [^,]*$/.exec(args)?.[1] ?? '')?.path
      if (!path || !this.#isOurs(path) || isScratch(path) || !args.includes('MAP_SHARED')) return
      if (args.includes('PROT_WRITE')) throw new Error(`${path} is written by memory.`)
      const start = numberOf(call) ?? 0
      this.#mapped.push({ start, end: start + Number(second), path })
      return
    }
    const start = Number(first)
    const end = start + Number(second)
    const hit = this.#mapped.findIndex((mapped) => mapped.start < end && start < mapped.end)
    const { path } = this.#mapped[hit] ?? {}
    if (path === undefined) return
    if (name === 'munmap') this.#mapped.splice(hit, 1)
    else if (name === 'mremap' || args.includes('PROT_WRITE')) {
      throw new Error(`${path} was made writable by memory.`)
    }
  }
}
