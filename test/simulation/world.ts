/** All that a simulation is made of, from one seed. */

import { Shopper } from './clients/shopper.ts'
import { Ledger } from './model/ledger.ts'
import { SimServer } from './server.ts'
import { SimClock, streamOf } from './world/clock.ts'
import { type DiskSins, SimDisk } from './world/disk.ts'
import { type NetworkSins, SimNetwork } from './world/network.ts'
import { traitsOf } from './world/traits.ts'

/** What the world itself does wrong, for showing that the checks find it. */
export type Sins = DiskSins & NetworkSins

export type Trace = (line: string) => void

export class World {
  readonly seed: number
  readonly clock = new SimClock()
  readonly disk: SimDisk
  readonly network: SimNetwork
  readonly ledger: Ledger
  readonly server: SimServer
  readonly shoppers: readonly Shopper[]
  /** Edges of the order's machine that orders have taken. */
  readonly edges = new Set<string>()
  /** How far the server's clock on the wall is off. */
  skewMs = 0
  /** What was found wrong first. */
  found: string | undefined
  readonly #trace: Trace | undefined
  readonly #chance

  constructor(seed: number, sins: Sins, trace: Trace | undefined) {
    const traits = traitsOf(seed)
    const { firstEventId, latencyMsMax, latecomers } = traits
    const { clock } = this
    this.seed = seed
    this.#trace = trace
    this.#chance = streamOf(seed, 'world')
    this.disk = new SimDisk(firstEventId, streamOf(seed, 'disk'), sins)
    this.network = new SimNetwork(clock, seed, { latencyMsMax, latecomers }, sins)
    this.ledger = new Ledger(this.disk)
    this.trace(`limits ${JSON.stringify(traits.limits)}, frames up to ${latencyMsMax} ms`)
    this.server = new SimServer(this, traits.limits)
    this.server.start()
    const names = ['ann', 'bob', 'cid'].slice(0, traits.shoppers)
    this.shoppers = names.map((name) => new Shopper(name, this))
  }

  readonly trace: Trace = (line) =>
    this.#trace?.(`${this.clock.now.toFixed(3).padStart(12)} ${line}`)

  /** How long until a server that has ended is started again, this time. */
  restartMs(): number {
    return this.#chance.next() ** 2 * 2000
  }

  /** Something is not as it must be: the simulation ends. */
  wrong(what: unknown): void {
    if (this.found !== undefined) return
    this.found = what instanceof Error ? describe(what) : String(what)
    this.trace(`WRONG: ${this.found}`)
  }

  /** Runs a check; what it throws is wrong. */
  attempt(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.wrong(error)
    }
  }
}

function describe(error: Error): string {
  return error.name === 'Violation' ? error.message : (error.stack ?? String(error))
}
