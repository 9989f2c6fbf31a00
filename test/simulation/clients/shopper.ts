/** A program with the SDK: it sends commands, walks orders through their lives, reads and watches. */
import { type Client, ClientError, connect, type SubmitOptions } from '../../../src/client/index.ts'
import type { Chance } from '../../soak/chance.ts'
import { isOfOrder, type Submission, Violation } from '../model/ledger.ts'
import type { PathStep } from '../model/paths.ts'
import type { PlannedCommand } from '../plan.ts'
import { streamOf } from '../world/clock.ts'
import type { World } from '../world.ts'
import { Reading } from './reading.ts'
import { type Watched, Watching } from './watching.ts'

export class Shopper {
  readonly name: string
  readonly client: Client
  readonly #world: World
  readonly #chance: Chance
  readonly #watching: Watching
  readonly #reading: Reading
  #underWay = 0

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.#chance = streamOf(world.seed, name)
    const canTerminate = this.#chance.below(2) === 0
    this.client = connect('ws://simulated/ws', {
      client: name,
      timers: world.clock,
      random: this.#chance.next,
      socket: () => world.network.dial(name, canTerminate),
    })
    this.client.onState(({ state }) => world.trace(`${name} is ${state}`))
    this.#reading = new Reading(name, this.client, world)
    this.#watching = new Watching(name, this.client, world, this.#chance)
    this.watch({})
    this.watchEvents()
  }

  /** Sends a command, and has what it is told checked. Resolves with the reason if it is no receipt. */
  submit(command: PlannedCommand): Promise<string | undefined> {
    const { method, params, commandId } = command
    const submission = this.#world.ledger.send(this.name, method, params, commandId)
    this.#world.trace(`${this.name} asks ${method} ${commandId} of ${submission.orderId}`)
    return this.#work(async () => {
      const reason = await this.#answerTo(submission, this.#optionsOf(command))
      this.#world.trace(`${this.name} is told of ${commandId}: ${reason ?? 'receipt'}`)
      return reason
    })
  }

  /** Walks a new order of its own along a path of the machine, each step until it is done. */
  walk(orderId: string, path: readonly PathStep[]): void {
    void this.#work(async () => {
      for (const [index, { method, params, edges }] of path.entries()) {
        const commandId = `${orderId}-c${index}`
        await this.#stepUntilDone(method, { ...params, orderId }, commandId)
        for (const edge of edges) this.#world.edges.add(edge)
      }
    })
  }

  read(orderId: string): void {
    void this.#work(() => this.#reading.readOrder(orderId))
    void this.#work(() => this.#reading.readAll())
  }

  watch(filter: Watched): void {
    this.#watching.views(filter)
  }

  /** Watches all events from the first on, or one order's. */
  watchEvents(orderId?: string): void {
    this.#watching.events(this.#world.disk.firstEventId - 1, orderId)
  }

  /** What is still missing before it is as the server is; undefined where nothing is. */
  lacks(): string | undefined {
    if (this.#underWay > 0) return `${this.name} waits for ${this.#underWay} answers`
    if (this.client.state !== 'live') return `${this.name} is ${this.client.state}`
    return this.#watching.lacks()
  }

  async #stepUntilDone(method: string, params: Record<string, any>, commandId: string) {
    for (;;) {
      const reason = await this.submit({ method, params, commandId })
      if (reason === undefined) return
      if (isOfOrder(reason)) {
        throw new Violation(`${commandId} (${method}) is refused with ${reason} on a legal path`)
      }
      await this.#pause(500 * this.#chance.next())
    }
  }

  #optionsOf({ commandId, giveUpAfterMs, abortAfterMs }: PlannedCommand): SubmitOptions {
    const limits = { commandId, ...(giveUpAfterMs !== undefined && { giveUpAfterMs }) }
    if (abortAfterMs === undefined) return limits
    const stop = new AbortController()
    this.#world.clock.after(abortAfterMs, () => stop.abort())
    return { ...limits, signal: stop.signal }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((done) => this.#world.clock.after(ms, done))
  }

  async #answerTo(submission: Submission, options: SubmitOptions): Promise<string | undefined> {
    const { ledger, server } = this.#world
    const { method, params } = submission
    try {
      const answer = await this.client.submit(method as 'order.ship', params as never, options)
      if ('refused' in answer) return this.#refused(submission, answer.refused, answer.outcome)
      ledger.receipt(submission, answer)
      if (server.shown < answer.eventId) {
        throw new Violation(`the receipt of event ${answer.eventId} came before it is shown`)
      }
      return undefined
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      if (unexpected.has(error.reason)) throw new Violation(`${this.name}: ${String(error)}`)
      return this.#refused(submission, error.reason, error.outcome)
    }
  }

  #refused(submission: Submission, reason: string, outcome: string): string {
    const { ledger } = this.#world
    if (outcome === 'unknown') ledger.unknown(submission)
    else ledger.notApplied(submission, reason)
    return reason
  }

  /** Something is under way until it is done; what goes wrong in it is told. */
  async #work<T>(run: () => Promise<T>): Promise<T | undefined> {
    this.#underWay++
    try {
      return await run()
    } catch (error) {
      this.#world.wrong(error)
      return undefined
    } finally {
      this.#underWay--
    }
  }
}

/** None of them may come of what the simulation does. */
const unexpected = new Set(['INTERNAL', 'INVALID_PARAMS', 'UNKNOWN_METHOD', 'REJECTED'])
