/**
 * The disk under a recording: what of it is surely there, and what may be. Only a flush makes sure; a
 * folder's names need one of their own, as POSIX has it, however a file system may be kinder.
 */
import { dirname } from 'node:path'
import type { Change, Operation } from '../recording/operations.ts'
import { DiskFile, type Reach, sectorsOf, type WriteNumber } from './disk-file.ts'

type Node = DiskFile | 'folder'
type Names = Map<string, Node>

/** A change of the names in a folder. */
interface Naming {
  readonly operation: Operation
  readonly folder: string
  readonly apply: (names: Names) => void
}

/** What had ended at some moment. */
interface Ended {
  readonly writes: (write: WriteNumber) => boolean
  readonly names: ReadonlySet<Naming>
}

/** Says what has reached the disk, of names, too. */
export interface DiskReach extends Reach {
  name(index: number): boolean
}

/** All that is there after a power cut: folders, and files with their bytes, in an order to make them in. */
export type Image = readonly { readonly path: string; readonly bytes: Buffer | undefined }[]

export class Disk {
  readonly #root: string
  /** As a process sees them. */
  readonly #cached: Names
  readonly #durable: Names
  #namings: readonly Naming[] = []
  /** Operations that have begun and not ended, with what had ended when they began. */
  readonly #underWay = new Map<Operation, Ended>()
  readonly #numbers = new Map<Operation, number>()
  #lastWrite = 0

  /** @param root a folder that is there, and empty */
  constructor(root: string) {
    this.#root = root
    this.#cached = new Map([[root, 'folder']])
    this.#durable = new Map([[root, 'folder']])
  }

  /** The file as a process finds it; undefined where there is none. */
  file(path: string): DiskFile | undefined {
    const node = this.#cached.get(path)
    return node === 'folder' ? undefined : node
  }

  /** The number of the last write that has begun. */
  get lastWrite(): number {
    return this.#lastWrite
  }

  /** True where a power cut changes nothing. */
  get isSettled(): boolean {
    const files = [...this.#cached.values()].filter((node) => node !== 'folder')
    return this.#namings.length === 0 && files.every(({ isSettled }) => isSettled)
  }

  begin(operation: Operation): void {
    const { change } = operation
    const ended = this.#ended()
    if (change.kind === 'write' || change.kind === 'truncate') this.#write(operation, change)
    if (change.kind === 'lengthen') this.#lengthen(operation, change)
    this.#underWay.set(operation, ended)
    this.#name(operation)
  }

  end(operation: Operation): void {
    const { change } = operation
    const begun = this.#underWay.get(operation)
    if (!begun) throw new Error('What ends has not begun.')
    this.#underWay.delete(operation)
    if (change.kind === 'flush') this.#found(change.path).flush(begun.writes)
    if (change.kind === 'flush folder') this.#flushFolder(change.path, begun.names)
    if (change.kind !== 'write' || !change.isSync) return
    const { path, at, bytes } = change
    this.#found(path).flushRange(this.#numbers.get(operation)!, at, at + bytes.length)
  }

  /**
   * The process has ended, and nothing of it goes on; what it was killed in is done as far as is seen.
   *
   * @throws {Error} where a file holds what was not recorded
   */
  endProcess(seen: ReadonlyMap<string, Buffer>): void {
    const cut = [...this.#underWay.keys()]
    this.#underWay.clear()
    for (const [path, node] of this.#cached) {
      if (node === 'folder') continue
      const bytes = seen.get(path)
      if (!bytes) throw new Error(`${path} is not there, and was recorded.`)
      const own = cut.filter(({ change }) => change.kind === 'write' && change.path === path)
      node.settleKill(
        own.map((operation) => this.#numbers.get(operation)!),
        bytes,
      )
    }
  }

  image(reach: DiskReach): Image {
    const names: Names = new Map(this.#durable)
    for (const [index, naming] of this.#namings.entries()) {
      if (reach.name(index)) naming.apply(names)
    }
    const paths = [...names.keys()].sort()
    return paths
      .filter((path) => path !== this.#root && this.#isReachable(names, path))
      .map((path) => {
        const node = names.get(path)
        return { path, bytes: node instanceof DiskFile ? node.image(reach) : undefined }
      })
  }

  #isReachable(names: Names, path: string): boolean {
    if (path === this.#root) return true
    return names.has(path) && this.#isReachable(names, dirname(path))
  }

  #found(path: string): DiskFile {
    const file = this.file(path)
    if (!file) throw new Error(`${path} is not known.`)
    return file
  }

  #write(operation: Operation, change: Change & { readonly kind: 'write' | 'truncate' }): void {
    for (const { change: other } of this.#underWay.keys()) {
      if (touchSame(change, other)) throw new Error('Two writes at once to one place: no model.')
    }
    const number = ++this.#lastWrite
    this.#numbers.set(operation, number)
    const file = this.#found(change.path)
    if (change.kind === 'write') file.write(number, change.at, change.bytes)
    else file.truncate(number, change.length)
  }

  /** At the same time as others write: zeros that are appended never go over what those write. */
  #lengthen(operation: Operation, { path, bytes }: Change & { readonly kind: 'lengthen' }): void {
    const number = ++this.#lastWrite
    this.#numbers.set(operation, number)
    this.#found(path).lengthen(number, bytes)
  }

  #ended(): Ended {
    const last = this.#lastWrite
    const names = this.#namings.filter((naming) => !this.#underWay.has(naming.operation))
    const open = new Set(
      [...this.#underWay.keys()].map((operation) => this.#numbers.get(operation)),
    )
    return { writes: (write) => write <= last && !open.has(write), names: new Set(names) }
  }

  #name(operation: Operation): void {
    const apply = namingOf(operation.change)
    if (!apply) return
    const folder = dirname((operation.change as { readonly path: string }).path)
    apply(this.#cached)
    this.#namings = [...this.#namings, { operation, folder, apply }]
  }

  #flushFolder(folder: string, ended: ReadonlySet<Naming>): void {
    const settled = this.#namings.filter((naming) => naming.folder === folder && ended.has(naming))
    for (const { apply } of settled) apply(this.#durable)
    this.#namings = this.#namings.filter((naming) => !settled.includes(naming))
  }
}

/** True where two changes touch a sector in common, or both may change how long a file is. */
function touchSame(one: Change, other: Change): boolean {
  if (!('path' in one && 'path' in other) || one.path !== other.path) return false
  if (one.kind === 'truncate' || other.kind === 'truncate') return true
  if (one.kind !== 'write' || other.kind !== 'write') return false
  const sectors = new Set(sectorsOf(one.at, one.at + one.bytes.length))
  return [...sectorsOf(other.at, other.at + other.bytes.length)].some((at) => sectors.has(at))
}

/** What a change does to names; undefined where it does nothing. */
function namingOf(change: Change): ((names: Names) => void) | undefined {
  switch (change.kind) {
    case 'make file': {
      const file = new DiskFile()
      return (names) => names.set(change.path, file)
    }
    case 'make folder':
      return (names) => names.set(change.path, 'folder')
    case 'rename': {
      // Of the file that has the name now, also where its first name never reached the disk.
      let node: Node | undefined
      return (names) => {
        node ??= names.get(change.path)
        names.delete(change.path)
        if (node) names.set(change.to, node)
      }
    }
    case 'remove':
      return (names) => names.delete(change.path)
    default:
      return undefined
  }
}
