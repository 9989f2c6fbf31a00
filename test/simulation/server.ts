/** The engine as a process: started, stopped, killed, and started again on the same disk. */
import { isDeepStrictEqual } from 'node:util'
import { type Config, type Engine, openEngine } from '../../src/index.ts'
import { notAsExpected, Violation } from './model/ledger.ts'
import { SimProcess } from './world/clock.ts'
import { SimLog } from './world/disk.ts'
import type { World } from './world.ts'

export class SimServer {
  readonly #world: World
  readonly #limits: Partial<Config>
  #process: SimProcess | undefined
  #log: SimLog | undefined
  #engine: Engine | undefined
  #isStopping = false
  #hasFaulted = false
  #isOver = false
  #starts = 0
  /** Up to which event the engine's views were looked at. */
  #checked = 0
  /** The newest event that any engine has shown. */
  shown = 0
  readonly counts = { starts: 0, kills: 0, stops: 0, faults: 0 }

  constructor(world: World, limits: Partial<Config>) {
    this.#world = world
    this.#limits = limits
  }

  /** The engine, while it is open. */
  get engine(): Engine | undefined {
    return this.#process?.isAlive ? this.#engine : undefined
  }

  /** True where it runs and is not about to end. */
  get isUp(): boolean {
    return this.engine !== undefined && !this.#isStopping
  }

  /** True while its process lives. */
  get isAlive(): boolean {
    return this.#process?.isAlive === true
  }

  start(): void {
    if (this.isAlive || this.#isOver) return
    const world = this.#world
    const name = `server-${++this.#starts}`
    const process = new SimProcess(name, world.clock, world.seed + this.#starts, () => world.skewMs)
    const log = new SimLog(world.disk, process)
    this.counts.starts++
    this.#process = process
    this.#log = log
    this.#engine = undefined
    this.#isStopping = false
    this.#hasFaulted = false
    world.trace(`${name} starts, with the log at ${world.disk.head}`)
    const complain = (fields: object, message: string) => this.#complain(process, fields, message)
    const opening = openEngine({
      ...{ log, runtime: process.runtime, limits: this.#limits, listen: {} },
      openPort: world.network.openPort(process),
      logger: { debug: nothing, info: nothing, warn: complain, error: complain },
      onFault: (fault) => this.#faulted(process, fault),
    })
    opening.then(
      (engine) => {
        if (process.isAlive) this.#opened(engine)
      },
      (error) => world.wrong(`the engine did not open: ${String(error)}`),
    )
  }

  /** Ends it at once. What it was writing may have got to the disk, or not. */
  kill(isTold: boolean): void {
    const process = this.#process
    if (!process?.isAlive) return
    this.counts.kills++
    this.#world.trace('the server is killed')
    this.#die(process, isTold)
  }

  /** Ends it at once, at a moment at which it is writing. */
  killWhileWriting(isTold: boolean): void {
    const { disk, clock } = this.#world
    disk.onAppend = () => {
      disk.onAppend = undefined
      clock.after(disk.chance.next() * disk.flushMsMax, () => this.kill(isTold))
    }
  }

  /** Ends it in good order; one that does not end in time is killed. */
  stop(): void {
    const { engine } = this
    const process = this.#process
    if (!engine || !process || this.#isStopping) return
    this.counts.stops++
    this.#isStopping = true
    this.#world.trace('the server stops')
    let isClosed = false
    const closed = () => {
      isClosed = true
      if (process.isAlive) this.#die(process, true)
    }
    engine.close().then(closed, (error) => this.#world.wrong(`it does not close: ${error}`))
    process.after(closeMsMax, () => {
      if (!isClosed) this.#world.wrong(`the engine has not closed in ${closeMsMax} ms`)
    })
  }

  /** Stops it for good. */
  end(): void {
    this.#isOver = true
    this.stop()
  }

  /** Holds what the engine shows against what is true. */
  check(): void {
    const { engine } = this
    if (!engine) return
    const { ledger, disk, clock } = this.#world
    const { eventId } = engine
    if (eventId > disk.head) {
      throw new Violation(`event ${eventId} is shown, and the log ends with ${disk.head}`)
    }
    if (eventId < this.#checked) throw new Violation(`the view went back to event ${eventId}`)
    const changed = new Set<string>()
    while (this.#checked < eventId) changed.add(ledger.event(++this.#checked)!.orderId)
    for (const orderId of changed) {
      const [is, expected] = [engine.get(orderId), ledger.viewAt(orderId, eventId)]
      if (!isDeepStrictEqual(is, expected)) throw notAsExpected(orderId, is, expected)
    }
    this.shown = Math.max(this.shown, eventId)
    const brokenMs = clock.now - (this.#log?.brokenAt ?? clock.now)
    if (brokenMs > stopMsMax && !this.#hasFaulted) {
      throw new Violation('an append has failed for good, and the writer has not stopped')
    }
  }

  /** Holds all that the engine shows against what is true. */
  checkAll(): void {
    const { engine } = this
    if (!engine) return
    const expected = this.#world.ledger.viewsAt(engine.eventId)
    const views = engine.list({ limit: Number.MAX_SAFE_INTEGER }).orders
    const is = new Map(views.map((view) => [view.orderId, view]))
    if (!isDeepStrictEqual(is, expected) || !isDeepStrictEqual([...is], [...expected])) {
      throw new Violation('the list of orders is not that of the log')
    }
  }

  #opened(engine: Engine): void {
    const { disk, ledger } = this.#world
    this.#engine = engine
    ledger.follow()
    if (engine.eventId !== disk.head) {
      this.#world.wrong(`it begins with event ${engine.eventId}, and the log has ${disk.head}`)
    }
    this.#checked = engine.eventId
    this.#world.trace(`the server is ready, at event ${engine.eventId}`)
    this.#world.attempt(() => this.checkAll())
    let last = engine.eventId
    engine.subscribe((views) => {
      for (const view of views) {
        if (view.eventId !== last + 1) {
          this.#world.wrong(`a subscriber is told event ${view.eventId} after ${last}`)
        }
        last = view.eventId
      }
    })
  }

  /** The writer stops only where it cannot know; whoever runs it then ends it, and starts it again. */
  #faulted(process: SimProcess, fault: Error): void {
    this.counts.faults++
    this.#hasFaulted = true
    this.#world.trace(`the writer stops: ${fault.message}`)
    if (!this.#log?.broken) this.#world.wrong(`the writer stops for no reason: ${fault.message}`)
    process.after(0, () => this.stop())
  }

  #complain(process: SimProcess, fields: object, message: string): void {
    if (message === 'the writer stopped' && this.#log?.broken) return
    if (message === 'connection refused' || !process.isAlive) return
    this.#world.wrong(`a line of the log says "${message}": ${JSON.stringify(fields)}`)
  }

  #die(process: SimProcess, isTold: boolean): void {
    process.kill()
    this.#log?.crash()
    this.#engine = undefined
    this.#world.network.serverDied(process, isTold)
    const { clock, trace } = this.#world
    trace('the server is gone')
    if (!this.#isOver) clock.after(this.#world.restartMs(), () => this.start())
  }
}

/** Time in which the writer must have stopped after an append of which nobody knows. */
const stopMsMax = 2000
/** More than a server takes to end, with whatever cuts off its sockets. */
const closeMsMax = 8000

const nothing = () => {}
