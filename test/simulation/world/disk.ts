/** A disk with a log on it that fails on demand, and the log as a process has it open. */
import type { RecordedEvent } from '../../../src/domain.ts'
import {
  AppendUnknownError,
  ClosedError,
  StaleHeadError,
  StorageFullError,
} from '../../../src/errors.ts'
import { assertFollows, walkBack } from '../../../src/log/batch.ts'
import type { EventLog } from '../../../src/log/event-log.ts'
import type { Chance } from '../../soak/chance.ts'
import type { SimProcess } from './clock.ts'

/** How the next append fails: nothing of it is written, or all of it is; nobody can know which. */
export type Failure = 'before' | 'after'

/** What a disk may do wrong that the engine relies on: for showing that the checks find it. */
export interface DiskSins {
  /** Says that an append is durable, and keeps it later. */
  readonly acksEarly?: boolean
  /** Says that there was no room, and has written all the same. */
  readonly fullButWritten?: boolean
  /** Leaves out of an order's history by which commands its events came. */
  readonly losesCommandIds?: boolean
}

export class SimDisk {
  readonly epoch = 'simulated'
  readonly firstEventId: number
  readonly chance: Chance
  readonly sins: DiskSins
  /** The events, as JSON: nobody can change what was written. */
  readonly texts: string[] = []
  isFull = false
  /** What a flush takes at the most, in ms. */
  flushMsMax = 2
  failNext: Failure | undefined
  /** Called when an append begins. */
  onAppend: (() => void) | undefined
  /** Appends that ended in each way. */
  readonly ends = { durable: 0, full: 0, stale: 0, before: 0, after: 0, lost: 0 }

  constructor(firstEventId: number, chance: Chance, sins: DiskSins = {}) {
    this.firstEventId = firstEventId
    this.chance = chance
    this.sins = sins
  }

  get head(): number {
    return this.firstEventId - 1 + this.texts.length
  }

  write(batch: readonly RecordedEvent[]): void {
    for (const event of batch) this.texts.push(JSON.stringify(event))
  }

  event(eventId: number): RecordedEvent | undefined {
    const text = this.texts[eventId - this.firstEventId]
    return text === undefined ? undefined : JSON.parse(text)
  }
}

interface Put {
  readonly batch: readonly RecordedEvent[]
  readonly expectedHead: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** The log as one process has it open. */
export class SimLog implements EventLog {
  readonly appendsMax = 2
  readonly #disk: SimDisk
  readonly #process: SimProcess
  /** Those that are not written yet, oldest first. */
  readonly #waiting: Put[] = []
  #isFlushing = false
  #underWay = 0
  #head: number
  #ahead: number
  #broken: AppendUnknownError | undefined
  /** When it broke, in ms from the start; undefined while it has not. */
  brokenAt: number | undefined
  #isClosed = false
  #onIdle: (() => void) | undefined

  constructor(disk: SimDisk, process: SimProcess) {
    this.#disk = disk
    this.#process = process
    this.#head = disk.head
    this.#ahead = disk.head
  }

  get epoch(): string {
    return this.#disk.epoch
  }

  get firstEventId(): number {
    return this.#disk.firstEventId
  }

  get head(): number {
    return this.#head
  }

  /** Why it takes no more appends; undefined while it does. */
  get broken(): Error | undefined {
    return this.#broken
  }

  async append(batch: readonly RecordedEvent[], expectedHead: number): Promise<void> {
    assertFollows(batch, expectedHead)
    if (this.#isClosed) throw new ClosedError('log')
    if (this.#broken) throw this.#broken
    if (this.#ahead !== expectedHead) throw new StaleHeadError(expectedHead)
    this.#ahead = expectedHead + batch.length
    this.#underWay++
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push({ batch, expectedHead, resolve, reject })
        this.#flush()
        this.#disk.onAppend?.()
      })
    } finally {
      if (--this.#underWay === 0) {
        this.#ahead = this.#head
        this.#onIdle?.()
      }
    }
  }

  async *readBack(eventId: number, max: number): AsyncGenerator<readonly RecordedEvent[]> {
    const eventAt = (id: number) => this.#read(id)
    for await (const batch of walkBack(eventId, max, eventAt)) {
      await this.#seek()
      yield this.#disk.sins.losesCommandIds ? batch.map(withoutCommandId) : batch
    }
  }

  async *read(from: number): AsyncGenerator<readonly RecordedEvent[]> {
    const { head } = this
    let next = Math.max(Math.ceil(from), this.firstEventId)
    while (next <= head) {
      const batch: RecordedEvent[] = []
      const end = Math.min(head, next + this.#disk.chance.below(8))
      while (next <= end) batch.push(this.#read(next++)!)
      await this.#seek()
      yield batch
    }
  }

  check(): void {
    if (this.#broken) throw this.#broken
  }

  async close(): Promise<void> {
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    this.#isClosed = true
  }

  /** The process is killed: of what was being written, the first parts may have got there. */
  crash(): void {
    const { chance, sins, ends } = this.#disk
    let lands = sins.acksEarly !== true
    for (const put of this.#waiting.splice(0)) {
      lands = lands && chance.below(2) === 0 && !this.#disk.isFull && this.#follows(put)
      if (lands) this.#disk.write(put.batch)
      else ends.lost++
    }
  }

  #read(eventId: number): RecordedEvent | undefined {
    if (this.#isClosed) throw new ClosedError('log')
    return this.#disk.event(eventId)
  }

  async #seek(): Promise<void> {
    const { chance, flushMsMax } = this.#disk
    if (chance.below(3) === 0) await this.#process.pause(chance.next() * flushMsMax)
  }

  #flush(): void {
    if (this.#isFlushing || this.#waiting.length === 0) return
    this.#isFlushing = true
    this.#process.after(this.#disk.chance.next() * this.#disk.flushMsMax, () => {
      this.#isFlushing = false
      const put = this.#waiting.shift()!
      this.#write(put)
      this.#flush()
    })
  }

  #follows({ expectedHead }: Put): boolean {
    return !this.#broken && this.#disk.head === expectedHead
  }

  #write(put: Put): void {
    const disk = this.#disk
    const { sins, ends } = disk
    if (this.#broken) return put.reject(this.#broken)
    if (disk.head !== put.expectedHead && !sins.acksEarly) {
      ends.stale++
      return put.reject(new StaleHeadError(put.expectedHead))
    }
    if (disk.isFull) {
      ends.full++
      if (sins.fullButWritten) disk.write(put.batch)
      return put.reject(new StorageFullError('the simulated disk'))
    }
    const failure = disk.failNext
    disk.failNext = undefined
    if (failure) return this.#fail(put, failure)
    if (sins.acksEarly) this.#process.after(60, () => disk.write(put.batch))
    else disk.write(put.batch)
    ends.durable++
    // What is written may be heard of later, and a crash come between.
    this.#process.after(disk.chance.below(2) * disk.chance.next(), () => {
      this.#head = Math.max(this.#head, put.expectedHead + put.batch.length)
      put.resolve()
    })
  }

  #fail(put: Put, failure: Failure): void {
    if (failure === 'after') this.#disk.write(put.batch)
    this.#disk.ends[failure]++
    this.#broken = new AppendUnknownError(new Error(`the simulated disk failed ${failure} a write`))
    this.brokenAt = this.#process.runtime.elapsed()
    put.reject(this.#broken)
  }
}

function withoutCommandId(event: RecordedEvent): RecordedEvent {
  return { ...event, commandId: null, commandHash: null }
}
