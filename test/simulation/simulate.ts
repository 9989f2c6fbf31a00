/** Runs one simulation to its end, and looks at everything after each step. */

import type { Shopper } from './clients/shopper.ts'
import { coveringPaths, type PathStep } from './model/paths.ts'
import { type Action, type PlannedStep, planOf } from './plan.ts'
import { type Sins, type Trace, World } from './world.ts'

export interface SimulateOptions {
  readonly seed: number
  /** The steps of the plan to take, by number; all unless given. */
  readonly only?: readonly number[] | undefined
  readonly sins?: Sins
  readonly trace?: Trace | undefined
}

export interface Simulated {
  readonly seed: number
  /** What was found wrong; undefined where all is well. */
  readonly wrong: string | undefined
  /** How many steps the plan has, those that were left out included. */
  readonly planned: number
  readonly edges: ReadonlySet<string>
  readonly counts: Readonly<Record<string, number>>
}

/** Time to come to rest after the last step: connections are lost, and found to be lost, one after the other. */
const restMsMax = 200_000
/** Time between two looks whether it has. */
const restLookMs = 50
/** Time in which all is closed, and nothing is left running. */
const endMsMax = 30_000

let paths: readonly (readonly PathStep[])[] | undefined

export async function simulate(options: SimulateOptions): Promise<Simulated> {
  const { seed, only, sins = {}, trace } = options
  paths ??= coveringPaths()
  const plan = planOf(seed, paths.length)
  const world = new World(seed, sins, trace)
  const onRejection = (error: unknown) => world.wrong(error)
  process.on('unhandledRejection', onRejection)
  try {
    for (const [number, step] of plan.entries()) {
      if (only && !only.includes(number)) continue
      world.clock.after(step.at, () => act(world, number, step))
    }
    await run(world, plan.at(-1)!.at)
  } finally {
    process.off('unhandledRejection', onRejection)
  }
  const { found, edges } = world
  return { seed, wrong: found, planned: plan.length, edges, counts: countsOf(world) }
}

async function run(world: World, planEnd: number): Promise<void> {
  let isCalm = false
  let lookAt = 0
  const { clock } = world
  clock.after(planEnd, () => {
    calm(world)
    isCalm = true
  })
  const isAtRest = () => {
    if (!isCalm || clock.now < lookAt) return false
    lookAt = clock.now + restLookMs
    const lacks = lackOf(world)
    if (lacks !== undefined && clock.now > planEnd + restMsMax) {
      world.wrong(`after ${restMsMax} ms without trouble, ${lacks}`)
    }
    return lacks === undefined
  }
  if (!(await goOn(world, isAtRest))) return
  world.trace('all is at rest')
  world.attempt(() => world.server.checkAll())
  for (const { client } of world.shoppers) client.close()
  world.server.end()
  const endAt = clock.now + endMsMax
  const isOver = () => {
    if (clock.now > endAt) world.wrong(`${clock.pending} timers are left when all is closed`)
    return !world.server.isAlive && clock.pending === 0
  }
  await goOn(world, isOver)
}

/** Takes one thing after the other, in the order of time, until it is enough; false where it is wrong. */
async function goOn(world: World, isEnough: () => boolean): Promise<boolean> {
  const { clock, ledger, server } = world
  await settled()
  while (world.found === undefined && !isEnough()) {
    let isNothing = false
    world.attempt(() => {
      isNothing = !clock.step()
    })
    if (isNothing) world.wrong(`nothing is due, and ${lackOf(world) ?? 'it is not over'}`)
    await settled()
    world.attempt(() => {
      ledger.follow()
      server.check()
    })
  }
  return world.found === undefined
}

/** Lets everything run that waits for nothing but promises. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

function act(world: World, number: number, { action }: PlannedStep): void {
  world.trace(`step ${number}: ${JSON.stringify(action)}`)
  const { server, disk, network, clock } = world
  const shopper = (index: number) => world.shoppers[index % world.shoppers.length]!
  switch (action.does) {
    case 'submit':
      return submit(action, shopper)
    case 'walk':
      return shopper(action.by).walk(action.orderId, paths![action.path]!)
    case 'read':
      return shopper(action.by).read(action.orderId)
    case 'watch':
      return shopper(action.by).watch(action.filter)
    case 'watch events':
      return shopper(action.by).watchEvents(action.orderId)
    case 'cut':
      return network.cut(shopper(action.at).name, action.how)
    case 'stall':
      return network.stall(shopper(action.at).name, action.ms)
    case 'fail':
      disk.failNext = action.failure
      return
    case 'fill':
      disk.isFull = true
      clock.after(action.ms, () => {
        disk.isFull = false
      })
      return
    case 'slow':
      disk.flushMsMax = action.flushMsMax
      clock.after(action.ms, () => {
        disk.flushMsMax = 2
      })
      return
    case 'kill':
      if (action.when === 'now') return server.kill(action.isTold)
      return server.killWhileWriting(action.isTold)
    case 'stop':
      return server.stop()
    case 'skew':
      world.skewMs += action.ms
  }
}

function submit(
  { by, command }: Extract<Action, { does: 'submit' }>,
  shopper: (index: number) => Shopper,
): void {
  for (const index of by) void shopper(index).submit(command)
}

/** From here on nothing fails by itself: all must come right. */
function calm({ disk, trace }: World): void {
  trace('nothing goes wrong any more')
  disk.isFull = false
  disk.failNext = undefined
  disk.onAppend = undefined
  disk.flushMsMax = 2
}

function lackOf({ server, disk, shoppers }: World): string | undefined {
  if (!server.isUp) return 'the server is not up'
  if (server.shown < disk.head) return `event ${server.shown} is shown of ${disk.head}`
  for (const shopper of shoppers) {
    const lacks = shopper.lacks()
    if (lacks !== undefined) return lacks
  }
  return undefined
}

function countsOf({ ledger, disk, network, server }: World): Record<string, number> {
  const { submissions } = ledger
  const told = (how: string) => submissions.filter((one) => one.told === how).length
  const { starts, kills, stops, faults } = server.counts
  const { dials, cut: cuts, frames } = network.counts
  return {
    ...{ commands: submissions.length, receipts: told('receipt'), refusals: told('not applied') },
    ...{ unknown: told('unknown'), events: ledger.events.length, orders: ledger.orders.size },
    ...{ starts, kills, stops, faults, dials, cuts, frames },
    ...{ appends: disk.ends.durable, full: disk.ends.full },
    ...{ failedBefore: disk.ends.before, failedAfter: disk.ends.after, torn: disk.ends.lost },
  }
}
